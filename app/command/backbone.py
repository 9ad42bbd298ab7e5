"""``branchwise backbone MODULE:FUNCTION``: where a network can branch, and what each block costs."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from core.backbones import Backbone, profile_document
from core.backbones.input_size import parse_inputs
from core.backbones.maker import Maker
from core.errors import BackboneError

DEFAULT = ("3,224,224",)
_NAMED = 8
_DIGITS = 6


@click.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--args", "arguments", default="{}", metavar="JSON", help="Keyword arguments of the function.")
@click.option(
    "--input",
    "sizes",
    multiple=True,
    metavar="[NAME=]SIZES[:int:N|:bool]",
    help="Shape of one input, without the batch; once for each argument.  [default: 3,224,224]",
)
@click.option(
    "--example",
    default="",
    metavar="FILE|MODULE:FUNCTION",
    help="Inputs in an .npz file, or returned by a function.",
)
@click.option("--part", default="", help="Path of the submodule that is the backbone, such as backbone.")
@click.option("--head", default="auto", show_default=True, help="Where the head starts: auto, none or a module's path.")
@click.option("--merge", type=Whole(), default=None, metavar="N", help="Join the blocks to N of nearly equal MACs.")
@click.option(
    "--cuts",
    default="",
    metavar="CUT,CUT,…",
    help="Blocks that start a block of the result besides the first: numbers or names.",
)
@click.option("--latency", is_flag=True, help="Measure the median seconds of each block on this machine.")
@json_option
def backbone(
    *,
    function: str,
    arguments: str,
    sizes: tuple[str, ...],
    example: str,
    part: str,
    head: str,
    merge: int | None,
    cuts: str,
    latency: bool,
    as_json: bool,
) -> None:
    """Print the blocks of a network between its branching points.

    MODULE:FUNCTION makes the network, for instance torchvision.models:resnet18; MODULE:Class.method
    does, too. Modules are looked for in the current folder too. A list or dictionary of modules is a
    chain of blocks. MACs are multiply-accumulates, one per multiply-add.

    Inputs are numbers with a decimal point unless they say otherwise: --input tokens=128:int:30522
    is a sequence of 128 tokens of a vocabulary of 30522, --input mask=128:bool a mask. Inputs without
    a name are the first ones, in order. The example has the batch as its first dimension.
    """
    if sizes and example:
        raise BackboneError("Both --input and --example are given. Choose one of them.")
    if cuts and merge is not None:
        raise BackboneError("Both --merge and --cuts are given. Choose one of them.")
    shapes = parse_inputs(sizes or DEFAULT)
    keywords = read_arguments(arguments)

    from core.networks.example import drawn_inputs, example_from
    from core.networks.named import named_backbone

    inputs = example_from(example) if example else drawn_inputs(shapes)
    found = named_backbone(
        function, keywords, inputs, part=part, head=head, merge=merge, cuts=read_cuts(cuts), latency=latency
    )
    if as_json:
        profile = found.backbone
        if not profile.builder:
            texts = () if example else sizes or DEFAULT
            maker = Maker.given(function, keywords, part=part, head=head, inputs=texts, example=example)
            profile = replace(profile, maker=maker)
        write_json(profile_document(profile) | {"left_out": list(found.left_out), "whole": list(found.whole)})
    else:
        say("\n".join([*table_lines(found.backbone), *note_lines(found.left_out, found.whole)]))


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


def read_cuts(text: str) -> tuple[int | str, ...]:
    """Return the cuts written as ``2,layer3.0``: numbers of blocks, or their names.

    >>> read_cuts("2, layer3.0")
    (2, 'layer3.0')
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    return tuple(int(word) if word.isascii() and word.isdigit() and len(word) < _DIGITS else word for word in words)


def table_lines(profile: Backbone) -> list[str]:
    """Return a profile as an aligned table: one line per block, then head and total."""
    rows = [("block", "name", "parameters", "MACs", "output", "ms")]
    for index, block in enumerate(profile.blocks):
        time = "" if block.latency is None else f"{1e3 * block.latency:.3f}"
        shape = "×".join(map(str, block.output_shape))
        rows.append((str(index), block.name, f"{block.params:,}", f"{block.macs:,}", shape, time))
    if profile.head_params or profile.head_macs:
        rows.append(("", "head", f"{profile.head_params:,}", f"{profile.head_macs:,}", "", ""))
    total = "" if profile.latency is None else f"{1e3 * profile.latency:.3f}"
    rows.append(("", "blocks together", f"{profile.params:,}", f"{profile.macs:,}", "", total))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    aligned = (str.rjust, str.ljust, str.rjust, str.rjust, str.ljust, str.rjust)
    return ["  ".join(put(cell, w) for put, cell, w in zip(aligned, row, widths, strict=True)).rstrip() for row in rows]


def note_lines(left_out: Sequence[str], whole: Sequence[str]) -> list[str]:
    """Return what is in no block, and which modules no block can end in, as lines."""
    notes = [("Left out", left_out), ("Could not be opened", whole)]
    return [f"{what}: {_named(names)}." for what, names in notes if names]


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return "; ".join(names[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
