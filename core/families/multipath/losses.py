"""What a path learns from its teacher, for each kind of task."""

from torch import Tensor
from torch.nn import functional

from core.families.multipath.distillation import Distillation
from core.tasks import Kind
from core.training.labelled import labelled

_CLASSES = (Kind.CLASSIFICATION, Kind.SEGMENTATION)


def teacher_loss(
    kind: Kind, student: Tensor, teacher: Tensor, target: Tensor, settings: Distillation, *, complete: bool = False
) -> Tensor:
    """Return how far a student's outputs are from its teacher's, Eq 4; the mean over what is labelled.

    Only labelled samples, pixels and labels count: the paper distils each task on its own data set. Classes are
    compared by the divergence of their probabilities, in each pixel where they are of pixels; labels that exclude
    none of each other by that of each label alone. An answer that is a number has no distribution: its loss is the
    squared error to the teacher's output, which is what the divergence becomes at a high temperature. Normals are
    compared as directions.

    Args:
        kind: Of the task.
        student: Output of the path, ``[n, outputs, …]``.
        teacher: Output of the frozen single-task network for the same pictures.
        target: Ground truth, which says what is labelled.
        settings: Temperature, direction and T².
        complete: Whether no label of the split is missing.

    Returns:
        A scalar; 0 with gradient 0 where nothing is labelled.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, Eq 4; Liu et al., Structured Knowledge
        Distillation for Dense Prediction, §3.1, for pixels; Ba and Caruana, Do Deep Nets Really Need to be Deep?,
        Eq 1, for squared errors, and Hinton et al., Distilling the Knowledge in a Neural Network, §2.1, for the limit.
    """
    if not complete:
        own, _ = labelled(kind, student, target)
        teacher, _ = labelled(kind, teacher, target)
        if not len(own):
            return 0 * student.sum()
        student = own
    factor = settings.temperature**2 if settings.squared else 1.0
    if kind in _CLASSES:
        ours, theirs = (functional.log_softmax(x / settings.temperature, dim=1) for x in (student, teacher))
        return factor * _divergence(ours, theirs, settings).sum(dim=1).mean()
    if kind is Kind.MULTI_LABEL:
        ours, theirs = student / settings.temperature, teacher / settings.temperature
        yes = _divergence(functional.logsigmoid(ours), functional.logsigmoid(theirs), settings)
        no = _divergence(functional.logsigmoid(-ours), functional.logsigmoid(-theirs), settings)
        return factor * (yes + no).mean()
    if kind is Kind.NORMALS:
        student, teacher = functional.normalize(student, dim=1), functional.normalize(teacher, dim=1)
    return functional.mse_loss(student, teacher)


def _divergence(student: Tensor, teacher: Tensor, settings: Distillation) -> Tensor:
    """Return the terms of the Kullback-Leibler divergence of two distributions given as logarithms."""
    if settings.direction == "student":
        return student.exp() * (student - teacher)
    return teacher.exp() * (teacher - student)


def mixed(labels: Tensor, teacher: Tensor | None, settings: Distillation) -> Tensor:
    """Return the loss of a task, Eq 5.

    Args:
        labels: Loss against the labels, Eq 3.
        teacher: Loss against the teacher, Eq 4; None where there is none.
        settings: The mix.
    """
    of_labels, of_teacher = settings.weights
    return of_labels * labels if teacher is None else of_labels * labels + of_teacher * teacher
