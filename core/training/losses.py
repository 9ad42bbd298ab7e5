"""What each kind of task minimises. Losses of several tasks are added with equal weight."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from core.tasks import Kind, Task
from core.training.labelled import labelled

Loss = Callable[[Tensor, Tensor], Tensor]

_TINY = 1e-12


def segmentation(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean cross-entropy over pixels.

    Args:
        output: Class scores, ``[n, classes, h, w]``.
        target: Class numbers, ``[n, h, w]``.
    """
    return functional.cross_entropy(output, target)


def normals(output: Tensor, target: Tensor) -> Tensor:
    """Return 1 − mean cosine between predicted and true normals.

    Args:
        output: Directions of any length, ``[n, 3, h, w]``.
        target: Unit normals, ``[n, 3, h, w]``.
    """
    # Half the time of functional.cosine_similarity, which takes both norms along a strided axis.
    along = (output * target).sum(dim=1)
    length = (output * output).sum(dim=1).clamp_min(_TINY).sqrt()
    return 1 - (along / length).mean()


def depth(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error of log depth, which is the relative error to first order.

    Args:
        output: Predicted log depth, ``[n, 1, h, w]``.
        target: Depth, above zero, ``[n, 1, h, w]``.
    """
    return functional.l1_loss(output, target.log())


def multi_label(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean binary cross-entropy over labels.

    Args:
        output: Scores, ``[n, labels]``.
        target: 0 or 1, ``[n, labels]``.
    """
    return functional.binary_cross_entropy_with_logits(output, target.to(output.dtype))


def ordinal(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean over all thresholds between ordered classes of the loss of "the class is above it".

    The odds that a class is above a threshold are those of the classes above it against those below, so an answer
    that is two classes off costs more than one that is next to the truth.

    Args:
        output: Class scores, ``[n, classes]``, in the order of the classes.
        target: Class numbers, ``[n]``.

    Reference:
        Rennie and Srebro, Loss Functions for Preference Levels, §3 (all-threshold loss); that one softmax gives
        the odds of all thresholds is ours, so that they never contradict each other.
    """
    below = output.logcumsumexp(dim=1)[:, :-1]
    above = output.flip(1).logcumsumexp(dim=1).flip(1)[:, 1:]
    thresholds = torch.arange(output.shape[1] - 1, device=target.device)
    truth = (target[:, None] > thresholds).to(output.dtype)
    return functional.binary_cross_entropy_with_logits(above - below, truth)


LOSSES: dict[Kind, Loss] = {
    Kind.CLASSIFICATION: functional.cross_entropy,
    Kind.MULTI_LABEL: multi_label,
    Kind.SEGMENTATION: segmentation,
    Kind.NORMALS: normals,
    Kind.DEPTH: depth,
    Kind.REGRESSION_MAP: functional.l1_loss,
    Kind.REGRESSION: functional.smooth_l1_loss,
    Kind.ORDINAL: ordinal,
}


def standardised(values: Tensor, std: Sequence[float]) -> Tensor:
    """Return numbers ``[n, numbers]`` divided by their standard deviations; unchanged where there are none."""
    return values / torch.tensor(std, dtype=values.dtype, device=values.device) if std else values


def loss_of(task: Task, *, complete: bool, plain: Loss | None = None) -> Loss:
    """Return the loss of a task; of numbers in times of their standard deviation, whatever their unit.

    Args:
        task: What is predicted.
        complete: Whether no label of the split is missing. If some are, the loss is the mean
            over those that are there, and 0 with gradient 0 in a batch that has none.
        plain: What it is on labelled samples; that of the task's kind by default.
    """
    plain = plain or LOSSES[task.kind]

    def masked(output: Tensor, target: Tensor) -> Tensor:
        outputs, targets = labelled(task.kind, output, target)
        return plain(outputs, targets) if len(targets) else 0 * output.sum()

    loss = plain if complete else masked
    if not task.std:
        return loss
    return lambda output, target: loss(standardised(output, task.std), standardised(target, task.std))
