"""The thin VGG-16 in which attributes of faces are branched."""

from torch import nn

from core.errors import BackboneError

_WIDTHS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
# Convolutions that maximum pooling follows.
_POOLED = (1, 3, 6, 9, 12)
_SIDE = 7


def thin_vgg16(width: int = 32, *, in_channels: int = 3) -> list[nn.Module]:
    """Return VGG-16 with at most ``width`` channels per convolution and ``2 · width`` features in both full layers.

    Fifteen blocks: thirteen convolutions and two full layers; one linear layer per task goes on top.

    Args:
        width: ω of Branched MTL.
        in_channels: Channels of the pictures.

    Raises:
        BackboneError: A number is below one.

    Reference:
        Branched Multi-Task Networks, §4.3; Lu et al. 2017, Fully-adaptive Feature Sharing.

    >>> sum(p.numel() for block in thin_vgg16(32) for p in block.parameters())
    216448
    """
    if width < 1 or in_channels < 1:
        raise BackboneError(f"Width {width} and {in_channels} input channels should both be at least one.")
    blocks: list[nn.Module] = []
    inputs = in_channels
    for place, own in enumerate(_WIDTHS):
        outputs = min(own, width)
        pooling = [nn.MaxPool2d(2)] if place in _POOLED else []
        blocks.append(nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), *pooling))
        inputs = outputs
    flat = nn.Sequential(nn.AdaptiveAvgPool2d(_SIDE), nn.Flatten())
    blocks.append(nn.Sequential(*flat, nn.Linear(inputs * _SIDE**2, 2 * width), nn.ReLU(), nn.Dropout()))
    blocks.append(nn.Sequential(nn.Linear(2 * width, 2 * width), nn.ReLU(), nn.Dropout()))
    return blocks


def thin_vgg16_network(width: int = 32, outputs: int = 40) -> nn.Sequential:
    """Return the whole thin network with a linear layer of ``outputs`` on top, for ``branchwise backbone``.

    Args:
        width: ω of Branched MTL.
        outputs: Of the last layer; CelebA has 40 attributes.
    """
    return nn.Sequential(*thin_vgg16(width), nn.Linear(2 * width, outputs))
