"""The network that somebody names as ``MODULE:FUNCTION``, and its profile."""

import importlib
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.backbones import Backbone, Builder
from core.errors import BackboneError
from core.networks.tracing import AUTO, detect


def named_profile(
    function: str,
    keywords: dict[str, Any],
    shape: tuple[int, ...],
    *,
    part: str = "",
    head: str = AUTO,
    merge: int | None = None,
    latency: bool = False,
) -> Backbone:
    """Return the profile of the network that ``MODULE:FUNCTION`` makes.

    Args:
        function: Such as ``torchvision.models:resnet18``; looked for in the current folder too.
        keywords: Keyword arguments of the function.
        shape: Of one input, without the batch.
        part: Path of the submodule that is the backbone; the whole network if empty.
        head: Where the head starts, see ``detect``.
        merge: Number of blocks wanted, if any.
        latency: Measure the blocks on this machine.

    Raises:
        BackboneError: The network can't be made, traced or merged.
    """
    network = made_network(function, keywords, part)
    name = function.rpartition(":")[2] + (f".{part}" if part else "")
    example = torch.zeros(1, *shape)
    found = detect(network, example, name=name, head=head, builder=known_builder(function, keywords, part))
    found = found if merge is None else found.merge_to(merge)
    return found.timed().backbone if latency else found.backbone


def made_network(function: str, keywords: dict[str, Any], part: str) -> nn.Module:
    """Return the network that ``MODULE:FUNCTION`` makes.

    Raises:
        BackboneError: There is no such module, function or part, the call fails, or it gives
            no ``nn.Module``.
    """
    module_name, _, name = function.partition(":")
    if not module_name or not name:
        raise BackboneError(f'"{function[:80]}" should be MODULE:FUNCTION, as in torchvision.models:resnet18.')
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        made = getattr(importlib.import_module(module_name), name)
    except ImportError as error:
        raise BackboneError(f'Module "{module_name}" can\'t be imported: {error}. Run this in its folder.') from error
    except AttributeError:
        raise BackboneError(f'Module "{module_name}" has no "{name}". Check the spelling.') from None
    except Exception as error:
        raise BackboneError(f'Module "{module_name}" fails while it is imported: {_first_line(error)}.') from error
    try:
        network = made(**keywords)
        network = network.get_submodule(part) if part else network
    except Exception as error:
        raise BackboneError(
            f"{function} can't make a network: {_first_line(error)}. Check --args and --part."
        ) from error
    if not isinstance(network, nn.Module):
        raise BackboneError(f"{function} gives a {type(network).__name__}. It should give a torch.nn.Module.")
    return network


def known_builder(function: str, keywords: dict[str, Any], part: str) -> str:
    """Return the expression that makes a torchvision network, or an empty string for others."""
    call = f"{function.replace(':', '.')}({', '.join(f'{k}={v!r}' for k, v in keywords.items())})"
    try:
        return str(Builder.parse(call + (f".{part}" if part else "")))
    except BackboneError:
        return ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
