"""The best answer that does not look at the picture: what a network has to beat."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from core.runs.result import Metrics
from core.tasks import Kind, Task
from core.training.answers import row_slices
from core.training.labelled import present
from core.training.median import median
from core.training.metrics import Measure
from core.training.streamed import Values


def constant_metrics(task: Task, target: Values) -> Metrics:
    """Return the metrics of the one constant answer that has the least training loss on a split.

    Args:
        task: What is predicted.
        target: Ground truth of the split, as in ``Tensors.targets``.

    >>> constant_metrics(Task.usual("parity", Kind.CLASSIFICATION, 2), torch.tensor([0, 1, 1, 1]))
    {'accuracy': 0.75}
    """
    answer, found = constant_answer(task, target), Measure(task)
    for rows in _rows(task, target):
        truth = target[rows]
        shape = truth.shape[2:] if truth.is_floating_point() else truth.shape[1:]
        found.add(answer.reshape(1, -1, *[1] * len(shape)).expand(len(truth), -1, *shape), truth)
    return found.metrics()


def constant_answer(task: Task, target: Values) -> Tensor:
    """Return the output of the head that has the least training loss if it is the same everywhere, ``[n_outputs]``.

    That is the most frequent class (its score is 1, all others 0), the middle one of ordered classes, the sign of
    the more frequent value of each label, the direction of the mean normal, and the median of numbers and (log)
    values.

    Args:
        task: What is predicted.
        target: Ground truth of the split, as in ``Tensors.targets``.
    """
    pieces = _Pieces(task, target)
    match task.kind:
        case Kind.CLASSIFICATION | Kind.SEGMENTATION:
            return functional.one_hot(pieces.counts(task.n_outputs).argmax(), task.n_outputs).float()
        case Kind.ORDINAL:
            ends = pieces.counts(task.n_outputs).cumsum(0)
            middle = torch.searchsorted(ends, (ends[-1:] - 1) // 2, right=True)[0]
            return functional.one_hot(middle, task.n_outputs).float()
        case Kind.MULTI_LABEL:
            return pieces.mean(lambda truth: truth).sub(0.5).nan_to_num().float()
        case Kind.NORMALS:
            return pieces.mean(lambda truth: truth.movedim(1, -1)[present(task.kind, truth)]).float()
        case Kind.DEPTH:
            return pieces.medians(lambda truth: truth.flatten().log()[None])
        case Kind.REGRESSION | Kind.REGRESSION_MAP:
            return torch.nan_to_num(pieces.medians(lambda truth: truth.movedim(1, 0).flatten(1)))


def _rows(task: Task, target: Values) -> list[slice]:
    truth = target[:1]
    n_answers = truth.numel() if truth.is_floating_point() else truth.numel() * task.n_outputs
    return row_slices(len(target), [truth.nbytes, 4 * n_answers])


class _Pieces:
    """Statistics of the ground truth of a split, which is read piece by piece.

    Args:
        task: What is predicted.
        target: Ground truth.
    """

    def __init__(self, task: Task, target: Values) -> None:
        self._kind, self._target = task.kind, target
        self._rows = _rows(task, target)

    def counts(self, n_classes: int) -> Tensor:
        """Return how often there is each class, ``[n_classes]``."""
        counts = torch.zeros(n_classes, dtype=torch.int64, device=self._target.device)
        for rows in self._rows:
            truth = self._target[rows]
            counts += torch.bincount(truth[present(self._kind, truth)], minlength=n_classes)
        return counts

    def mean(self, values: Callable[[Tensor], Tensor]) -> Tensor:
        """Return the mean over what is labelled of some values of a piece, ``[n, channels]``, as float64."""
        like = values(self._target[:1])
        sums = torch.zeros(like.shape[1], dtype=torch.float64, device=like.device)
        n = torch.zeros_like(sums)
        # Added in place: small tensors between the large ones would keep their memory from being given back.
        for rows in self._rows:
            found = values(self._target[rows]).double()
            sums += found.nansum(dim=0)
            n += (~torch.isnan(found)).sum(dim=0)
        return sums / n

    def medians(self, values: Callable[[Tensor], Tensor]) -> Tensor:
        """Return the medians over what is labelled of some values of a piece, ``[channels, n]``."""
        like = values(self._target[:1])

        def labelled(channel: int, piece: int) -> Tensor:
            found = values(self._target[self._rows[piece]])[channel]
            return found[~torch.isnan(found)]

        found = [median(partial(labelled, channel), len(self._rows)) for channel in range(len(like))]
        return torch.tensor(found, dtype=like.dtype, device=like.device)
