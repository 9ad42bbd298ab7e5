"""A data set, or what a network's bottom blocks make of it, as tensors on one device: batches without a loader."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Dataset, Samples
from core.data.membership import MIDDLE, SPREAD
from core.data.missing import MISSING_CLASS, MISSING_PIXEL, labelled
from core.tasks import Kind, Task
from core.training.labelled import is_complete


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """Pictures, or features of pictures, and targets of one split.

    Args:
        pictures: ``float32 [n, height, width, channels]``: channels last, so that a batch is one
            contiguous piece in the memory order the convolutions want. Features without height
            and width are ``[n, …]``.
        targets: One tensor per task of the run, in its order; ``core.training.labelled`` says
            how a missing label is written.
        complete: For each task whether no label is missing, found out once for the whole split.
    """

    pictures: Tensor
    targets: tuple[Tensor, ...]
    complete: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, rows: Tensor | slice) -> tuple[Tensor, list[Tensor]]:
        """Return pictures ``[rows, channels, height, width]`` and the targets of some rows."""
        return channels_first(self.pictures[rows]), [target[rows] for target in self.targets]


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
    target = samples.targets[task.name]
    known = labelled(task.kind, target)
    return _tensors(Samples(samples.pictures[known], {task.name: target[known]}), (task,), device)


def _tensors(samples: Samples, tasks: tuple[Task, ...], device: torch.device) -> Tensors:
    pictures = torch.from_numpy(samples.pictures).to(device).permute(0, 2, 3, 1).to(torch.float32).contiguous()
    targets = tuple(_target(samples, task, device) for task in tasks)
    complete = tuple(is_complete(task.kind, target) for task, target in zip(tasks, targets, strict=True))
    return Tensors(pictures.sub_(MIDDLE).div_(SPREAD), targets, complete)


def _target(samples: Samples, task: Task, device: torch.device) -> Tensor:
    target = torch.from_numpy(samples.targets[task.name]).to(device)
    if task.kind is Kind.SEGMENTATION:
        numbers = target.to(torch.int64)
        return torch.where(numbers == MISSING_PIXEL, MISSING_CLASS, numbers)
    return target.to(torch.int64 if task.kind is Kind.CLASSIFICATION else torch.float32)
