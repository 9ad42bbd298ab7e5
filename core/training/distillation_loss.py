"""How far a network's answers are from those of another one, which teaches it or which it was before."""

from typing import Literal

from torch import Tensor
from torch.nn import functional

from core.tasks import Kind, Task
from core.training.losses import standardised

Direction = Literal["student", "teacher"]
_CLASSES = (Kind.CLASSIFICATION, Kind.ORDINAL, Kind.SEGMENTATION)


def distillation_loss(
    task: Task,
    student: Tensor,
    teacher: Tensor,
    temperature: float,
    *,
    direction: Direction = "teacher",
    squared: bool = False,
) -> Tensor:
    """Return how far outputs are from those of a teacher; the mean over samples, pixels and labels.

    Classes are compared by the divergence of their probabilities, in each pixel where they are of pixels; labels that
    exclude none of each other by that of each label alone. An answer that is a number has no distribution: its loss is
    the squared error to the teacher's output, which is what the divergence becomes at a high temperature; numbers are
    compared in times of their standard deviation, normals as directions.

    By default it is what Learning without Forgetting holds old answers by: KL(teacher‖student) without T². Its
    cross-entropy has the same gradient; the divergence is 0 where nothing has changed.

    Args:
        task: What is predicted.
        student: Output that learns, ``[n, outputs, …]``.
        teacher: Output for the same pictures, without gradient.
        temperature: By which scores are divided before they are compared.
        direction: Whose distribution weighs the divergence: "student" is KL(student‖teacher), "teacher" is
            KL(teacher‖student).
        squared: Whether divergences are multiplied by T², so that their gradients keep their size at any T.

    Returns:
        A scalar.

    Reference:
        Li and Hoiem, Learning without Forgetting, Eqs 2 and 3; Hinton et al., Distilling the Knowledge in a Neural
        Network, §2, for T², and §2.1 for the limit; Liu et al., Structured Knowledge Distillation for Dense
        Prediction, §3.1, for pixels; Ba and Caruana, Do Deep Nets Really Need to be Deep?, Eq 1, for squared errors.
    """
    kind, factor = task.kind, (temperature**2 if squared else 1.0)
    if kind in _CLASSES:
        ours, theirs = (functional.log_softmax(x / temperature, dim=1) for x in (student, teacher))
        return factor * _divergence(ours, theirs, direction).sum(dim=1).mean()
    if kind is Kind.MULTI_LABEL:
        ours, theirs = student / temperature, teacher / temperature
        yes = _divergence(functional.logsigmoid(ours), functional.logsigmoid(theirs), direction)
        no = _divergence(functional.logsigmoid(-ours), functional.logsigmoid(-theirs), direction)
        return factor * (yes + no).mean()
    if kind is Kind.NORMALS:
        student, teacher = functional.normalize(student, dim=1), functional.normalize(teacher, dim=1)
    return functional.mse_loss(standardised(student, task.std), standardised(teacher, task.std))


def _divergence(student: Tensor, teacher: Tensor, direction: Direction) -> Tensor:
    """Return the terms of the Kullback-Leibler divergence of two distributions given as logarithms."""
    if direction == "student":
        return student.exp() * (student - teacher)
    return teacher.exp() * (teacher - student)
