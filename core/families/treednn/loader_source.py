"""The loader of a deployed tree as one Python file that runs without this project."""

from collections.abc import Sequence

import torch
from torch import nn

from core.backbones.builder import Builder
from core.backbones.source import literal
from core.errors import BackboneError
from core.families.treednn.branch import Adapter, BranchPlan, block_numbers
from core.families.treednn.loader_text import ADAPTER, TITLE, TREE, USAGE
from core.families.treednn.network import TreeDNN
from core.networks.loader import head_call, loader_text, plan_source
from core.networks.plan import BackbonePlan


def has_loader(plan: BackbonePlan, wanted: Sequence[BranchPlan]) -> bool:
    """Return whether there is a loader: not where a branch is wider or thinner than a traced backbone."""
    is_own = plan.traced is None and Builder.parse(plan.builder).is_own
    return is_own or all(branch.width == 1 for branch in wanted)


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
    if not has_loader(plan, wanted):
        raise BackboneError(f"A branch is wider or thinner than {plan.builder[:80]}. Give every branch width 1.")
    adapted = any(isinstance(part, Adapter) for part in tree.modules())
    branches = "\n".join(
        f"        {literal(branch.name)}: lambda: Branch({_chain(tree, plan, branch)}, "
        f"{head_call(tree.branch(branch.name).head)}),"
        for branch in wanted
    )
    return loader_text(
        title=TITLE,
        usage=USAGE.substitute(first=literal(wanted[0].name)),
        family=TREE.substitute(branches=branches),
        blocks=plan_source(plan),
        heads=[tree.branch(branch.name).head for branch in wanted],
        constants=f"# Blocks of the trunk, counted from the input.\nCUT = {len(tree.trunk)}",
        more=ADAPTER if adapted else "",
    )


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
