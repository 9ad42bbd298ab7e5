"""The loss of each task as the settings of a study have it: weights of tasks and classes, smoothed labels."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from core.errors import DataError
from core.runs.settings import TrainingSettings
from core.tasks import Kind, Task
from core.training.labelled import present
from core.training.losses import Loss, loss_of
from core.training.streamed import Values
from core.training.tensors import Tensors

# A rare class counts at most so many times as much as it would.
_MOST: Final = 100.0
_WITH_CLASSES: Final = (Kind.CLASSIFICATION, Kind.SEGMENTATION)
_WEIGHTED: Final = (*_WITH_CLASSES, Kind.MULTI_LABEL)


def task_losses(tasks: Sequence[Task], settings: TrainingSettings, train: Tensors, data: Tensors) -> tuple[Loss, ...]:
    """Return the loss of each task on a split.

    Args:
        tasks: In the order of the targets.
        settings: Weights of tasks and classes, and smoothing.
        train: The training split, in which labels are counted.
        data: The split that the losses are of.

    Raises:
        DataError: A task has other classes than the settings give weights to.
    """
    return tuple(
        task_loss(task, settings, target, complete=complete)
        for task, target, complete in zip(tasks, train.targets, data.complete, strict=True)
    )


def task_loss(task: Task, settings: TrainingSettings, target: Values, *, complete: bool) -> Loss:
    """Return the loss of a task.

    Args:
        task: What is predicted.
        settings: Weights of tasks and classes, and smoothing.
        target: Ground truth of the training split, in which labels are counted.
        complete: Whether no label is missing in the split that the loss is of.

    Raises:
        DataError: The task has other classes than the settings give weights to.
    """
    weights, smoothing = _class_weights(task, settings, target), settings.label_smoothing
    if task.kind in _WITH_CLASSES and (weights is not None or smoothing):
        own = partial(functional.cross_entropy, weight=weights, label_smoothing=smoothing)
        found = loss_of(task, complete=complete, plain=own)
    elif task.kind is Kind.MULTI_LABEL and weights is not None:
        found = partial(_multi_label, weights=weights)
    else:
        found = loss_of(task, complete=complete)
    factor = settings.loss_weights.get(task.name, 1.0)
    if factor == 1 and settings.precision == "float32":
        return found
    # A loss adds many numbers up, which bfloat16 has too few digits for.
    return lambda output, truth: factor * found(output.float(), truth)


def check_task(task: Task, settings: TrainingSettings) -> None:
    """Check that listed weights are those of the classes of a task, else raise DataError."""
    listed = settings.listed_class_weights.get(task.name)
    if listed is not None and (task.kind not in _WEIGHTED or len(listed) != task.n_outputs):
        classes = f" with {task.n_outputs} classes" if task.kind in _WEIGHTED else ", which has no classes to weight"
        raise DataError(
            f'class_weights gives {len(listed)} weights to "{task.name}", a task of {task.kind}{classes}. '
            "Give one for each class of classification, segmentation and multi-label tasks."
        )


def check_some_task(tasks: Sequence[Task], settings: TrainingSettings) -> None:
    """Check that what is requested for classes does something to some task, else raise DataError."""
    kinds = {task.kind for task in tasks}
    for name, possible, is_wanted in (
        ("class_weights", _WEIGHTED, settings.class_weights == "balanced"),
        ("label_smoothing", _WITH_CLASSES, settings.label_smoothing > 0),
    ):
        if is_wanted and not kinds & {*possible}:
            raise DataError(
                f"{name} does nothing for {', '.join(sorted(kinds))}: it is for {', '.join(possible)}. Remove it."
            )


def _class_weights(task: Task, settings: TrainingSettings, target: Values) -> Tensor | None:
    """Return the weight of each class of a task, ``[n_outputs]``; None where all count alike.

    Balanced weights are n / (n_outputs · n_c) for n labels of which n_c are of class c, as scikit-learn has them, and
    0 for a class without any; of labels that are there or not, how often the label is not there for each time it is.
    At most 100 each.
    """
    check_task(task, settings)
    if (listed := settings.listed_class_weights.get(task.name)) is not None:
        return torch.tensor(listed, dtype=torch.float32, device=target.device)
    if settings.class_weights != "balanced" or task.kind not in _WEIGHTED:
        return None
    known, counts = torch.zeros(2, task.n_outputs, dtype=torch.float64)
    for part in _parts(target):
        if task.kind is Kind.MULTI_LABEL:
            counts += torch.nansum(part, dim=0).cpu()
            known += present(task.kind, part).sum(dim=0).cpu()
        else:
            counts += torch.bincount(part[present(task.kind, part)].flatten(), minlength=task.n_outputs).cpu()
    weights: Tensor
    if task.kind is Kind.MULTI_LABEL:
        weights = ((known - counts) / counts).nan_to_num(1.0).clamp(1 / _MOST, _MOST)
    else:
        weights = (counts.sum() / (task.n_outputs * counts)).nan_to_num(0.0, 0.0).clamp(max=_MOST)
    return weights.to(target.device, torch.float32)


def _parts(target: Values) -> Iterator[Tensor]:
    if isinstance(target, Tensor):
        yield target
    else:
        yield from (target[rows] for rows in target.parts())


def _multi_label(output: Tensor, target: Tensor, *, weights: Tensor) -> Tensor:
    """Return the mean over known labels, those that are there counted as often as their weight says."""
    known = present(Kind.MULTI_LABEL, target)
    truth = torch.where(known, target, 0).to(output.dtype)
    each = functional.binary_cross_entropy_with_logits(output, truth, pos_weight=weights, reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)
