"""Heads: what follows the last block of a task, never shared. Light ones, and those of two papers for maps."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backbones.arrangement import Arrangement, arrangement
from core.errors import BackboneError
from core.runs.settings import HeadKind
from core.tasks import Kind, Task

HIDDEN = 16
# Channels of the larger heads: as many as the last block gives, at most so many.
MOST_HIDDEN = 256
# The largest of the three rates, at an output stride of 16 and on a map of 33: 18 of 33 pixels.
RATE = 18
RATE_STRIDE = 16
RATE_SHARE = 0.55
BINS = (1, 2, 3, 6)
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


class Pooled(nn.Module):
    """Means over a grid of cells, a 1×1 convolution, and bilinear up-sampling back to the size that came in.

    The means are two small matrix products, as ``Bilinear`` is: ``adaptive_avg_pool2d`` for one fixed size, which
    also formats without such an operator can hold.

    Args:
        inputs: Channels, height and width that come in.
        outputs: Channels that go out.
        cells: Rows and columns of the grid.
    """

    down: Tensor
    across: Tensor

    def __init__(self, inputs: tuple[int, int, int], outputs: int, cells: int) -> None:
        super().__init__()
        self.register_buffer("down", _means(inputs[1], cells), persistent=False)
        self.register_buffer("across", _means(inputs[2], cells).T.contiguous(), persistent=False)
        # Without a norm: of one cell and one picture there is no variance.
        self.layers = nn.Sequential(nn.Conv2d(inputs[0], outputs, 1), nn.ReLU())
        self.enlarge = Bilinear((cells, cells), inputs[1:])

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs, height, width]`` of ``[n, channels, height, width]``."""
        enlarged: Tensor = self.enlarge(self.layers(self.down @ (x @ self.across)))
        return enlarged


class AsppHead(nn.Module):
    """Atrous spatial pyramid pooling: convolutions at three rates beside a 1×1 one and the mean of the whole map.

    Args:
        inputs: Channels, height and width of the output of the last block.
        outputs: Channels of the answer.
        size: Height and width of the answer.
        channels_last: Whether the last block gives ``[n, height, width, channels]``.

    Reference:
        Chen et al. 2017, Rethinking Atrous Convolution for Semantic Image Segmentation, §3.3; Branched MTL's heads.
    """

    def __init__(
        self, inputs: tuple[int, int, int], outputs: int, size: tuple[int, int], *, channels_last: bool = False
    ) -> None:
        super().__init__()
        self.channels_last = channels_last
        hidden = min(inputs[0], MOST_HIDDEN)
        branches: list[nn.Module] = [_normed(nn.Conv2d(inputs[0], hidden, 1, bias=False))]
        for rate in atrous_rates(inputs[1:], size):
            convolution = nn.Conv2d(inputs[0], hidden, 3, padding=rate, dilation=rate, bias=False)
            branches.append(_normed(convolution))
        self.branches = nn.ModuleList([*branches, Pooled(inputs, hidden, 1)])
        self.layers = nn.Sequential(
            _normed(nn.Conv2d(len(self.branches) * hidden, hidden, 1, bias=False)), nn.Conv2d(hidden, outputs, 1)
        )
        self.enlarge = Bilinear(inputs[1:], size)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs, height, width]``."""
        x = x.permute(0, 3, 1, 2) if self.channels_last else x
        enlarged: Tensor = self.enlarge(self.layers(torch.cat([branch(x) for branch in self.branches], dim=1)))
        return enlarged


class PyramidHead(nn.Module):
    """Pyramid pooling: the map beside its means over grids of 1, 2, 3 and 6 cells, as far as it has so many pixels.

    Args:
        inputs: Channels, height and width of the output of the last block.
        outputs: Channels of the answer.
        size: Height and width of the answer.
        channels_last: Whether the last block gives ``[n, height, width, channels]``.

    Reference:
        Zhao et al. 2017, Pyramid Scene Parsing Network, §3.2.
    """

    def __init__(
        self, inputs: tuple[int, int, int], outputs: int, size: tuple[int, int], *, channels_last: bool = False
    ) -> None:
        super().__init__()
        self.channels_last = channels_last
        cells = [number for number in BINS if number <= min(inputs[1:])]
        each, hidden = max(inputs[0] // len(BINS), 1), min(inputs[0], MOST_HIDDEN)
        self.branches = nn.ModuleList([Pooled(inputs, each, number) for number in cells])
        width = inputs[0] + each * len(cells)
        self.layers = nn.Sequential(
            _normed(nn.Conv2d(width, hidden, 3, padding=1, bias=False)), nn.Conv2d(hidden, outputs, 1)
        )
        self.enlarge = Bilinear(inputs[1:], size)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs, height, width]``."""
        x = x.permute(0, 3, 1, 2) if self.channels_last else x
        enlarged: Tensor = self.enlarge(self.layers(torch.cat([x, *(branch(x) for branch in self.branches)], dim=1)))
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


def atrous_rates(inputs: tuple[int, int], size: tuple[int, int]) -> tuple[int, int, int]:
    """Return the three rates of ``AsppHead``: 6, 12 and 18 at an output stride of 16, twice that at 8.

    On a map that these would reach across, as small pictures give, the largest is .55 of its shorter side, as 18 is of
    the 33 pixels that the paper's pictures leave, and the others a third and two thirds of it.

    Args:
        inputs: Height and width of the map.
        size: Height and width of the picture.

    >>> atrous_rates((33, 33), (528, 528)), atrous_rates((64, 64), (512, 512)), atrous_rates((4, 4), (32, 32))
    ((6, 12, 18), (12, 23, 35), (1, 1, 2))
    """
    stride = min(side / own for side, own in zip(size, inputs, strict=True))
    largest = min(RATE * RATE_STRIDE / stride, RATE_SHARE * min(inputs))
    first, second, third = (max(round(largest * share / 3), 1) for share in (1, 2, 3))
    return first, second, third


def head_of(task: Task, inputs: tuple[int, ...], size: tuple[int, int], kind: HeadKind = "light") -> nn.Module:
    """Return the head for the kind of a task, with torch's present random numbers.

    Args:
        task: What to predict.
        inputs: Shape of the output of the last block, without the batch.
        size: Height and width of the pictures.
        kind: Which head tasks with an answer per pixel have.

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
    make = {"light": DenseHead, "aspp": AsppHead, "pyramid": PyramidHead}[kind]
    dense: nn.Module = make((channels, height, width), task.n_outputs, size, channels_last=last)
    return dense


def _normed(convolution: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU())


def _means(before: int, cells: int) -> Tensor:
    return functional.adaptive_avg_pool1d(torch.eye(before)[None], cells)[0].T.contiguous()


def _weights(before: int, after: int) -> Tensor:
    columns = functional.interpolate(torch.eye(before)[None], size=after, mode="linear", align_corners=False)
    return columns[0].T.contiguous()
