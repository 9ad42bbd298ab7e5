"""The best answer that does not look at the picture: what a network has to beat."""

import torch
from torch import Tensor

from core.runs.result import Metrics
from core.tasks import Kind, Task
from core.training.labelled import present
from core.training.metrics import measure


def constant_metrics(task: Task, target: Tensor) -> Metrics:
    """Return the metrics of the one constant answer that has the least training loss on a split.

    Args:
        task: What is predicted.
        target: Ground truth of the split, as in ``Tensors.targets``.

    >>> constant_metrics(Task.usual("parity", Kind.CLASSIFICATION, 2), torch.tensor([0, 1, 1, 1]))
    {'accuracy': 0.75}
    """
    answer = constant_answer(task, target)
    shape = target.shape[2:] if target.is_floating_point() else target.shape[1:]
    output = answer.reshape(1, -1, *[1] * len(shape)).expand(len(target), -1, *shape)
    return measure(task, output, target)


def constant_answer(task: Task, target: Tensor) -> Tensor:
    """Return the output of the head that has the least training loss if it is the same everywhere, ``[n_outputs]``.

    That is the most frequent class (its score is 1, all others 0), the middle one of ordered classes, the sign of
    the more frequent value of each label, the direction of the mean normal, and the median of numbers and (log)
    values.

    Args:
        task: What is predicted.
        target: Ground truth of the split, as in ``Tensors.targets``.
    """
    known = present(task.kind, target)
    match task.kind:
        case Kind.CLASSIFICATION | Kind.SEGMENTATION:
            counts = torch.bincount(target[known], minlength=task.n_outputs)
            return torch.nn.functional.one_hot(counts.argmax(), task.n_outputs).float()
        case Kind.ORDINAL:
            return torch.nn.functional.one_hot(target[known].median(), task.n_outputs).float()
        case Kind.REGRESSION:
            return torch.nan_to_num(target.nanmedian(dim=0).values)
        case Kind.MULTI_LABEL:
            return torch.nanmean(target.float(), dim=0).sub(0.5).nan_to_num()
        case Kind.NORMALS:
            return target.movedim(1, -1)[known].double().mean(dim=0).float()
        case Kind.DEPTH:
            return target[known].log().median().reshape(1)
        case Kind.REGRESSION_MAP:
            return torch.nan_to_num(target.movedim(1, 0).flatten(1).nanmedian(dim=1).values)
