"""Metrics of each kind of task, over a whole split at once."""

from collections.abc import Callable

import torch
from torch import Tensor

from core.errors import DataError
from core.tasks import LARGEST_ERROR, Kind, Task
from core.training.labelled import is_complete, labelled

NORMAL_LIMITS = (11.25, 22.5, 30.0)
DEPTH_LIMITS = ((1.25, "δ < 1.25"), (1.25**2, "δ < 1.25²"), (1.25**3, "δ < 1.25³"))
# An extreme prediction would overflow to infinity, and metrics could not be compared.
_MAX_LOG_DEPTH = 20.0


def segmentation(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return mean intersection over union, over classes met in prediction or truth, and pixel accuracy.

    Args:
        output: Class scores, ``[n, classes, h, w]``.
        target: Class numbers, ``[n, h, w]``.
    """
    classes = output.shape[1]
    pairs = target.flatten() * classes + output.argmax(dim=1).flatten()
    confusion = torch.bincount(pairs, minlength=classes**2).reshape(classes, classes).double()
    hit = confusion.diagonal()
    union = confusion.sum(dim=0) + confusion.sum(dim=1) - hit
    met = union > 0
    return {
        "mIoU": float((hit[met] / union[met]).mean()),
        "pixel accuracy": float(hit.sum() / confusion.sum()),
    }


def normals(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return mean and median angle in degrees, and the shares of pixels within 11.25°, 22.5° and 30°.

    Args:
        output: Directions of any length, ``[n, 3, h, w]``.
        target: Unit normals, ``[n, 3, h, w]``.
    """
    # The arc cosine loses all digits near 0°; the arc tangent of sine and cosine does not.
    sine = torch.linalg.vector_norm(torch.linalg.cross(output, target, dim=1), dim=1)
    angle = torch.rad2deg(torch.atan2(sine, (output * target).sum(dim=1))).flatten().double()
    found = {"mean angle": float(angle.mean()), "median angle": float(angle.median())}
    return found | {f"within {limit:g}°": float((angle <= limit).double().mean()) for limit in NORMAL_LIMITS}


def depth(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return absolute and relative error, and the shares of pixels whose ratio to the truth is below 1.25ⁿ.

    Args:
        output: Predicted log depth, ``[n, 1, h, w]``.
        target: Depth, above zero, ``[n, 1, h, w]``.
    """
    predicted, truth = output.clamp(-_MAX_LOG_DEPTH, _MAX_LOG_DEPTH).double().exp(), target.double()
    error = (predicted - truth).abs()
    ratio = torch.maximum(predicted / truth, truth / predicted)
    found = {"absolute error": float(error.mean()), "relative error": float((error / truth).mean())}
    return found | {name: float((ratio < limit).double().mean()) for limit, name in DEPTH_LIMITS}


def regression_map(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return the mean absolute error.

    Args:
        output: ``[n, channels, h, w]``.
        target: Same shape.
    """
    return {"mean absolute error": float((output - target).abs().double().mean())}


def classification(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return the accuracy.

    Args:
        output: Class scores, ``[n, classes]``.
        target: Class numbers, ``[n]``.
    """
    return {"accuracy": float((output.argmax(dim=1) == target).double().mean())}


def multi_label(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return the share of labels predicted correctly.

    Args:
        output: Scores, ``[n, labels]``.
        target: 0 or 1, ``[n, labels]``.
    """
    return {"accuracy": float(((output > 0) == (target > 0.5)).double().mean())}


def ordinal(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return by how many classes answers are off on average, the accuracy, and the quadratic kappa.

    Kappa is 1 where all answers are right, 0 where they are as far off as without looking, and 0 where all answers
    and truths are one class.

    Args:
        output: Class scores, ``[n, classes]``, in the order of the classes.
        target: Class numbers, ``[n]``.
    """
    answer = output.argmax(dim=1).double()
    truth = target.double()
    off = (answer - truth).abs()
    # The mean squared difference of an answer and the truth of any other sample.
    expected = (answer.square().mean() + truth.square().mean() - 2 * answer.mean() * truth.mean()).clamp_min(0)
    kappa = 1 - float(off.square().mean() / expected) if expected > 0 else 0.0
    return {"rank error": float(off.mean()), "accuracy": float((off == 0).double().mean()), "quadratic kappa": kappa}


def regression(output: Tensor, target: Tensor) -> dict[str, float]:
    """Return mean absolute error, root mean squared error and R², in the unit of the numbers, means over them.

    R² is 1 − squared error / variance, so 0 where the mean of the split would do as well; it is 0 where all
    truths are equal.

    Args:
        output: Numbers, ``[n, numbers]``.
        target: The same, NaN where one is missing.
    """
    error, truth = (output - target).double(), target.double()
    absolute, squared = error.abs().nanmean(dim=0), error.square().nanmean(dim=0)
    variance = (truth - truth.nanmean(dim=0)).square().nanmean(dim=0)
    explained = torch.where(variance > 0, 1 - squared / variance, 0.0)
    known = ~torch.isnan(absolute)
    return {
        "MAE": float(absolute[known].mean()),
        "RMSE": float(squared[known].sqrt().mean()),
        "R²": float(explained[known].mean().clamp_min(-LARGEST_ERROR)),
    }


_METRICS: dict[Kind, Callable[[Tensor, Tensor], dict[str, float]]] = {
    Kind.CLASSIFICATION: classification,
    Kind.MULTI_LABEL: multi_label,
    Kind.SEGMENTATION: segmentation,
    Kind.NORMALS: normals,
    Kind.DEPTH: depth,
    Kind.REGRESSION_MAP: regression_map,
    Kind.REGRESSION: regression,
    Kind.ORDINAL: ordinal,
}


def measure(task: Task, output: Tensor, target: Tensor) -> dict[str, float]:
    """Return the metrics of a task on a whole split, over labelled samples.

    Args:
        task: What was predicted.
        output: Output of the head for every sample.
        target: Ground truth.

    Raises:
        DataError: The task names a metric that its kind does not have.
    """
    # Several numbers are compared each by itself.
    if task.kind is not Kind.REGRESSION and not is_complete(task.kind, target):
        output, target = labelled(task.kind, output, target)
    found = _METRICS[task.kind](output, target)
    for metric in task.metrics:
        if metric.name not in found:
            raise DataError(f'Task "{task.name}" has no metric "{metric.name}". Choose from: {", ".join(found)}.')
    return {metric.name: found[metric.name] for metric in task.metrics}
