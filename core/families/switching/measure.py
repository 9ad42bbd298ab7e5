"""Switching measured on this machine: files of a tree with random weights, written, timed and removed."""

import shlex
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

from core.errors import BackboneError, StudyError
from core.families.switching.results import MeasuredSwitch
from core.families.switching.runs import SwitchingPayload, SwitchingRun
from core.families.switching.timing import measure_switching
from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployment import save_tree
from core.families.treednn.network import TreeDNN
from core.networks.plan import BackbonePlan
from core.networks.tree import count_parameters
from core.runs.result import Environment, RunResult, RunState
from core.studies.home import made
from core.tasks import Kind, Task
from core.training.environment import device_of, environment_of
from core.training.loop import Progress
from core.training.workplace import Workplace

N_CLASSES = 10
_PREFIX = ".switching-"
# Seconds after which the measurement is given up.
_ABANDONED = 3600.0


def measure_run(run: SwitchingRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a measurement of switching.

    Args:
        run: Which backbone, cut and number of branches.
        place: Where files may be written, and who receives progress.
    """
    return run_switching(run, folder=place.cache, progress=place.progress, should_stop=place.should_stop), None


def run_switching(
    run: SwitchingRun,
    *,
    folder: Path,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RunResult:
    """Return load and switch times of a backbone and cut on this machine, as the result of a run.

    Args:
        run: Which backbone, cut and number of branches.
        folder: On which disk to write; files are removed afterwards.
        progress: Called after each repeat with those made, those in all, and no losses.
        should_stop: Called before the files are written and after each repeat, which takes seconds with a large
            network.

    Raises:
        BackboneError: The backbone can't be made, or has other blocks than the ones named.
        FamilyError: The cut lies outside the backbone.
        StudyError: The folder can't be written to.
    """
    begun, environment = time.perf_counter(), environment_of(device_of(run.settings), run.settings.threads)
    if should_stop is not None and should_stop():
        return _cancelled(environment)
    plan = BackbonePlan(run.builder, run.size, (), run.stem)
    sizes = [count_parameters(block) for block in plan.blocks()]
    plan = BackbonePlan(run.builder, run.size, starts_of(sizes, run.params), run.stem)
    wanted = [
        BranchPlan(f"task {place + 1}", Task.usual(f"task {place + 1}", Kind.CLASSIFICATION, N_CLASSES), run.size)
        for place in range(run.n_branches)
    ]

    def show(repeat: int, repeats: int) -> None:
        if progress is not None:
            progress(repeat, repeats, {})
        if repeat < repeats and should_stop is not None and should_stop():
            raise _StoppedError

    _remove_abandoned(folder)
    try:
        with TemporaryDirectory(dir=made(folder), prefix=_PREFIX) as place:
            save_tree(TreeDNN.build(plan, run.cut, wanted), Path(place), plan, wanted)
            report = measure_switching(Path(place), repeats=run.repeats, progress=show)
    except _StoppedError:
        return _cancelled(environment)
    except OSError as fault:
        raise StudyError(f"{folder} can't be written to: {fault.strerror}. Free some space.") from None
    found = MeasuredSwitch(
        backbone=run.backbone,
        cut=run.cut,
        n_blocks=len(run.params),
        trunk_share=sum(run.params[: run.cut]) / (sum(run.params) or 1),
        measured=datetime.now(UTC).date(),
        command=f"Storage, Measure on this machine: {shlex.quote(run.builder)}",
        report=report,
    )
    return RunResult(
        state=RunState.DONE,
        seconds=time.perf_counter() - begun,
        params=sum(sizes),
        environment=environment,
        payload=SwitchingPayload(switching=found.document()).model_dump(mode="json"),
    )


class _StoppedError(Exception):
    """The measurement was cancelled."""


def _cancelled(environment: Environment) -> RunResult:
    return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment)


def _remove_abandoned(folder: Path) -> None:
    # A killed measurement leaves its files behind, which no quota counts.
    for left in folder.glob(f"{_PREFIX}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def starts_of(sizes: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...]:
    """Return which blocks start a block of a coarser chain; empty where the two are the same.

    Args:
        sizes: Parameters of the blocks there are.
        wanted: Parameters of the blocks of the coarser chain.

    Raises:
        BackboneError: No joining of neighbours gives these.

    >>> starts_of([5, 0, 2, 3], [5, 5]), starts_of([5, 2], [5, 2])
    ((0, 1), ())
    """
    if list(sizes) == list(wanted):
        return ()
    ends, starts, place = list(accumulate(sizes)), [0], 0
    for end in list(accumulate(wanted))[:-1]:
        place = next((at for at in range(place, len(ends)) if ends[at] == end), -1) + 1
        if not place:
            break
        starts.append(place)
    if len(starts) != len(wanted) or ends[-1] != sum(wanted) or starts[-1] >= len(sizes):
        raise BackboneError(
            f"The backbone has {len(sizes)} blocks that can't be joined to the {len(wanted)} shown. "
            "Take its blocks as they come, on the Backbone page."
        )
    return tuple(starts)
