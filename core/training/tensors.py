"""A data set as tensors on one device, ready for batches without a loader."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Dataset, Samples
from core.tasks import Kind, Task

# Colours 0 to 255 become about −2 to 2.
_MIDDLE = 110.0
_SPREAD = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """Pictures and targets of one split.

    Args:
        pictures: ``float32 [n, height, width, 3]``: channels last, so that a batch is one
            contiguous piece in the memory order the convolutions want.
        targets: One tensor per task of the run, in its order.
    """

    pictures: Tensor
    targets: tuple[Tensor, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, rows: Tensor | slice) -> tuple[Tensor, list[Tensor]]:
        """Give pictures ``[rows, 3, height, width]`` and the targets of some rows."""
        return self.pictures[rows].permute(0, 3, 1, 2), [target[rows] for target in self.targets]


def tensors_of(dataset: Dataset, split: str, tasks: tuple[Task, ...], device: torch.device) -> Tensors:
    """Give one split of a data set as tensors.

    Args:
        dataset: Where the arrays are.
        split: ``train``, ``validation`` or ``test``.
        tasks: Whose targets are wanted.
        device: Where the tensors should live.
    """
    samples: Samples = getattr(dataset, split)
    pictures = torch.from_numpy(samples.pictures).to(device).permute(0, 2, 3, 1).to(torch.float32).contiguous()
    return Tensors(pictures.sub_(_MIDDLE).div_(_SPREAD), tuple(_target(samples, task, device) for task in tasks))


def _target(samples: Samples, task: Task, device: torch.device) -> Tensor:
    numbers = task.kind in (Kind.SEGMENTATION, Kind.CLASSIFICATION)
    target = torch.from_numpy(samples.targets[task.name]).to(device)
    return target.to(torch.int64 if numbers else torch.float32)
