"""Whether a result from elsewhere can be one of its run, held against what run, tasks and backbone say of it."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.backbones import Backbone
from core.errors import StudyError
from core.runs.bounds import ResultBounds, SplitSize
from core.runs.result import SPLITS, Metrics, RunResult, SampleScores, Split
from core.runs.run import Run
from core.studies.documents import LARGEST
from core.tasks import METRICS, Kind, Task

# Metrics of the same answers, computed in another order.
_ROUNDING: Final = 1e-6
# The constant answer of a split, as different versions and processors compute it.
_CONSTANT_ROUNDING: Final = 1e-3
_SCORE: Final = {Kind.CLASSIFICATION: "correct", Kind.MULTI_LABEL: "correct"}


class ResultCheck:
    """Checks the results of one study; what several runs say about the same data has to agree.

    Args:
        tasks: Of the study.
        backbone: Of the study.
    """

    def __init__(self, tasks: tuple[Task, ...], backbone: Backbone) -> None:
        self._tasks = {task.name: task for task in tasks}
        self._backbone = backbone
        self._counts: dict[Hashable, tuple[int, ...]] = {}
        self._labels: dict[Hashable, bytes] = {}
        self._constants: dict[Hashable, Metrics] = {}

    def check(self, run: Run, result: RunResult) -> None:
        """Check one result.

        Raises:
            StudyError: It says something that a result of this run can't say.
        """
        bounds = run.bounds(self._backbone)
        for fault in self._faults(run, result, bounds):
            raise StudyError(f'The result of "{run.label}" {fault}. Export the study again.')

    def _faults(self, run: Run, result: RunResult, bounds: ResultBounds) -> Iterator[str]:
        measured = set(run.measured_tasks)
        found = (result.metrics, result.constant, result.samples, result.confusion)
        if not result.is_done and any([*found, result.classes]):
            yield f"has metrics, but it is {result.state.value}"
        named = {task for part in found for tasks in part.values() for task in tasks} | result.classes.keys()
        if strange := named - measured:
            yield f"speaks of the task {min(strange)[:64]!r}, which it does not measure"
        known = measured | bounds.losses | set(run.label.tasks)
        if strange := {task for point in result.curve for task in point.losses} - known:
            yield f"has losses of {min(strange)[:64]!r}, which it does not train"
        yield from self._cost_faults(result, bounds)
        for name, where, metrics in run.payload_metrics(result):
            if name not in measured | set(run.label.tasks):
                yield f"has metrics of {name[:64]!r}, which it does not measure"
                continue
            task = self._tasks[name]
            yield from _metric_faults(task, f"{where} ", metrics)
            if lacking := [metric.name for metric in task.metrics if metric.name not in metrics]:
                yield f"lacks the {where} {lacking[0]} of {name}"
        for split in SPLITS:
            for name in sorted(named):
                yield from self._task_faults(result, bounds, split, self._tasks[name])
        for name, names in result.classes.items():
            yield from _names_faults(self._tasks[name], names)

    def _cost_faults(self, result: RunResult, bounds: ResultBounds) -> Iterator[str]:
        if any(point.step > result.steps for point in result.curve):
            yield f"has losses of step {max(point.step for point in result.curve):,} of {result.steps:,}"
        if bounds.most_steps is not None and result.steps > bounds.most_steps:
            yield f"has {result.steps:,} steps; its settings make at most {bounds.most_steps:,}"
        if result.head_params > result.params:
            yield f"has {result.head_params:,} parameters in heads and {result.params:,} in all"
        blocks = result.params - result.head_params
        if result.is_done and bounds.block_params is not None and blocks != bounds.block_params:
            yield f"has {blocks:,} parameters in blocks; by the study's backbone there are {bounds.block_params:,}"
        if result.is_done and bounds.most_block_params is not None and blocks > bounds.most_block_params:
            yield f"has {blocks:,} parameters in blocks; by the study's backbone at most {bounds.most_block_params:,}"
        shown = result.preprocessing
        if shown is not None and bounds.size not in (None, shown.size):
            yield f"is of pictures of {shown.size[0]}×{shown.size[1]}, the study's have {bounds.size}"

    def _task_faults(self, result: RunResult, bounds: ResultBounds, split: Split, task: Task) -> Iterator[str]:
        metrics, constant = (part.get(split, {}).get(task.name, {}) for part in (result.metrics, result.constant))
        yield from _metric_faults(task, f"{split} ", metrics)
        yield from _metric_faults(task, f"constant {split} ", constant)
        size = bounds.samples.get(split, {}).get(task.name)
        place = None if task.name not in bounds.data else (bounds.data[task.name], split, task.name)
        if constant and place is not None and not _agree(self._constants.setdefault(place, constant), constant):
            yield f"says other values of the constant answer to {task.name} on the {split} split than another run"
        n_labelled = None
        scores = result.samples.get(split, {}).get(task.name)
        if scores is not None:
            values = scores.values()
            yield from _scores_faults(task, split, scores, values, metrics, size)
            n_labelled = int(np.isfinite(values).sum())
            labels = np.packbits(np.isfinite(values)).tobytes() + len(values).to_bytes(8)
            if place is not None and self._labels.setdefault(place, labels) != labels:
                yield f"scores other samples of {task.name} on the {split} split than another run"
        if (counts := result.confusion.get(split, {}).get(task.name)) is not None:
            confusion = np.array(counts, dtype=object).reshape(len(counts), len(counts))
            yield from _confusion_faults(task, split, confusion, metrics, constant, n_labelled, size)
            rows = tuple(int(sum(row)) for row in counts)
            if place is not None and self._counts.setdefault(place, rows) != rows:
                yield f"counts other classes of {task.name} on the {split} split than another run"


def check_complete(run: Run, result: RunResult, tasks: Sequence[Task]) -> None:
    """Check that a finished result has every metric of every task that its run measures, on both splits.

    Raises:
        StudyError: One is missing.
    """
    if not result.is_done:
        return
    metrics = {task.name: task.metrics for task in tasks}
    for split in SPLITS:
        for task in run.measured_tasks:
            found = result.metrics.get(split, {}).get(task, {})
            for metric in metrics[task]:
                if metric.name not in found:
                    raise StudyError(
                        f'The run "{run.label}" lacks the {split} value of "{metric.name}" of {task}. '
                        "Export the study again."
                    )


def check_numbers(result: RunResult) -> None:
    """Check that figures can be drawn of the numbers of a stored result.

    Raises:
        StudyError: One is no number, or beyond what can be added up.
    """
    for part in (result.metrics, result.constant):
        for tasks in part.values():
            for metrics in tasks.values():
                for name, value in metrics.items():
                    if not abs(value) <= LARGEST:
                        raise StudyError(f'The value of "{name[:80]}" is {value:g}. Train the run again.')


def _metric_faults(task: Task, where: str, found: Metrics) -> Iterator[str]:
    # A study may judge a task by fewer metrics than its runs measure.
    known = {metric.name: metric for metric in (*METRICS[task.kind], *task.metrics)}
    for name, value in found.items():
        if name not in known:
            yield f"has the metric {name[:60]!r}, by which {task.name} is not evaluated"
            continue
        low, high = known[name].bounds
        if not low <= value <= high:
            yield f"says that the {where}{name} of {task.name} is {value:g}; it lies between {low:g} and {high:g}"


def _agree(one: Metrics, other: Metrics) -> bool:
    return one.keys() == other.keys() and all(
        abs(one[name] - other[name]) <= _CONSTANT_ROUNDING * max(abs(one[name]), abs(other[name]), 1e-3) for name in one
    )


def _scores_faults(
    task: Task,
    split: Split,
    scores: SampleScores,
    values: NDArray[np.float32],
    metrics: Metrics,
    size: SplitSize | None,
) -> Iterator[str]:
    where = f"{task.name} on the {split} split"
    if scores.score != _SCORE.get(task.kind, "loss"):
        yield f'scores {where} by "{scores.score}", which its kind of task is not'
    if size is not None and len(values) not in size:
        yield f"has scores of {len(values):,} samples of {where}, which has {size}"
    if np.isinf(values).any() or np.isnan(values).all():
        yield f"has no scores of {where}, or infinite ones"
    elif scores.score == "correct":
        if np.nanmin(values) < 0 or np.nanmax(values) > 1:
            yield f"has scores of {where} beyond 0 to 1"
        mean = float(np.nanmean(values.astype(np.float64)))
        if task.kind is Kind.CLASSIFICATION and _differs(mean, metrics.get("accuracy")):
            yield f"has scores of {where} with a mean of {mean:.6g}, and the accuracy {metrics['accuracy']:.6g}"


def _confusion_faults(
    task: Task,
    split: Split,
    confusion: NDArray[np.object_],
    metrics: Metrics,
    constant: Metrics,
    n_labelled: int | None,
    size: SplitSize | None,
) -> Iterator[str]:
    where = f"{task.name} on the {split} split"
    if not task.kind.is_one_class or confusion.shape != (task.n_outputs, task.n_outputs):
        yield f"counts {len(confusion)} classes of {where}, and it has {task.n_outputs} {task.kind.value} outputs"
        return
    n = int(confusion.sum())
    most = n_labelled if n_labelled is not None else None if size is None else size.most
    if n < 1 or (most is not None and n > most) or (n_labelled is not None and n != n_labelled):
        yield f"counts {n:,} answers to {where}, of {most or 0:,} samples"
        return
    if _differs(confusion.diagonal().sum() / n, metrics.get("accuracy")):
        yield f"counts {confusion.diagonal().sum():,} right answers of {n:,} to {where}, not the accuracy it states"
    if _differs(_constant_right(task.kind, confusion.sum(axis=1)) / n, constant.get("accuracy")):
        yield f"counts other classes of {where} than its constant answer is right on"


def _constant_right(kind: Kind, counts: NDArray[np.object_]) -> int:
    """Return on how many samples the constant answer is right: the most frequent class, of ordered ones the middle."""
    middle = int(np.searchsorted(counts.cumsum().astype(np.int64), (int(counts.sum()) - 1) // 2, side="right"))
    return int(counts[middle] if kind is Kind.ORDINAL else counts.max())


def _names_faults(task: Task, names: tuple[str, ...]) -> Iterator[str]:
    if not task.kind.is_one_class or len(names) != task.n_outputs:
        yield f"names {len(names)} classes of {task.name}, which has {task.n_outputs} {task.kind.value} outputs"


def _differs(value: float, stated: float | None) -> bool:
    return stated is not None and abs(value - stated) > _ROUNDING
