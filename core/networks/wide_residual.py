"""Wide residual networks for pictures of 32×32, from which deep virtual networks take their units."""

import torch
from torch import Tensor, nn

from core.errors import BackboneError

_FIRST = 16
MOST_DEPTH = 100
MOST_WIDTH = 32


class WideBlock(nn.Module):
    """norm → ReLU → 3×3 → norm → ReLU → 3×3, and a shortcut, which is a 1×1 convolution where the shape changes.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out.
        stride: Of the first convolution and of the shortcut.

    Reference:
        Zagoruyko and Komodakis, Wide Residual Networks, §2, block B(3,3).
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = None if (inputs, stride) == (outputs, 1) else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of the convolutions and the shortcut."""
        first = torch.relu(self.norm1(x))
        out: Tensor = self.conv2(torch.relu(self.norm2(self.conv1(first))))
        return out + (x if self.shortcut is None else self.shortcut(first))


def wide_residual(depth: int, width: int, *, in_channels: int = 3) -> list[nn.Module]:
    """Return the blocks of a wide residual network: a stem of 16 channels, then three groups of residual blocks.

    The groups have 16, 32 and 64 times ``width`` channels and (depth − 2) / 6 blocks each, with strides 1, 2 and 2: the
    paper's depth 32 counts like ResNet-32. The last block ends with norm and ReLU.

    Args:
        depth: 6n + 2.
        width: Factor of the channels.
        in_channels: Channels of the pictures.

    Raises:
        BackboneError: No network has that depth or width.
    """
    if not 8 <= depth <= MOST_DEPTH or (depth - 2) % 6:
        raise BackboneError(f"The depth should be 8, 14, 20, 26, 32, … up to {MOST_DEPTH}. Found {depth}.")
    if not 1 <= width <= MOST_WIDTH or in_channels < 1:
        raise BackboneError(
            f"The width should be 1 to {MOST_WIDTH} and the input should have channels. "
            f"Found width {width} and {in_channels} channels."
        )
    blocks: list[nn.Module] = [nn.Conv2d(in_channels, _FIRST, 3, 1, 1, bias=False)]
    inputs = _FIRST
    for group in range(3):
        outputs = _FIRST * width * 2**group
        for place in range((depth - 2) // 6):
            blocks.append(WideBlock(inputs, outputs, 2 if group and not place else 1))
            inputs = outputs
    blocks[-1] = nn.Sequential(blocks[-1], nn.BatchNorm2d(inputs), nn.ReLU())
    return blocks


def wide_params(depth: int, width: int) -> int:
    """Return the parameters of a wide residual network, without taking memory for them.

    Raises:
        BackboneError: As ``wide_residual``.
    """
    with torch.device("meta"):
        blocks = wide_residual(depth, width)
    return sum(parameter.numel() for block in blocks for parameter in block.parameters())
