"""The loader of a deployed tree as one Python file that runs without this project."""

import ast
import re
from collections.abc import Sequence
from typing import Final

import torch
from torch import nn

from core.backbones.builder import OWN_FUNCTIONS, Builder
from core.backbones.reading_text import READING
from core.backbones.source import HEADS, HEADS_FILE, BlockSource, definition, import_lines, literal
from core.errors import BackboneError
from core.families.treednn.branch import Adapter, BranchPlan, block_numbers
from core.families.treednn.loader_text import LOADER
from core.families.treednn.network import TreeDNN
from core.networks.block_source import block_source
from core.networks.heads import ClassificationHead, DenseHead
from core.networks.plan import BackbonePlan
from core.networks.profile_all import built

FILE: Final = "load.py"
_IMPORTS: Final = (
    "import copy",
    "import hashlib",
    "import json",
    "import pathlib",
    "import sys",
    "import torch",
    "from torch import nn",
)
_ADAPTER: Final = '''class Adapter(nn.Sequential):
    """Takes the channels of the trunk to those of a thinner or wider branch."""

    def __init__(self, inputs, outputs):
        super().__init__(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
'''
_BLANK_LINES: Final = re.compile(r"\n{4,}")


def has_loader(plan: BackbonePlan, wanted: Sequence[BranchPlan]) -> bool:
    """Return whether there is a loader: not where a branch is wider or thinner than a traced backbone."""
    return Builder.parse(plan.builder).is_own or all(branch.width == 1 for branch in wanted)


def loader_source(tree: TreeDNN, plan: BackbonePlan, wanted: Sequence[BranchPlan]) -> str:
    """Return Python source that loads a deployed tree and answers pictures.

    Args:
        tree: The tree.
        plan: What its backbone is made from.
        wanted: What each branch is, in the order of the tree.

    Raises:
        BackboneError: A branch is wider or thinner than a traced backbone, or the backbone can't be written down.
    """
    # Making the blocks draws weights that nobody needs.
    with torch.random.fork_rng(devices=[]):
        return _source(tree, plan, wanted)


def _source(tree: TreeDNN, plan: BackbonePlan, wanted: Sequence[BranchPlan]) -> str:
    builder = Builder.parse(plan.builder)
    if not has_loader(plan, wanted):
        raise BackboneError(f"A branch is wider or thinner than {builder.function}. Give every branch width 1.")
    blocks = _blocks(plan, builder)
    made = {type(tree.branch(branch.name).head).__name__ for branch in wanted}
    head_imports, heads = definition(HEADS_FILE, [name for name in HEADS if name in made])
    lines = {*_IMPORTS, *head_imports, *blocks.imports}
    adapted = any(isinstance(part, Adapter) for part in tree.modules())
    text = LOADER.substitute(
        packages=" and torchvision" if any("torchvision" in line for line in lines) else "",
        first=literal(wanted[0].name),
        imports=import_lines(lines),
        cut=len(tree.trunk),
        blocks=blocks.text.strip(),
        heads=heads,
        reading=READING.strip(),
        adapter=_ADAPTER if adapted else "",
        branches="\n".join(
            f"        {literal(branch.name)}: lambda: Branch({_chain(tree, plan, branch)}, "
            f"{_head(tree.branch(branch.name).head)}),"
            for branch in wanted
        ),
    )
    text = _BLANK_LINES.sub("\n\n\n", text)
    ast.parse(text)
    return text


def _blocks(plan: BackbonePlan, builder: Builder) -> BlockSource:
    if not builder.is_own:
        return block_source(plan.blocks(), plan.builder, built(builder), shrink=plan.stem == "small")
    imports, defined = definition(OWN_FUNCTIONS[builder.function], (builder.function,))
    made = f'def make_blocks():\n    """Return the blocks of the backbone."""\n    return {builder}'
    return BlockSource(imports, f"{defined}\n\n\n{made}")


def _chain(tree: TreeDNN, plan: BackbonePlan, wanted: BranchPlan) -> str:
    """Return the expression that makes the blocks of a branch."""
    made = "make_blocks()" if wanted.width == 1 else str(Builder.parse(plan.widened(wanted.width).builder))
    numbers = block_numbers(plan, len(tree.trunk), wanted)
    first = next(iter(tree.branch(wanted.name).blocks), None)
    if not isinstance(first, Adapter):
        return f"picked({made}, {numbers})"
    convolution = first[0]
    assert isinstance(convolution, nn.Conv2d)
    return f"[Adapter({convolution.in_channels}, {convolution.out_channels}), *picked({made}, {numbers})]"


def _head(head: nn.Module) -> str:
    """Return the expression that makes a head."""
    if isinstance(head, ClassificationHead):
        return f"ClassificationHead({head.linear.in_features}, {head.linear.out_features}, {head.pooled})"
    assert isinstance(head, DenseHead)
    first, _, last = head.layers
    assert isinstance(first, nn.Conv2d)
    assert isinstance(last, nn.Conv2d)
    (height, rows), (columns, width) = head.enlarge.down.shape, head.enlarge.across.shape
    inputs = (first.in_channels, rows, columns)
    return f"DenseHead({inputs}, {last.out_channels}, {(height, width)}, channels_last={head.channels_last})"
