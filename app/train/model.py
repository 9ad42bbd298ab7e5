"""What can be trained, and what came of it, as values without Streamlit."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.jobs.train_link import What
from app.ui.formatting import count, layout_sentence, listed
from core.errors import LayoutError
from core.families.layouts.predictions import BudgetView
from core.jobs.ask import Plan
from core.jobs.graph import Request
from core.jobs.jobs_reader import JobLine
from core.jobs.lease import HostLine
from core.jobs.states import ACTIVE, JobState
from core.layouts import Layout
from core.selection.measure_next import NextRun
from core.studies.measurements import EVERY_TASK_ON
from core.studies.result import RunResult
from core.studies.specification import StudySpecification
from core.studies.tree_runs import BRANCH, NETWORK_OF_ITS_OWN, ONTO_THE_TREE, TREE_OF
from core.tasks import Task

FIRST_ORACLE_SEED = 100
# A gain smaller than this is printed as nothing.
SMALLEST_GAIN = 0.005
_FINISHING = 0.999


# What can be trained of a study of one data set; of several data sets it is trees.
OF_ONE_SET = tuple(what for what in What if what is not What.TREE)


def table_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for the table: the study's own first, then the next that judge nothing."""
    own = specification.table.seeds if specification.table else ()
    return _seeds(own, specification.oracle.seeds if specification.oracle else (), n, 0)


def affinity_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for recombined networks: first those measured, then those of the table, which they use."""
    own = specification.affinity.seeds if specification.affinity else ()
    table = table_seeds(specification, n + len(own))
    return tuple(dict.fromkeys([*own, *table]))[:n]


def tree_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for trees: the study's own first, then the next."""
    return _seeds(specification.treednn.seeds if specification.treednn else (), (), n, 0)


def oracle_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for layouts: the study's own first, then the next that the table never saw."""
    own = specification.oracle.seeds if specification.oracle else ()
    return _seeds(own, specification.table.seeds if specification.table else (), n, FIRST_ORACLE_SEED)


def _seeds(own: Sequence[int], taken: Sequence[int], n: int, first: int) -> tuple[int, ...]:
    found = [*own][:n]
    fresh = max([first - 1, *own]) + 1
    while len(found) < n:
        if fresh not in taken:
            found.append(fresh)
        fresh += 1
    return tuple(found)


def seeds_sentence(what: What, seeds: Sequence[int]) -> str:
    """Return in words which seeds are trained, and why these."""
    named = f"Seed{'s' if len(seeds) > 1 else ''} {listed([str(seed) for seed in seeds])}"
    if what is What.LAYOUTS:
        return f"{named}; the table never sees them, so that predictions are judged fairly."
    if what is What.AFFINITY:
        return f"{named}; the single-task networks of these seeds are taken apart and put together anew."
    if what is What.TREE:
        return f"{named}; from each a tree, its branches and its rivals start with the same weights."
    return f"{named}; no layout that judges the predictions is trained from them."


def sample(view: BudgetView, n: int, known: Sequence[Layout] = ()) -> list[Layout]:
    """Return n layouts that lie far apart on the plane of cost against Δ, half of them from the front.

    Args:
        view: The plane.
        n: How many.
        known: Layouts that are trained already; they are left out while others remain.

    Returns:
        The best predicted layout first, then always the one farthest from those chosen before it.
    """
    trained, rows = set(known), [*view.front, *view.cloud]
    fresh = [choice for choice in rows if choice.layout not in trained]
    rows = fresh if len(fresh) >= n else [*fresh, *(choice for choice in rows if choice.layout in trained)]
    if not rows:
        return []
    points = np.array([[choice.cost, choice.score] for choice in rows])
    points = (points - points.min(axis=0)) / np.where(np.ptp(points, axis=0) > 0, np.ptp(points, axis=0), 1.0)
    front = {choice.layout for choice in view.front}
    on_front = np.array([choice.layout in front for choice in rows])
    chosen = [int(np.argmax([choice.score for choice in rows]))]
    far = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(n, len(rows)):
        far[chosen] = -1.0
        wanted = on_front & (far >= 0)
        place = int(np.argmax(np.where(wanted, far, -1.0) if wanted.any() and len(chosen) < (n + 1) // 2 else far))
        chosen.append(place)
        far = np.where(far < 0, far, np.minimum(far, np.linalg.norm(points - points[place], axis=1)))
    return [rows[place].layout for place in chosen]


def worth_measuring(runs: Sequence[NextRun], n: int) -> list[NextRun]:
    """Return the n runs that could change the recommendation most, without those that could not."""
    return [run for run in runs if run.gain >= SMALLEST_GAIN][:n]


def next_sentence(run: NextRun, tasks: Sequence[str]) -> str:
    """Return in words which two-task run it is and why it is worth making."""
    pair = listed([tasks[task] for task in run.tasks])
    why = "one more seed" if run.measured else "never measured"
    return f"{pair}, sharing {blocks_shared(run.branch_point)} ({why})"


def blocks_shared(branch_point: int) -> str:
    """Return a branch point in words."""
    return "the first block" if branch_point == 1 else f"the first {branch_point} blocks"


def next_request(specification: StudySpecification, runs: Sequence[NextRun], *, one_more: bool) -> Request:
    """Return the request for some two-task runs.

    Args:
        specification: The study.
        runs: Which.
        one_more: Whether to take a seed beyond the study's own.
    """
    n_own = len(specification.table.seeds) if specification.table else 1
    seeds = table_seeds(specification, n_own + one_more)
    return Request(table=seeds, pairs=tuple((*run.tasks, run.branch_point) for run in runs))


def plan_sentences(plan: Plan, workers: int) -> list[str]:
    """Return in words what a request takes beside the number of its new runs."""
    said = []
    if plan.n_done:
        said.append(f"{_runs(plan.n_done)} done already; nothing is trained twice.")
    if plan.n_waiting:
        said.append(f"{_runs(plan.n_waiting)} in the queue already.")
    if not plan.n_new:
        return said
    if plan.seconds is None:
        said.append("How long they take is not known yet: no run was made on this machine so far.")
    else:
        said.append(
            f"Estimated from {_runs(plan.n_timed)} made on this machine, with {workers} at a time."
            if workers > 1
            else f"Estimated from {_runs(plan.n_timed)} made on this machine."
        )
    return said


def _runs(n: int) -> str:
    return f"{count(n)} run{'' if n == 1 else 's'}"


def training_sentence(specification: StudySpecification) -> str:
    """Return in words how every network of a study is trained."""
    asked = specification.training
    pictures = getattr(specification.dataset, "n_train", None)
    optimiser = {"adamw": "AdamW", "sgd": "SGD"}[asked.optimizer]
    schedule = {"one-cycle": "a one-cycle schedule", "step": "a step schedule"}[asked.schedule]
    parts = [
        _epochs(asked.epochs)
        + (f" of {count(pictures)} pictures" if pictures else "")
        + f" in batches of {asked.batch_size}",
        f"{optimiser} with {schedule} up to a learning rate of {asked.learning_rate:g}",
    ]
    if asked.average:
        parts.append(f"weights averaged with decay {asked.average:g}")
    if asked.patience:
        parts.append(f"stopped after {asked.patience} epochs without improvement")
    if specification.treednn is not None:
        parts[0] += f" in the first phase, {_epochs(specification.treednn.epochs)} in the second"
    return f"{'; '.join(parts)}."


def _epochs(n: int) -> str:
    return f"{n} epoch{'' if n == 1 else 's'}"


def run_words(title: str) -> str:
    """Return the title of a run as a person says it.

    >>> run_words("depth · seed 3"), run_words("a,b | a,b | a;b · seed 0")
    ('depth alone · seed 3', 'a and b sharing 2 of 3 blocks · seed 0')
    """
    what, mark, seed = title.rpartition(" · seed ")
    if not mark or not what:
        return title
    if what.startswith(EVERY_TASK_ON):
        source, _, depth = what.removeprefix(EVERY_TASK_ON).rpartition(" up to block ")
        return f"Every task on {source}’s features after block {depth} · seed {seed}"
    if what == "how alike the tasks are":
        return f"How alike the tasks are · seed {seed}"
    if what.startswith((TREE_OF, BRANCH, NETWORK_OF_ITS_OWN)) or what.endswith(ONTO_THE_TREE):
        return f"{what[0].upper()}{what[1:]} · seed {seed}"
    if "|" not in what and "," not in what:
        return f"{what} alone · seed {seed}"
    names = [name.strip() for group in what.split("|")[0].split(";") for name in group.split(",")]
    try:
        layout = Layout.parse(what, names)
    except LayoutError:
        return title
    return f"{_layout_words(layout, names)} · seed {seed}"


def words_and_seed(title: str) -> tuple[str, str]:
    """Return the title of a run as a person says it, and apart from it the seed; empty where it has none.

    >>> words_and_seed("depth · seed 3"), words_and_seed("switching between 2 branches of resnet18")
    (('depth alone', '3'), ('Switching between 2 branches of resnet18', ''))
    """
    words, mark, seed = run_words(title).rpartition(" · seed ")
    return (words, seed) if mark else (seed[:1].upper() + seed[1:], "")


def _layout_words(layout: Layout, names: Sequence[str]) -> str:
    if layout.n_tasks == 2:
        shared = int(layout.branch_points()[0, 1])
        return f"{listed(names)} sharing {shared} of {layout.n_blocks} blocks"
    if layout == Layout.all_shared(layout.n_tasks, layout.n_blocks):
        return f"{listed(names)} sharing all blocks" if len(names) <= 4 else f"{len(names)} tasks sharing all blocks"
    return layout_sentence(layout, names)


def counts_sentence(counts: Mapping[JobState, int]) -> str:
    """Return how many runs are in each state, the lively ones first; empty where there are none."""
    return " · ".join(f"{counts[state]} {state.value}" for state in SHOWN_STATES if counts[state])


SHOWN_STATES = (
    JobState.RUNNING,
    JobState.CANCELLING,
    JobState.QUEUED,
    JobState.WAITING,
    JobState.INTERRUPTED,
    JobState.DONE,
    JobState.FAILED,
    JobState.SKIPPED,
    JobState.CANCELLED,
)


def host_sentence(host: HostLine | None, n_active: int, *, starting: bool = False) -> tuple[str, bool]:
    """Return in words what the host is doing, and whether somebody has to start one.

    Args:
        host: Whoever holds the lease, or None.
        n_active: Runs that are queued, waiting or at work.
        starting: Whether a host was started that does not hold the lease yet.
    """
    if host is None or not host.alive:
        if not n_active:
            return "Nothing to do: training starts by itself when you submit runs.", False
        if starting:
            return "Starting a process that trains …", False
        what = f"{_runs(n_active)} {'is' if n_active == 1 else 'are'} left"
        gone = "the process that trained them has ended" if host is not None else "nothing is training them"
        return f"{what}, but {gone}. What is done is safe; Resume goes on from there.", True
    workers = host.report.get("workers", [])
    if not workers or (n_active and not host.report.get("at_work")):
        if not n_active:
            return "Ready and waiting; it ends by itself after two minutes without work.", False
        return "Starting: the workers load the training library, which takes some seconds.", False
    if not n_active:
        return "Ready and waiting; it ends by itself after two minutes without work.", False
    n, at_work = len(workers), int(host.report.get("at_work", 0))
    return f"Training {_runs(at_work)} on {n} worker{'' if n == 1 else 's'}.", False


def line_seconds(line: JobLine, now: float) -> float | None:
    """Return how long a run took, or has taken so far; None where it has not begun."""
    if line.started is None or line.state in (JobState.QUEUED, JobState.WAITING):
        return None
    if line.state in (JobState.RUNNING, JobState.CANCELLING):
        return max(now - line.started, 0.0)
    if line.finished is not None and line.finished >= line.started:
        return line.finished - line.started
    return None


def can_cancel(line: JobLine) -> bool:
    """Return whether there is something to stop."""
    return line.state in ACTIVE and line.state is not JobState.CANCELLING


def can_retry(line: JobLine) -> bool:
    """Return whether a run ended without a result."""
    return line.state in (JobState.FAILED, JobState.CANCELLED, JobState.SKIPPED)


def retry_words(n_failed: int, n_skipped: int) -> str:
    """Return the label of the button that submits lost runs again.

    >>> retry_words(2, 0), retry_words(1, 3), retry_words(0, 3), retry_words(0, 0)
    ('Retry 2 failed', 'Retry 1 failed and 3 skipped', 'Retry 3 skipped', 'Retry failed')
    """
    parts = [f"{count(n)} {state}" for n, state in ((n_failed, "failed"), (n_skipped, "skipped")) if n]
    return f"Retry {' and '.join(parts)}" if parts else "Retry failed"


def step_words(line: JobLine) -> str:
    """Return in words how far a run at work is."""
    if line.state not in (JobState.RUNNING, JobState.CANCELLING):
        return ""
    if not line.steps:
        return "preparing"
    return "measuring" if line.fraction > _FINISHING else f"step {count(line.step)} of {count(line.steps)}"


def metric_rows(result: RunResult, tasks: Sequence[Task]) -> list[dict[str, str | float | None]]:
    """Return one row per task and metric with its values on validation and test.

    Recombined networks have no metrics; the mean of the losses that their tournaments compare stands instead.

    Args:
        result: Of one run.
        tasks: Of its study; names that are not among them are shown without a direction.
    """
    units = {(task.name, m.name): (m.unit, "↑" if m.higher_is_better else "↓") for task in tasks for m in task.metrics}
    validation, test = result.metrics.get("validation", {}), result.metrics.get("test", {})
    rows: list[dict[str, str | float | None]] = []
    for task, values in validation.items():
        for metric, value in values.items():
            unit, arrow = units.get((task, metric), ("", ""))
            rows.append(
                {
                    "task": task,
                    "metric": " ".join(filter(None, (metric, f"({unit})" if unit else "", arrow))),
                    "validation": value,
                    "test": test.get(task, {}).get(metric),
                }
            )
    for task, losses in ({} if result.losses is None else result.losses.arrays()).items():
        rows.append({"task": task, "metric": "loss ↓", "validation": float(np.nanmean(losses)), "test": None})
    return rows
