"""Light heads: what follows the last block of a task, never shared."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backbones.arrangement import Arrangement, arrangement
from core.errors import BackboneError
from core.tasks import Kind, Task

HIDDEN = 16
# Dimensions of a batch that a classification head averages over.
POOLED = {Arrangement.FIRST: (2, 3), Arrangement.LAST: (1, 2), Arrangement.TOKENS: (1,), Arrangement.VECTOR: ()}


class Bilinear(nn.Module):
    """Bilinear up-sampling between two fixed sizes, as two small matrix products.

    The same numbers as ``torch.nn.functional.interpolate(…, align_corners=False)`` in a third
    of the time on small pictures, where this would be a tenth of a training.

    Args:
        before: Height and width that come in.
        after: Height and width that go out.
    """

    down: Tensor
    across: Tensor

    def __init__(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        super().__init__()
        self.register_buffer("down", _weights(before[0], after[0]), persistent=False)
        self.register_buffer("across", _weights(before[1], after[1]).T.contiguous(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, channels, *after]`` of ``[n, channels, *before]``."""
        return self.down @ (x @ self.across)


class DenseHead(nn.Module):
    """Two 3×3 convolutions and bilinear up-sampling to the size of the picture.

    Args:
        inputs: Channels, height and width of the output of the last block.
        outputs: Channels of the answer.
        size: Height and width of the answer.
        hidden: Channels between the two convolutions.
        channels_last: Whether the last block gives ``[n, height, width, channels]``.
    """

    def __init__(
        self,
        inputs: tuple[int, int, int],
        outputs: int,
        size: tuple[int, int],
        *,
        hidden: int = HIDDEN,
        channels_last: bool = False,
    ) -> None:
        super().__init__()
        self.channels_last = channels_last
        self.layers = nn.Sequential(
            nn.Conv2d(inputs[0], hidden, 3, padding=1), nn.ReLU(), nn.Conv2d(hidden, outputs, 3, padding=1)
        )
        self.enlarge = Bilinear(inputs[1:], size)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs, height, width]``."""
        x = x.permute(0, 3, 1, 2) if self.channels_last else x
        enlarged: Tensor = self.enlarge(self.layers(x))
        return enlarged


class ClassificationHead(nn.Module):
    """Global average pooling and one linear layer.

    Args:
        inputs: Channels of the last block.
        outputs: Number of classes or labels.
        pooled: Dimensions of a batch that are averaged: height and width, or tokens; none for vectors.
    """

    def __init__(self, inputs: int, outputs: int, pooled: tuple[int, ...] = (2, 3)) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.pooled = pooled

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs]``."""
        scores: Tensor = self.linear(x.mean(dim=self.pooled) if self.pooled else x)
        return scores


class NumberHead(ClassificationHead):
    """A linear layer whose outputs are brought to the unit of the targets: times their spread, plus their mean.

    So a network answers in the user's unit and yet learns as if targets had mean 0 and spread 1.

    Args:
        inputs: Channels of the last block.
        outputs: Number of numbers.
        pooled: Dimensions of a batch that are averaged.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, inputs: int, outputs: int, pooled: tuple[int, ...] = (2, 3)) -> None:
        super().__init__(inputs, outputs, pooled)
        # Kept with the weights: whoever loads them needs nothing else.
        self.register_buffer("mean", torch.zeros(outputs))
        self.register_buffer("std", torch.ones(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs]``."""
        return super().forward(x) * self.std + self.mean


def head_of(task: Task, inputs: tuple[int, ...], size: tuple[int, int]) -> nn.Module:
    """Return the head for the kind of a task, with torch's present random numbers.

    Args:
        task: What to predict.
        inputs: Shape of the output of the last block, without the batch.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The task predicts an answer per pixel and the last block gives no map.
    """
    channels, found = arrangement(inputs, size)
    if task.kind is Kind.REGRESSION:
        head = NumberHead(channels, task.n_outputs, POOLED[found])
        if task.std:
            head.mean.copy_(torch.tensor(task.mean))
            head.std.copy_(torch.tensor(task.std))
        return head
    if not task.kind.is_map:
        return ClassificationHead(channels, task.n_outputs, POOLED[found])
    if found not in (Arrangement.FIRST, Arrangement.LAST):
        raise BackboneError(
            f'Task "{task.name}" answers per pixel, but the last block gives the shape {list(inputs)}. '
            "Choose a backbone that ends in maps [channels, height, width]."
        )
    last = found is Arrangement.LAST
    height, width = inputs[:2] if last else inputs[1:]
    return DenseHead((channels, height, width), task.n_outputs, size, channels_last=last)


def _weights(before: int, after: int) -> Tensor:
    columns = functional.interpolate(torch.eye(before)[None], size=after, mode="linear", align_corners=False)
    return columns[0].T.contiguous()
