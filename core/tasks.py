"""Tasks, their metrics, and relative performance Δ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import DataError

MAX_TASKS = 40
MAX_NAME_LENGTH = 64
# What float32 can hold; sums and squares of it stay finite in float64.
LARGEST_ERROR: Final = 1e40
# A change relative to a single-task value below this says nothing.
NEAR_ZERO: Final = 1e-6
# These characters separate tasks, groups and blocks in a layout's text form and in table headers.
_FORBIDDEN_IN_NAMES = frozenset(",;|()[]{}<>\"'`\\/")


class Kind(StrEnum):
    """What a task predicts; decides its head and its loss."""

    CLASSIFICATION = "classification"
    MULTI_LABEL = "multi-label"
    SEGMENTATION = "segmentation"
    NORMALS = "normals"
    DEPTH = "depth"
    REGRESSION_MAP = "regression map"
    REGRESSION = "regression"
    ORDINAL = "ordinal"

    @property
    def is_map(self) -> bool:
        """Whether the answer is a map as large as the picture."""
        return self not in (Kind.CLASSIFICATION, Kind.ORDINAL, Kind.MULTI_LABEL, Kind.REGRESSION)

    @property
    def is_one_class(self) -> bool:
        """Whether the answer is one class for a picture; of ordinal tasks the classes have an order."""
        return self in (Kind.CLASSIFICATION, Kind.ORDINAL)


# Metrics that are 0 for a constant answer and below it for worse ones: a change relative to them says nothing.
_FROM_ZERO: Final = frozenset({"R²", "quadratic kappa"})


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of merit and its direction."""

    name: str
    higher_is_better: bool
    unit: str = ""

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest value: a share where higher is better, else an error from 0 on.

        R² and kappa have no least one: an answer may be worse than a constant.

        >>> Metric("accuracy", True).bounds, Metric("mean angle", False, "°").bounds
        ((0.0, 1.0), (0.0, 180.0))
        """
        if self.name in _FROM_ZERO:
            return -LARGEST_ERROR, 1.0
        if self.higher_is_better:
            return 0.0, 1.0
        return 0.0, 180.0 if self.unit == "°" else LARGEST_ERROR

    @property
    def makes_gain(self) -> bool:
        """Whether it is part of Δ; R² and kappa are shown beside it, for they may be 0 or less."""
        return self.name not in _FROM_ZERO


# Default metrics of each kind of task.
METRICS: Final[Mapping[Kind, tuple[Metric, ...]]] = {
    Kind.CLASSIFICATION: (Metric("accuracy", True),),
    Kind.MULTI_LABEL: (Metric("accuracy", True),),
    Kind.SEGMENTATION: (Metric("mIoU", True), Metric("pixel accuracy", True)),
    Kind.NORMALS: (
        Metric("mean angle", False, "°"),
        Metric("median angle", False, "°"),
        Metric("within 11.25°", True),
        Metric("within 22.5°", True),
        Metric("within 30°", True),
    ),
    Kind.DEPTH: (
        Metric("absolute error", False),
        Metric("relative error", False),
        Metric("δ < 1.25", True),
        Metric("δ < 1.25²", True),
        Metric("δ < 1.25³", True),
    ),
    Kind.REGRESSION_MAP: (Metric("mean absolute error", False),),
    Kind.REGRESSION: (Metric("MAE", False), Metric("RMSE", False), Metric("R²", True)),
    Kind.ORDINAL: (Metric("rank error", False), Metric("accuracy", True), Metric("quadratic kappa", True)),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a network: what it predicts and how it is evaluated.

    Args:
        name: Of the task.
        kind: What it predicts.
        metrics: By which it is evaluated.
        n_outputs: Classes, labels, channels or numbers that its head answers with.
        mean: Of each number over the training split; empty for all kinds but regression.
        std: Their standard deviations, above zero: losses are of numbers divided by them.

    Raises:
        DataError: The name is empty, too long or holds a character that layouts and
            tables use as a separator, there is no metric, or mean and standard deviation are not those of regression.
    """

    name: str
    kind: Kind
    metrics: tuple[Metric, ...]
    n_outputs: int
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    @classmethod
    def usual(cls, name: str, kind: Kind, n_outputs: int) -> "Task":
        """Return a task with the metrics that its kind is usually evaluated by.

        >>> Task.usual("parity", Kind.CLASSIFICATION, 2).metrics
        (Metric(name='accuracy', higher_is_better=True, unit=''),)
        """
        return cls(name, kind, METRICS[kind], n_outputs)

    def __post_init__(self) -> None:
        check_task_name(self.name)
        if not self.metrics:
            raise DataError(f'Task "{self.name}" has no metric. Name at least one, with its direction.')
        known = (self.n_outputs if self.kind is Kind.REGRESSION else 0) if self.mean or self.std else 0
        if not len(self.mean) == len(self.std) == known or not all(0 < x < float("inf") for x in self.std):
            raise DataError(
                f'Task "{self.name}" of kind {self.kind.value} with {self.n_outputs} outputs has {len(self.mean)} '
                f"means and {len(self.std)} standard deviations. "
                "Regression has one above zero for each number, others none."
            )

    def near_zero(self, metric: Metric) -> float:
        """Return below what a single-task value says nothing: errors of numbers count in their standard deviation.

        >>> mae = Metric("MAE", False)
        >>> Task("length", Kind.REGRESSION, (mae,), 1, mean=(0.0,), std=(1e-6,)).near_zero(mae)
        1e-12
        """
        return NEAR_ZERO * min(self.std) if self.std and not metric.higher_is_better else NEAR_ZERO

    @property
    def gain_metrics(self) -> tuple[Metric, ...]:
        """The metrics that make its Δ; all of them where none would be left."""
        return tuple(metric for metric in self.metrics if metric.makes_gain) or self.metrics


def check_task_name(name: str) -> None:
    """Check that ``name`` can be used in a layout, a table header and a web page, else raise DataError."""
    if not name or name != name.strip() or len(name) > MAX_NAME_LENGTH:
        raise DataError(
            f'Task name "{name[:MAX_NAME_LENGTH]}" should have 1 to {MAX_NAME_LENGTH} characters '
            "and no space at either end. Shorten or trim it."
        )
    bad = sorted(c for c in set(name) if c in _FORBIDDEN_IN_NAMES or not c.isprintable())
    if bad:
        raise DataError(f'Task name "{name}" holds {bad[0]!r}, which layouts and tables use as a mark. Remove it.')


def check_task_names(names: Sequence[str]) -> None:
    """Check that there are 2 to 40 different, usable names, else raise DataError."""
    if not 2 <= len(names) <= MAX_TASKS:
        raise DataError(f"Branchwise compares 2 to {MAX_TASKS} tasks. Found {len(names)}.")
    for name in names:
        check_task_name(name)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f'Task name "{twice}" is used twice. Give every task its own name.')


def relative_performance(
    measured: Mapping[str, float], baseline: Mapping[str, float], metrics: Sequence[Metric], task: Task | None = None
) -> float:
    """Return Δ of one task in percent against its single-task baseline; positive is better.

    Δ = 100/|M| · Σ_m s_m (M − M_single)/|M_single|, with s_m = +1 where higher is better.

    Args:
        measured: Metric name → value of the multi-task network.
        baseline: Metric name → value of the single-task network.
        metrics: The metrics to average over.
        task: Whose numbers say what is near zero; by default that is the same for all.

    Raises:
        DataError: A baseline is so near zero that the ratio says nothing.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §4.1; Maninis et al. 2019.

    >>> metrics = [Metric("mIoU", True), Metric("error", False)]
    >>> relative_performance({"mIoU": 0.55, "error": 1.8}, {"mIoU": 0.5, "error": 2.0}, metrics)
    10.0
    """
    total = 0.0
    for metric in metrics:
        single = baseline[metric.name]
        if abs(single) < (NEAR_ZERO if task is None else task.near_zero(metric)):
            raise DataError(
                f'The single-task value of "{metric.name}" is {single:g}; a change relative to almost zero '
                "says nothing. Leave this metric out."
            )
        sign = 1.0 if metric.higher_is_better else -1.0
        total += sign * (measured[metric.name] - single) / abs(single)
    return round(100.0 * total / len(metrics), 10)
