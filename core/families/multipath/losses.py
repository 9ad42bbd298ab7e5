"""What a path learns from its teacher, for each kind of task."""

from dataclasses import replace

from torch import Tensor

from core.families.multipath.distillation import Distillation
from core.tasks import Task
from core.training.distillation_loss import distillation_loss
from core.training.labelled import labelled
from core.training.losses import standardised


def teacher_loss(
    task: Task, student: Tensor, teacher: Tensor, target: Tensor, settings: Distillation, *, complete: bool = False
) -> Tensor:
    """Return how far a student's outputs are from its teacher's, Eq 4; the mean over what is labelled.

    Only labelled samples, pixels and labels count: the paper distils each task on its own data set.

    Args:
        task: What is predicted.
        student: Output of the path, ``[n, outputs, …]``.
        teacher: Output of the frozen single-task network for the same pictures.
        target: Ground truth, which says what is labelled.
        settings: Temperature, direction and T².
        complete: Whether no label of the split is missing.

    Returns:
        A scalar; 0 with gradient 0 where nothing is labelled.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, Eq 4.
    """
    if not complete:
        # Numbers are divided by their spreads while they stand side by side.
        student, teacher = (standardised(output, task.std) for output in (student, teacher))
        task = replace(task, mean=(), std=())
        own, _ = labelled(task.kind, student, target)
        teacher, _ = labelled(task.kind, teacher, target)
        if not len(own):
            return 0 * student.sum()
        student = own
    return distillation_loss(
        task, student, teacher, settings.temperature, direction=settings.direction, squared=settings.squared
    )


def mixed(labels: Tensor, teacher: Tensor | None, settings: Distillation) -> Tensor:
    """Return the loss of a task, Eq 5.

    Args:
        labels: Loss against the labels, Eq 3.
        teacher: Loss against the teacher, Eq 4; None where there is none.
        settings: The mix.
    """
    of_labels, of_teacher = settings.weights
    return of_labels * labels if teacher is None else of_labels * labels + of_teacher * teacher
