"""Metrics of each kind of task, over a whole split: counts and sums are added up piece by piece."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import torch
from torch import Tensor

from core.errors import DataError
from core.tasks import LARGEST_ERROR, Kind, Task
from core.training.labelled import is_complete, labelled
from core.training.median import Kept

NORMAL_LIMITS = (11.25, 22.5, 30.0)
DEPTH_LIMITS = ((1.25, "δ < 1.25"), (1.25**2, "δ < 1.25²"), (1.25**3, "δ < 1.25³"))
# An extreme prediction would overflow to infinity, and metrics could not be compared.
_MAX_LOG_DEPTH = 20.0

# Names what there is a mean of, and its values: float64 or truth values.
Quantities = Iterator[tuple[str, Tensor]]


class Tally(Protocol):
    """What the metrics of a kind of task need of the pieces of a split."""

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece: outputs and as many targets, of which none is missing but among numbers."""

    def metrics(self) -> dict[str, float]:
        """Return the metrics over all pieces. Called once."""


@dataclass(slots=True)
class Segmentation:
    """Mean intersection over union, over classes met in prediction or truth, and pixel accuracy.

    Pieces are class scores ``[n, classes, h, w]`` and class numbers ``[n, h, w]``.
    """

    _confusion: Tensor | None = None

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece."""
        classes = output.shape[1]
        pairs = target.flatten() * classes + output.argmax(dim=1).flatten()
        counts = torch.bincount(pairs, minlength=classes**2).reshape(classes, classes)
        self._confusion = counts if self._confusion is None else self._confusion.add_(counts)

    def metrics(self) -> dict[str, float]:
        """Return both metrics."""
        assert self._confusion is not None
        confusion = self._confusion.double()
        hit = confusion.diagonal()
        union = confusion.sum(dim=0) + confusion.sum(dim=1) - hit
        met = union > 0
        return {
            "mIoU": float((hit[met] / union[met]).mean()),
            "pixel accuracy": float(hit.sum() / confusion.sum()),
        }


@dataclass(slots=True)
class Means:
    """Means of some quantities of every sample, pixel or label.

    Args:
        quantities: Returns them of a piece, one after the other, so that only one takes memory.
    """

    quantities: Callable[[Tensor, Tensor], Quantities]
    _sums: dict[str, float] = field(default_factory=dict)
    _n: int = 0

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece."""
        n = 0
        for name, values in self.quantities(output, target):
            n = values.numel()
            self._sums[name] = self._sums.get(name, 0.0) + float(values.sum())
        self._n += n

    def metrics(self) -> dict[str, float]:
        """Return the means by name."""
        return {name: value / self._n if self._n else float("nan") for name, value in self._sums.items()}


@dataclass(slots=True)
class Normals:
    """Mean and median angle in degrees, and the shares of pixels within 11.25°, 22.5° and 30°.

    Pieces are directions of any length and unit normals, ``[n, 3, h, w]`` each.
    """

    _means: Means = field(default_factory=lambda: Means(lambda angle, _: _of_angles(angle)))
    _angles: Kept = field(default_factory=Kept)

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece."""
        # The arc cosine loses all digits near 0°; the arc tangent of sine and cosine does not.
        sine = torch.linalg.vector_norm(torch.linalg.cross(output, target, dim=1), dim=1)
        angle = torch.rad2deg(torch.atan2(sine, (output * target).sum(dim=1))).flatten()
        self._angles.add(angle)
        self._means.add(angle, target)

    def metrics(self) -> dict[str, float]:
        """Return all five."""
        means = self._means.metrics()
        return {"mean angle": means.pop("mean angle"), "median angle": self._angles.median(), **means}


def _of_angles(angle: Tensor) -> Quantities:
    exact = angle.double()
    yield "mean angle", exact
    for limit in NORMAL_LIMITS:
        yield f"within {limit:g}°", exact <= limit


def depth(output: Tensor, target: Tensor) -> Quantities:
    """Yield absolute and relative error, and whether the ratio to the truth is below 1.25ⁿ.

    Args:
        output: Predicted log depth, ``[n, 1, h, w]``.
        target: Depth, above zero, ``[n, 1, h, w]``.
    """
    predicted, truth = output.clamp(-_MAX_LOG_DEPTH, _MAX_LOG_DEPTH).double().exp(), target.double()
    error = (predicted - truth).abs_()
    yield "absolute error", error
    yield "relative error", error.div_(truth)
    ratio = torch.div(predicted, truth, out=error)
    torch.maximum(ratio, torch.div(truth, predicted, out=predicted), out=ratio)
    for limit, name in DEPTH_LIMITS:
        yield name, ratio < limit


def regression_map(output: Tensor, target: Tensor) -> Quantities:
    """Yield the absolute error; outputs and targets are ``[n, channels, h, w]``."""
    yield "mean absolute error", (output - target).abs().double()


def classification(output: Tensor, target: Tensor) -> Quantities:
    """Yield whether the answer is right.

    Args:
        output: Class scores, ``[n, classes]``.
        target: Class numbers, ``[n]``.
    """
    yield "accuracy", output.argmax(dim=1) == target


def multi_label(output: Tensor, target: Tensor) -> Quantities:
    """Yield whether each label is predicted correctly.

    Args:
        output: Scores, ``[n, labels]``.
        target: 0 or 1, ``[n, labels]``.
    """
    yield "accuracy", (output > 0) == (target > 0.5)


@dataclass(slots=True)
class Ordinal:
    """By how many classes answers are off on average, the accuracy, and the quadratic kappa.

    Kappa is 1 where all answers are right, 0 where they are as far off as without looking, and 0 where all answers
    and truths are one class. Pieces are class scores ``[n, classes]``, in the order of the classes, and class numbers
    ``[n]``.
    """

    _means: Means = field(default_factory=lambda: Means(_of_ranks))

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece."""
        self._means.add(output, target)

    def metrics(self) -> dict[str, float]:
        """Return all three."""
        mean = self._means.metrics()
        # The mean squared difference of an answer and the truth of any other sample.
        expected = max(mean["answer²"] + mean["truth²"] - 2 * mean["answer"] * mean["truth"], 0.0)
        kappa = 1 - mean["off²"] / expected if expected > 0 else 0.0
        return {"rank error": mean["off"], "accuracy": mean["right"], "quadratic kappa": kappa}


def _of_ranks(output: Tensor, target: Tensor) -> Quantities:
    answer, truth = output.argmax(dim=1).double(), target.double()
    off = (answer - truth).abs()
    yield "off", off
    yield "off²", off.square()
    yield "right", off == 0
    for name, values in (("answer", answer), ("truth", truth)):
        yield name, values
        yield f"{name}²", values.square()


@dataclass(slots=True)
class Regression:
    """Mean absolute error, root mean squared error and R², in the unit of the numbers, means over them.

    R² is 1 − squared error / variance, so 0 where the mean of the split would do as well; it is 0 where all
    truths are equal. Pieces are numbers ``[n, numbers]`` each, NaN where one is missing.
    """

    # Of each number the mean of the first piece that has it: squares of distances from it lose no digits, however far
    # the numbers are from 0.
    _middle: Tensor | None = None
    _sums: Tensor | None = None
    _n_pieces: int = 0

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece."""
        error, truth = (output - target).double(), target.double()
        mean = truth.nanmean(dim=0)
        self._middle = mean if self._middle is None else torch.where(torch.isnan(self._middle), mean, self._middle)
        away = truth - self._middle
        known = ((~torch.isnan(values)).double() for values in (error, away))
        found = (error.abs(), error.square(), away, away.square(), *known)
        sums = torch.stack([values.nansum(dim=0) for values in found])
        self._sums = sums if self._sums is None else self._sums.add_(sums)
        self._n_pieces += 1

    def metrics(self) -> dict[str, float]:
        """Return all three."""
        assert self._sums is not None
        absolute, squared, away, variance, n_errors, n = self._sums
        absolute, squared, variance = absolute / n_errors, squared / n_errors, variance / n
        if self._n_pieces > 1:
            # The middle was the mean of the first piece alone.
            variance = (variance - (away / n).square()).clamp_min(0)
        explained = torch.where(variance > 0, 1 - squared / variance, 0.0)
        known = ~torch.isnan(absolute)
        return {
            "MAE": float(absolute[known].mean()),
            "RMSE": float(squared[known].sqrt().mean()),
            "R²": float(explained[known].mean().clamp_min(-LARGEST_ERROR)),
        }


_TALLIES: Final[dict[Kind, Callable[[], Tally]]] = {
    Kind.CLASSIFICATION: lambda: Means(classification),
    Kind.MULTI_LABEL: lambda: Means(multi_label),
    Kind.SEGMENTATION: Segmentation,
    Kind.NORMALS: Normals,
    Kind.DEPTH: lambda: Means(depth),
    Kind.REGRESSION_MAP: lambda: Means(regression_map),
    Kind.REGRESSION: Regression,
    Kind.ORDINAL: Ordinal,
}


@dataclass(slots=True)
class Measure:
    """The metrics of a task on a split that comes piece by piece, over labelled samples.

    Args:
        task: What was predicted.
    """

    task: Task
    _tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self._tally = _TALLIES[self.task.kind]()

    def add(self, output: Tensor, target: Tensor) -> None:
        """Count a piece.

        Args:
            output: Output of the head for some samples.
            target: Ground truth.
        """
        kind = self.task.kind
        # Several numbers are compared each by itself.
        if kind is not Kind.REGRESSION and not is_complete(kind, target):
            output, target = labelled(kind, output, target)
        self._tally.add(output, target)

    def metrics(self) -> dict[str, float]:
        """Return the metrics of the task over all pieces. Called once.

        Raises:
            DataError: The task names a metric that its kind does not have.
        """
        found = self._tally.metrics()
        for metric in self.task.metrics:
            if metric.name not in found:
                known = ", ".join(found)
                raise DataError(f'Task "{self.task.name}" has no metric "{metric.name}". Choose from: {known}.')
        return {metric.name: found[metric.name] for metric in self.task.metrics}


def measure(task: Task, output: Tensor, target: Tensor) -> dict[str, float]:
    """Return the metrics of a task on a whole split at once, over labelled samples.

    Args:
        task: What was predicted.
        output: Output of the head for every sample.
        target: Ground truth.

    Raises:
        DataError: The task names a metric that its kind does not have.
    """
    found = Measure(task)
    found.add(output, target)
    return found.metrics()
