"""What each kind of task minimises. Losses of several tasks are added with equal weight."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from core.tasks import Kind
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


LOSSES: dict[Kind, Loss] = {
    Kind.CLASSIFICATION: functional.cross_entropy,
    Kind.MULTI_LABEL: multi_label,
    Kind.SEGMENTATION: segmentation,
    Kind.NORMALS: normals,
    Kind.DEPTH: depth,
    Kind.REGRESSION_MAP: functional.l1_loss,
}


def loss_of(kind: Kind, *, complete: bool) -> Loss:
    """Return the loss of a kind of task.

    Args:
        kind: Of the task.
        complete: Whether no label of the split is missing. If some are, the loss is the mean
            over those that are there, and 0 with gradient 0 in a batch that has none.
    """
    if complete:
        return LOSSES[kind]

    def masked(output: Tensor, target: Tensor) -> Tensor:
        outputs, targets = labelled(kind, output, target)
        return LOSSES[kind](outputs, targets) if len(targets) else 0 * output.sum()

    return masked
