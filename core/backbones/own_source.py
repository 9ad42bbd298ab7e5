"""A layout on a network of one's own as a short Python script, which makes the network with its owner's function."""

import json
from collections.abc import Sequence
from string import Template
from typing import Final

from core.backbones.backbone import Backbone
from core.backbones.maker import Maker
from core.backbones.source import literal, one_line
from core.tasks import Task

# Stands where a profile does not say which function makes its network.
BLANK: Final = "my_module:make_network"
_UNKNOWN: Final = """The profile of this backbone says what its blocks cost, but not how the network is made:
say it in FUNCTION."""
_KNOWN: Final = Template("""The profile of this backbone says that $function makes the network.
Running this file imports that module: run it in its folder.""")
_CHECK: Final = Template("""
        # The profile names these, so they have to be in your own modules. Take this out where you name others.
        check_named($names)""")
_TEXT = Template('''"""$title

$said Needs Branchwise and torch:
the network is cut into the blocks of the profile again, and each branch gets its own copy.
"""

from torch import nn

from core.backbones.input_size import parse_inputs
from core.errors import BranchwiseError
from core.layouts import Layout
from core.networks.example import drawn_inputs, example_from
from core.networks.heads import head_of
from core.networks.inputs import Inputs
${check_import}from core.networks.named import named_backbone
from core.networks.tracing import TracedBackbone
from core.networks.tree import TreeNetwork
from core.tasks import Kind, Task

# As given to: branchwise backbone FUNCTION --args ARGUMENTS --part PART --head HEAD
#     --input INPUTS, or else --example EXAMPLE
FUNCTION = $function
ARGUMENTS = $arguments$withheld
PART = $part
HEAD = $head
INPUTS = $inputs
EXAMPLE = $example

# Name, kind and number of outputs of each task; None where the reader has to say it.
TASKS = $tasks
# The groups of tasks at every block, from the input.
LAYOUT = $layout
# The last piece of every block.
ENDS = $ends


def example() -> Inputs:
    """Return a batch of inputs."""
    return example_from(EXAMPLE) if EXAMPLE else drawn_inputs(parse_inputs(INPUTS))


def make_blocks() -> TracedBackbone:
    """Return the blocks of the profile, with the weights that FUNCTION gives them."""
    try:$check
        found = named_backbone(FUNCTION, ARGUMENTS, example(), part=PART, head=HEAD)
    except BranchwiseError as fault:
        raise SystemExit(f"{fault} FUNCTION, ARGUMENTS and the rest are at the head of this file.") from None
    pieces = [block.cut for block in found.backbone.blocks]
    if missing := [end for end in ENDS if end not in pieces]:
        raise SystemExit(f"{FUNCTION} has no piece {missing[0]!r}, so it is not the network of the profile: {pieces}.")
    return found.merge([0, *(pieces.index(end) + 1 for end in ENDS[:-1])])


def make_heads(blocks: TracedBackbone) -> list[nn.Module]:
    """Return one head per task, for its kind and outputs; where these are not said, one that changes nothing."""
    shape, size = blocks.backbone.blocks[-1].output_shape, blocks.backbone.input_shape[-2:]
    heads: list[nn.Module] = []
    for name, kind, outputs in TASKS:
        try:
            made = nn.Identity() if kind is None else head_of(Task.usual(name, Kind(kind), outputs), shape, size)
        except BranchwiseError as fault:
            raise SystemExit(f"{fault} TASKS are at the head of this file.") from None
        heads.append(made)
    return heads


def make_network(heads: list[nn.Module] | None = None) -> TreeNetwork:
    """Return the network, with a head per task that takes what the last block returns: those of TASKS by default."""
    blocks = make_blocks()
    return TreeNetwork(blocks.blocks, Layout.of(LAYOUT), make_heads(blocks) if heads is None else heads)


if __name__ == "__main__":
    network = make_network()
    outputs = network(*example().tensors)
    for task, output in outputs.items():
        print(TASKS[task][0], tuple(output.shape))
''')


def own_source(
    backbone: Backbone,
    partitions: Sequence[Sequence[Sequence[int]]],
    tasks: Sequence[str],
    answers: Sequence[Task] = (),
) -> str:
    """Return a script that builds the network of a layout from the function that its profile or its reader names.

    Args:
        backbone: A profile of traced blocks.
        partitions: The layout as nested lists, ``Layout.to_json()``.
        tasks: Names, in index order.
        answers: Kind and outputs of each; the reader of the script has to say them where left out.
    """
    said: list[tuple[object, ...]] = [(task.name, task.kind.value, task.n_outputs) for task in answers]
    said = said or [(task, None, None) for task in tasks]
    shape = ",".join(map(str, backbone.input_shape))
    maker = backbone.maker or Maker(BLANK, inputs=(shape,) if shape else ())
    names = [ascii(name) for name in (maker.function, maker.example_function) if name]
    is_known = backbone.maker is not None
    return _TEXT.substitute(
        check=_CHECK.substitute(names=", ".join(names)) if is_known else "",
        check_import="from core.networks.lookup import check_named\n" if is_known else "",
        title=one_line(f"A sharing layout of {len(tasks)} tasks on {backbone.name}."),
        said=_UNKNOWN if backbone.maker is None else _KNOWN.substitute(function=maker.function),
        function=ascii(maker.function),
        arguments=literal(dict(maker.arguments)),
        withheld=f"  # and your own {', '.join(maker.withheld)}" if maker.withheld else "",
        part=ascii(maker.part),
        head=ascii(maker.head),
        inputs=literal(list(maker.inputs)),
        example=ascii(maker.example),
        tasks=tuples(said),
        layout=json.dumps(partitions),
        ends=repr([block.cut for block in backbone.blocks]),
    )


def tuples(rows: Sequence[Sequence[object]]) -> str:
    """Return rows as a list of tuples, one in a line."""
    return "[\n" + "".join(f"    ({literal(list(row))[1:-1]}),\n" for row in rows) + "]"


def is_own(backbone: Backbone) -> bool:
    """Return whether only its owner knows how to make it: its blocks were traced, and it has no builder."""
    return not backbone.builder and all(block.cut for block in backbone.blocks)
