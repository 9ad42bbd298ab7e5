"""The labelled part of a target, so that what is missing counts neither in a loss nor in a metric.

On a device a missing label is written as in ``core.data.missing``, but for pixels without a
class: these are −1, as missing classes are.
"""

import torch
from torch import Tensor

from core.data.missing import MISSING_CLASS
from core.tasks import Kind


def present(kind: Kind, target: Tensor) -> Tensor:
    """Return where there is a label: one truth value per sample, label or pixel, of normals without the channels.

    Args:
        kind: Of the task.
        target: As in ``Tensors.targets``.
    """
    if not target.is_floating_point():
        return target != MISSING_CLASS
    known = ~torch.isnan(target)
    return known.all(dim=1) if kind is Kind.NORMALS else known


def is_complete(kind: Kind, target: Tensor) -> bool:
    """Return whether no label is missing."""
    return bool(present(kind, target).all())


def labelled(kind: Kind, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return the labelled part of outputs and targets, in a shape that losses and metrics take.

    Pixels, labels and numbers come out as separate samples, of one each, so
    that a mean over them is a mean over what is labelled.

    Args:
        kind: Of the task.
        output: Output of the head.
        target: Ground truth of as many samples.
    """
    where = present(kind, target)
    if kind.is_one_class:
        return output[where], target[where]
    if kind in (Kind.MULTI_LABEL, Kind.REGRESSION):
        return output[where][:, None], target[where][:, None]
    if kind is Kind.SEGMENTATION:
        return output.movedim(1, -1)[where][..., None, None], target[where][..., None, None]
    if kind is Kind.NORMALS:
        pixels, truths = output.movedim(1, -1)[where], target.movedim(1, -1)[where]
        return pixels[..., None, None], truths[..., None, None]
    return output[where][:, None, None, None], target[where][:, None, None, None]
