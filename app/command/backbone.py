"""``branchwise backbone MODULE:FUNCTION``: where a network can branch, and what each block costs."""

import json
import re
from typing import Any

import click

from app.command.output import json_option, say, write_json
from core.backbones import Backbone, profile_document
from core.errors import BackboneError

_MAX_SIZE = 65_536


@click.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--args", "arguments", default="{}", metavar="JSON", help="Keyword arguments of the function.")
@click.option("--input", "size", default="3,224,224", show_default=True, help="Shape of one input, without the batch.")
@click.option("--part", default="", help="Path of the submodule that is the backbone, such as backbone.")
@click.option("--head", default="auto", show_default=True, help="Where the head starts: auto, none or a module's path.")
@click.option("--merge", type=int, default=None, metavar="N", help="Join the blocks to N of nearly equal MACs.")
@click.option("--latency", is_flag=True, help="Measure the median seconds of each block on this machine.")
@json_option
def backbone(
    *, function: str, arguments: str, size: str, part: str, head: str, merge: int | None, latency: bool, as_json: bool
) -> None:
    """Print the blocks of a network between its branching points.

    MODULE:FUNCTION makes the network, for instance torchvision.models:resnet18. Modules are
    looked for in the current folder too. MACs are multiply-accumulates, one per multiply-add.
    """
    shape = read_shape(size)
    keywords = read_arguments(arguments)

    from core.networks.named import named_profile

    profile = named_profile(function, keywords, shape, part=part, head=head, merge=merge, latency=latency)
    if as_json:
        write_json(profile_document(profile))
    else:
        say("\n".join(table_lines(profile)))


def read_shape(text: str) -> tuple[int, ...]:
    """Return the shape written as ``3,224,224``.

    Raises:
        BackboneError: It is no list of 1 to 5 whole numbers above zero.
    """
    words = [word.strip() for word in text.split(",")]
    if not 1 <= len(words) <= 5 or not all(re.fullmatch(r"[0-9]{1,5}", w) and 1 <= int(w) <= _MAX_SIZE for w in words):
        raise BackboneError(f'"{text[:60]}" is no input shape. Write channels, height and width, as in 3,224,224.')
    return tuple(map(int, words))


def read_arguments(text: str) -> dict[str, Any]:
    """Return the keyword arguments written as a JSON object.

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


def table_lines(profile: Backbone) -> list[str]:
    """Return a profile as an aligned table: one line per block, then head and total."""
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
