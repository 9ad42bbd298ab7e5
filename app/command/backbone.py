"""``branchwise backbone MODULE:FUNCTION``: where a network can branch, and what each block costs."""

import importlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.backbones import Backbone, Builder, profile_document
from core.errors import BackboneError

if TYPE_CHECKING:
    from torch import nn

_MAX_SIZE = 65_536


@click.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--args", "arguments", default="{}", metavar="JSON", help="Keyword arguments of the function.")
@click.option("--input", "size", default="3,224,224", show_default=True, help="Shape of one input, without the batch.")
@click.option("--part", default="", help="Path of the submodule that is the backbone, such as backbone.")
@click.option("--head", default="auto", show_default=True, help="Where the head starts: auto, none or a module's path.")
@click.option("--merge", type=int, default=None, metavar="N", help="Join the blocks to N of nearly equal MACs.")
@click.option("--latency", is_flag=True, help="Measure the median seconds of each block on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def backbone(
    *, function: str, arguments: str, size: str, part: str, head: str, merge: int | None, latency: bool, as_json: bool
) -> None:
    """Give the blocks of a network between its branching points.

    MODULE:FUNCTION makes the network, for instance torchvision.models:resnet18. Modules are
    looked for in the current folder too. MACs are multiply-accumulates, one per multiply-add.
    """
    shape = read_shape(size)
    keywords = read_arguments(arguments)
    network = made_network(function, keywords, part)

    import torch

    from core.networks.tracing import detect

    name = function.rpartition(":")[2] + (f".{part}" if part else "")
    found = detect(
        network, torch.zeros(1, *shape), name=name, head=head, builder=known_builder(function, keywords, part)
    )
    found = found if merge is None else found.merge_to(merge)
    profile = found.timed().backbone if latency else found.backbone
    click.echo(
        json.dumps(profile_document(profile), ensure_ascii=False) if as_json else "\n".join(table_lines(profile))
    )


def read_shape(text: str) -> tuple[int, ...]:
    """Give the shape written as ``3,224,224``.

    Raises:
        BackboneError: It is no list of 1 to 5 whole numbers above zero.
    """
    words = [word.strip() for word in text.split(",")]
    if not 1 <= len(words) <= 5 or not all(re.fullmatch(r"[0-9]{1,5}", w) and 1 <= int(w) <= _MAX_SIZE for w in words):
        raise BackboneError(f'"{text[:60]}" is no input shape. Write channels, height and width, as in 3,224,224.')
    return tuple(map(int, words))


def read_arguments(text: str) -> dict[str, Any]:
    """Give the keyword arguments written as a JSON object.

    Raises:
        BackboneError: It is no JSON object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BackboneError(f"{text[:60]!r} is no JSON object of keyword arguments. Write '{{\"num_classes\": 10}}'.")
    return found


def made_network(function: str, keywords: dict[str, Any], part: str) -> "nn.Module":
    """Give the network that ``MODULE:FUNCTION`` makes.

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
    from torch import nn

    if not isinstance(network, nn.Module):
        raise BackboneError(f"{function} gives a {type(network).__name__}. It should give a torch.nn.Module.")
    return network


def known_builder(function: str, keywords: dict[str, Any], part: str) -> str:
    """Give the expression that makes a torchvision network, or an empty string for others."""
    call = f"{function.replace(':', '.')}({', '.join(f'{k}={v!r}' for k, v in keywords.items())})"
    try:
        return str(Builder.parse(call + (f".{part}" if part else "")))
    except BackboneError:
        return ""


def table_lines(profile: Backbone) -> list[str]:
    """Give a profile as an aligned table: one line per block, then head and total."""
    rows = [("block", "name", "parameters", "MACs", "output", "ms")]
    for index, block in enumerate(profile.blocks):
        time = "" if block.latency is None else f"{1e3 * block.latency:.3f}"
        shape = "×".join(map(str, block.output_shape))
        rows.append((str(index), block.name, f"{block.params:,}", f"{block.macs:,}", shape, time))
    rows.append(("", "head", f"{profile.head_params:,}", f"{profile.head_macs:,}", "", ""))
    total = "" if profile.latency is None else f"{1e3 * profile.latency:.3f}"
    rows.append(("", "blocks together", f"{profile.params:,}", f"{profile.macs:,}", "", total))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    aligned = (str.rjust, str.ljust, str.rjust, str.rjust, str.ljust, str.rjust)
    return ["  ".join(put(cell, w) for put, cell, w in zip(aligned, row, widths, strict=True)).rstrip() for row in rows]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
