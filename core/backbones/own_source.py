"""A layout on a network of one's own as a short Python script, for profiles that don't say how the network is made."""

import json
from collections.abc import Sequence
from string import Template

from core.backbones.backbone import Backbone
from core.backbones.source import one_line

_TEXT = Template('''"""$title

The profile of this backbone says what its blocks cost, but not how the network is made: say it in FUNCTION. Needs
Branchwise and torch: the network is cut into the blocks of the profile again, and each branch gets its own copy.
"""

import torch
from torch import nn

from core.backbones.input_size import parse_inputs
from core.errors import BranchwiseError
from core.layouts import Layout
from core.networks.example import drawn_inputs
from core.networks.named import named_backbone
from core.networks.tree import TreeNetwork

# As they were given to: branchwise backbone FUNCTION --args ARGUMENTS --part PART --input INPUTS
FUNCTION = "my_module:make_network"
ARGUMENTS = {}
PART = ""
INPUTS = [$input]

TASKS = $tasks
# The groups of tasks at every block, from the input.
LAYOUT = $layout
# The last piece of every block.
ENDS = $ends


def make_network(heads: list[nn.Module]) -> TreeNetwork:
    """Return the network: one head per task, each of which takes what the last block returns."""
    try:
        found = named_backbone(FUNCTION, ARGUMENTS, drawn_inputs(parse_inputs(INPUTS)), part=PART)
    except BranchwiseError as fault:
        raise SystemExit(f"{fault} FUNCTION, ARGUMENTS, PART and INPUTS are at the head of this file.") from None
    pieces = [block.cut for block in found.backbone.blocks]
    if missing := [end for end in ENDS if end not in pieces]:
        raise SystemExit(f"{FUNCTION} has no piece {missing[0]!r}, so it is not the network of the profile: {pieces}.")
    starts = [0, *(pieces.index(end) + 1 for end in ENDS[:-1])]
    return TreeNetwork(found.merge(starts).blocks, Layout.of(LAYOUT), heads)


if __name__ == "__main__":
    network = make_network([nn.Identity() for _ in TASKS])
    outputs = network(*drawn_inputs(parse_inputs(INPUTS)).tensors)
    for task, output in outputs.items():
        print(TASKS[task], tuple(output.shape))
''')


def own_source(backbone: Backbone, partitions: Sequence[Sequence[Sequence[int]]], tasks: Sequence[str]) -> str:
    """Return a script that builds the network of a layout from a function that its reader names.

    Args:
        backbone: A profile of traced blocks.
        partitions: The layout as nested lists, ``Layout.to_json()``.
        tasks: Names, in index order.
    """
    shape = ",".join(map(str, backbone.input_shape))
    return _TEXT.substitute(
        title=one_line(f"A sharing layout of {len(tasks)} tasks on {backbone.name}."),
        input=json.dumps(shape) if shape else "",
        tasks=repr(list(tasks)),
        layout=json.dumps(partitions),
        ends=repr([block.cut for block in backbone.blocks]),
    )


def is_own(backbone: Backbone) -> bool:
    """Return whether only its owner knows how to make it: its blocks were traced, and it has no builder."""
    return not backbone.builder and all(block.cut for block in backbone.blocks)
