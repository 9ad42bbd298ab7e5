"""Exits of a multi-path network as values: what each path holds and computes, and the paper's placements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.errors import BackboneError


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of one path through a backbone, without its head.

    Args:
        name: Path of the module behind which it leaves.
        params: Parameters that the path holds.
        macs: Multiply-accumulates of the path on one input.
        published_params: The same, with operators that run beside the path inside its last residual block and
            that this exit does not need, such as a shortcut: so the paper counts.
        published_macs: The multiply-accumulates counted that way.
        output_shape: Of the tensor that the exit's head receives, without the batch.
    """

    name: str
    params: int
    macs: int
    published_params: int
    published_macs: int
    output_shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """Exits as the paper places them.

    Args:
        backbone: Name of a torchvision network.
        size: Height and width of pictures, in pixels.
        stem_stride: Of the 3×3 convolution that the network begins with.
        exits: Names of the exits, from the input.
        arguments: Keyword arguments of the network.
    """

    backbone: str
    size: int
    stem_stride: int
    exits: tuple[str, ...]
    arguments: Mapping[str, float] = field(default_factory=dict)


# Paper, Tables 2 and 3: shares of parameters .248/.366/.577/.789/1; about .4/.6/1 and .3/.6/1.
PRESETS: Final[Mapping[str, Preset]] = {
    "resnet18-5": Preset("resnet18", 32, 2, ("layer3", "layer4.0.conv1", "layer4.0", "layer4.1.conv1", "layer4")),
    "resnet18-3": Preset("resnet18", 32, 2, ("layer4.0.conv1", "layer4.0", "layer4")),
    "mobilenetv2-0.5-3": Preset(
        "mobilenet_v2", 32, 1, ("features.13", "features.15", "features.17"), {"width_mult": 0.5}
    ),
}


def check_exits(names: tuple[str, ...]) -> None:
    """Check that there are at least two exits, each named once.

    Raises:
        BackboneError: There are fewer, or one is named twice.
    """
    if len(names) < 2:
        raise BackboneError("A multi-path network has at least two exits. Name them from the input on, with commas.")
    if twice := [name for i, name in enumerate(names) if name in names[:i]]:
        raise BackboneError(f'The exit "{twice[0][:80]}" is named twice. Name each once.')
