"""Federated batches as tensors: several data sets, each with its own pictures and targets, at one picture size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from core.data.dataset import Dataset
from core.data.federated import FederatedSampler, Length, Progress
from core.errors import DataError
from core.tasks import Task
from core.training.streamed import Streamed, Values, whole
from core.training.tensors import Tensors, channels_first, channels_last, tensors_of

_CHUNK = 500

Part = tuple[Tensor, list[Tensor]]


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One data set of a federation and its task.

    Args:
        name: Of its branch.
        dataset: Where pictures and targets are.
        task: One of its tasks.
    """

    name: str
    dataset: Dataset
    task: Task

    @classmethod
    def of(cls, name: str, dataset: Dataset, task: str) -> "Member":
        """Return the member that learns ``task`` of a data set.

        Raises:
            DataError: The data set has no such task.
        """
        return cls(name, dataset, dataset.task(task))

    def tensors(self, split: str, size: tuple[int, int], device: torch.device) -> Tensors:
        """Return one split with pictures brought to a common size; targets keep their size.

        Args:
            split: ``train``, ``validation`` or ``test``.
            size: Height and width that the trunk takes.
            device: Where the tensors should live.
        """
        found = tensors_of(self.dataset, split, (self.task,), device)
        return replace(found, pictures=_brought_to(found.pictures, size))


def _brought_to(pictures: Values, size: tuple[int, int]) -> Values:
    if not isinstance(pictures, Streamed):
        return resized(whole(pictures), size)

    def convert(raw: Tensor) -> Tensor:
        return resized(pictures.convert(raw), size)

    return replace(pictures, convert=convert)


def resized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Return pictures at another size, bilinear, antialiased; unchanged where they have this size.

    Args:
        pictures: ``[n, height, width, channels]``, as ``Tensors`` keep them.
        size: Target height and width.
    """
    if tuple(pictures.shape[1:3]) == size:
        return pictures
    parts = torch.split(pictures, _CHUNK)
    return torch.cat(
        [
            channels_last(functional.interpolate(channels_first(part), size=size, mode="bilinear", antialias=True))
            for part in parts
        ]
    )


class FederatedLoader:
    """Batches that hold rows of every data set.

    Args:
        sets: Training samples of each data set, of the same picture size.
        batch_size: Rows of one batch, of all sets together.
        seed: Of the orders.
        length: How long an epoch is.
        names: Names of the data sets, for errors.

    Raises:
        DataError: There is no data set, one is empty, there are more than rows in a batch, or
            their pictures differ in channels or size.
    """

    def __init__(
        self,
        sets: Sequence[Tensors],
        batch_size: int,
        *,
        seed: int = 0,
        length: Length = Length.LONGEST,
        names: Sequence[str] = (),
    ) -> None:
        self.sets = tuple(sets)
        self.sampler = FederatedSampler(tuple(map(len, self.sets)), batch_size, seed, length)
        labels = names or [f"Data set {place}" for place in range(1, len(self.sets) + 1)]
        first = self.sets[0].pictures.shape[1:]
        for name, data in zip(labels, self.sets, strict=True):
            shape = data.pictures.shape[1:]
            if shape != first:
                what = "channels" if shape[-1] != first[-1] else "pixels"
                raise DataError(
                    f"{name} has pictures of {_shape(shape)}, {labels[0]} of {_shape(first)}: a trunk takes one number "
                    f"of {what}. Bring all data sets to the same."
                )

    def __len__(self) -> int:
        return self.sampler.steps

    def epoch(self, number: int, *, start: int = 0, progress: Progress | None = None) -> Iterator[list[Part]]:
        """Return the batches of an epoch: for each data set its pictures ``[rows, channels, h, w]`` and targets.

        Args:
            number: From 0.
            start: First step to return.
            progress: Called after each batch was used, with the steps made and the steps of the epoch.
        """
        device = self.sets[0].pictures.device
        for batch in self.sampler.epoch(number, start=start, progress=progress):
            rows = [torch.from_numpy(found).to(device) for found in batch.rows]
            yield [data.batch(found) for data, found in zip(self.sets, rows, strict=True)]


def _shape(shape: Sequence[int]) -> str:
    return (
        f"{shape[0]}×{shape[1]} with {shape[2]} channel{'' if shape[2] == 1 else 's'}"
        if len(shape) == 3
        else "×".join(map(str, shape))
    )
