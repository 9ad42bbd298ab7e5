"""Networks by the names that ``branchwise virtual`` knows: wide residual ones beside those that a study may have."""

import re
from typing import Final

import torch
from torch import nn

from core.errors import BackboneError
from core.networks.study_blocks import SMALL, blocks_of, torchvision_blocks
from core.networks.wide_residual import wide_params, wide_residual
from core.runs.settings import TORCHVISION, BackboneSpecification

_WIDE: Final = re.compile(r"wrn([1-9][0-9]{0,3})")
# As a study may have them.
_LEAST, _MOST = 2, 256


def named_blocks(name: str | None, width: int | None, size: tuple[int, int]) -> list[nn.Module]:
    """Return the blocks of a network, with weights that are always the same.

    Args:
        name: ``wrn32`` and the like, ``small-residual``, or ``torchvision:resnet18`` and the like.
        width: Of the first two.
        size: Height and width of the pictures.

    Raises:
        BackboneError: There is no such network.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if name == SMALL:
            if width is None or not _LEAST <= width <= _MOST:
                found = "no width" if width is None else width
                raise BackboneError(f"Name the width of {SMALL}, {_LEAST} to {_MOST}, with --width. Found {found}.")
            return blocks_of(BackboneSpecification(width=width), size)
        if name is not None and name.startswith(TORCHVISION):
            if width is not None:
                raise BackboneError(f"{name[:60]} has no width to choose. Leave --width out.")
            return torchvision_blocks(name.removeprefix(TORCHVISION)[:60], 1, size=size)
        return wide_residual(*_wide(name, width))


def named_params(name: str | None, width: int | None) -> int:
    """Return the parameters of a network, without its head.

    Raises:
        BackboneError: There is no such network.
    """
    if name is not None and (name == SMALL or name.startswith(TORCHVISION)):
        blocks = named_blocks(name, width, (32, 32))
        return sum(parameter.numel() for block in blocks for parameter in block.parameters())
    return wide_params(*_wide(name, width))


def _wide(name: str | None, width: int | None) -> tuple[int, int]:
    depth = _WIDE.fullmatch(name or "")
    if depth is None or width is None:
        found = "no width" if name and depth else "no --backbone" if name is None else repr(name)[:40]
        raise BackboneError(
            f"Name a wide residual network and its width, as in --backbone wrn32 --width 4, or {SMALL} and its width, "
            f"or a network such as torchvision:resnet18. Found {found}."
        )
    return int(depth[1]), width
