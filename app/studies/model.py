"""What the Studies page shows, as plain values: the list of studies, disk use, the engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.ui.formatting import amount, count, listed, share
from core.costs import Unit
from core.jobs.quota import DiskUse, Space
from core.jobs.states import JobState
from core.studies.study_list import ListedStudy

# Label and description of each kind of file.
SPACES: Mapping[Space, tuple[str, str]] = {
    Space.CACHE: (
        "Data cache",
        "Preprocessed images and targets. Generated or read again when needed.",
    ),
    Space.CHECKPOINTS: (
        "Checkpoints",
        "Unfinished runs resume from them. Those of finished runs are no longer needed.",
    ),
    Space.WEIGHTS: (
        "Trained weights",
        "Saved on request. Results are kept; the weights can only be recreated by training again.",
    ),
    Space.ARTEFACTS: ("Tables and images", "Files of studies. Those of deleted studies can be removed."),
    Space.DATABASE: ("Database", "Studies and results. Space of deleted studies can be released."),
    Space.LOG: ("Log", "Log of the jobs host. Only needed to diagnose faults."),
}
_TASKS_SHOWN = 5
_WINDOW = 300.0


def kind_words(line: ListedStudy) -> str:
    """Return the origin of a study."""
    if line.kind == "table":
        return "table, imported"
    return "measured, bundled" if line.bundled else "measured"


def task_words(names: Sequence[str]) -> str:
    """Return the tasks of a study in a few words.

    >>> task_words(["depth", "edges"]), task_words([f"t{i}" for i in range(40)])
    ('depth and edges', '40: t0, t1, t2, t3, t4 …')
    """
    if not names:
        return "–"
    if len(names) <= _TASKS_SHOWN:
        return listed(names)
    return f"{len(names)}: {', '.join(names[:_TASKS_SHOWN])} …"


def study_table(lines: Sequence[ListedStudy], sizes: Sequence[int]) -> dict[str, list[str]]:
    """Return the list of studies as columns; few enough that none is cut off on a small screen.

    Args:
        lines: The studies.
        sizes: Bytes that each takes.
    """
    return {
        "study": [line.title for line in lines],
        "name": [line.name for line in lines],
        "tasks": [count(len(line.task_names)) for line in lines],
        "trainings done": [_done_words(line) for line in lines],
        "size": [amount(size, Unit.BYTES) for size in sizes],
    }


def _done_words(line: ListedStudy) -> str:
    if not line.n_runs:
        return "table"
    failed = f", {count(line.n_failed)} failed" if line.n_failed else ""
    return f"{count(line.n_done)} of {count(line.n_runs)}{failed}"


def disk_table(found: DiskUse) -> dict[str, list[object]]:
    """Return the use of the disk as columns."""
    return {
        "kind of file": [SPACES[use.space][0] for use in found.uses],
        "files": [use.n_files for use in found.uses],
        "size": [size_words(use.n_bytes) for use in found.uses],
        "can be removed": [size_words(use.n_removable) for use in found.uses],
        "description": [SPACES[use.space][1] for use in found.uses],
    }


def quota_words(found: DiskUse) -> str:
    """Return how much of the quota is in use."""
    used = found.n_bytes / found.quota
    part = "less than 0.1 %" if 0 < used < 0.001 else share(used)
    return f"{size_words(found.n_bytes)} of {size_words(found.quota)} in use, {part}"


def size_words(n_bytes: int) -> str:
    """Return a size on disk.

    >>> size_words(0), size_words(2048), size_words(3_210_000_000)
    ('0 B', '2.05 kB', '3.21 GB')
    """
    return amount(n_bytes, Unit.BYTES)


def queue_lines(counts: Mapping[JobState, int]) -> list[tuple[str, int, str]]:
    """Return state, number of runs and what the state means, states without any left out.

    Args:
        counts: State → number of runs.
    """
    return [(str(state), counts[state], state.sentence) for state in JobState if counts.get(state)]


def busy_share(report: Mapping[str, Any], seconds_alive: float, running: Sequence[float] = ()) -> float | None:
    """Return the share of the last five minutes in which workers were training, 0 to 1; None if unknown.

    Args:
        report: Last report of the host.
        seconds_alive: How long it has been there.
        running: For how many seconds each training at work has been going on.
    """
    n_slots = sum(int(worker["threads"]) for worker in report.get("workers", ()))
    if not n_slots or seconds_alive < 1:
        return None
    window = min(seconds_alive, _WINDOW)
    busy = float(report.get("busy_5_minutes", 0.0)) + sum(min(seconds, window) for seconds in running)
    # A training that ended in these minutes may have begun before them.
    return min(busy / (window * n_slots), 1.0)


def place_words(owner: str) -> str:
    """Return where a host runs.

    >>> place_words("lab/4711/ab12")
    'process 4711 on lab'
    """
    machine, _, process = owner.rpartition("/")[0].rpartition("/")
    return f"process {process} on {machine}"
