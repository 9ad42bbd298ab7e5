"""A data set, or what a network's bottom blocks make of it, as tensors on one device: batches without a loader."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.dataset import Dataset, Samples
from core.data.mapped_file import is_mapped
from core.data.membership import MIDDLE, SPREAD
from core.data.missing import MISSING_CLASS, MISSING_PIXEL, labelled
from core.tasks import Kind, Task
from core.training.labelled import is_complete
from core.training.streamed import Streamed, Values


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """Pictures, or features of pictures, and targets of one split.

    Args:
        pictures: ``float32 [n, height, width, channels]``: channels last, so that a batch is one
            contiguous piece in the memory order the convolutions want. Features without height
            and width are ``[n, …]``. Those of a data set that is larger than the memory stay in its file.
        targets: One tensor per task of the run, in its order; ``core.training.labelled`` says
            how a missing label is written.
        complete: For each task whether no label is missing, found out once for the whole split.
        change: What is done to pictures and targets of each batch; nothing by default.
    """

    pictures: Values
    targets: tuple[Values, ...]
    complete: tuple[bool, ...]
    change: Callable[[Tensor, list[Tensor]], tuple[Tensor, list[Tensor]]] | None = None

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, rows: Tensor | slice) -> tuple[Tensor, list[Tensor]]:
        """Return pictures ``[rows, channels, height, width]`` and the targets of some rows."""
        pictures, targets = channels_first(self.pictures[rows]), [target[rows] for target in self.targets]
        return (pictures, targets) if self.change is None else self.change(pictures, targets)


def channels_first(values: Tensor) -> Tensor:
    """Return a channels-last batch of pictures as ``[n, channels, height, width]``, without a copy."""
    return values.permute(0, 3, 1, 2) if values.ndim == 4 else values


def channels_last(values: Tensor) -> Tensor:
    """Return what a network made as ``Tensors`` keep it."""
    return values.permute(0, 2, 3, 1).contiguous() if values.ndim == 4 else values.contiguous()


def tensors_of(dataset: Dataset, split: str, tasks: tuple[Task, ...], device: torch.device) -> Tensors:
    """Return one split of a data set as tensors.

    Args:
        dataset: Where the arrays are.
        split: ``train``, ``validation`` or ``test``.
        tasks: Whose targets are wanted.
        device: Where the tensors should live.
    """
    return _tensors(getattr(dataset, split), tasks, device)


def tensors_of_labelled(dataset: Dataset, split: str, task: Task, device: torch.device) -> Tensors:
    """Return the samples of a split that have a label of one task, with its targets; no other picture is read.

    Args:
        dataset: Where the arrays are.
        split: ``train``, ``validation`` or ``test``.
        task: Whose labels.
        device: Where the tensors should live.
    """
    samples: Samples = getattr(dataset, split)
    return _tensors(samples, (task,), device, np.flatnonzero(labelled(task.kind, samples.targets[task.name])))


def _tensors(
    samples: Samples, tasks: tuple[Task, ...], device: torch.device, rows: NDArray[np.int64] | None = None
) -> Tensors:
    pictures = _values(samples.pictures, _normalised, device, rows)
    targets = tuple(_values(samples.targets[task.name], partial(_target, task.kind), device, rows) for task in tasks)
    complete = tuple(_is_complete(task.kind, target) for task, target in zip(tasks, targets, strict=True))
    return Tensors(pictures, targets, complete)


def _values(
    array: NDArray[np.generic],
    convert: Callable[[Tensor], Tensor],
    device: torch.device,
    rows: NDArray[np.int64] | None,
) -> Values:
    if is_mapped(array):
        return Streamed(array, convert, device, rows)
    return convert(torch.from_numpy(array if rows is None else array[rows]).to(device))


def _normalised(pictures: Tensor) -> Tensor:
    return pictures.permute(0, 2, 3, 1).to(torch.float32).contiguous().sub_(MIDDLE).div_(SPREAD)


def _target(kind: Kind, target: Tensor) -> Tensor:
    if kind is Kind.SEGMENTATION:
        numbers = target.to(torch.int64)
        return torch.where(numbers == MISSING_PIXEL, MISSING_CLASS, numbers)
    return target.to(torch.int64 if kind.is_one_class else torch.float32)


def _is_complete(kind: Kind, target: Values) -> bool:
    if isinstance(target, Tensor):
        return is_complete(kind, target)
    return all(is_complete(kind, target[part]) for part in target.parts())
