"""One branch of a TreeDNN: the blocks after the trunk, perhaps lighter or deeper, and the head of its task."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.errors import FamilyError
from core.families.treednn.costs import check_cut
from core.networks.heads import head_of
from core.networks.plan import BackbonePlan
from core.networks.state import evaluating
from core.tasks import Task, check_task_name

MAX_DEEPER = 40
_ADAPTER = -1
_B = TypeVar("_B")
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """Plan of one branch.

    Args:
        name: Its name; unique in a tree.
        task: What its head predicts.
        size: Height and width of the answer of a dense task, which need not be that of the trunk's pictures.
        width: Channels in times of the backbone's own, where its builder has a width.
        depth: Blocks added to (or, below zero, taken from) the rest of the backbone: copies of its
            last block that gives the shape it takes.

    Raises:
        DataError: The name can't be used in a layout or on a page.
        FamilyError: Width or depth is out of range.
    """

    name: str
    task: Task
    size: tuple[int, int]
    width: float = 1.0
    depth: int = 0

    def __post_init__(self) -> None:
        check_task_name(self.name)
        if not 0 < self.width <= 4:
            raise FamilyError(f'Branch "{self.name}" has width {self.width:g}. Choose above 0 and up to 4.')
        if abs(self.depth) > MAX_DEEPER:
            raise FamilyError(f'Branch "{self.name}" has depth {self.depth:+}. Choose −{MAX_DEEPER} to {MAX_DEEPER}.')


class Branch(nn.Module):
    """The branch of one task: blocks and a head.

    Args:
        blocks: What follows the trunk.
        head: Takes what the last of them gives.
    """

    def __init__(self, blocks: Sequence[nn.Module], head: nn.Module) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.head = head

    def forward(self, features: Tensor) -> Tensor:
        """Return the output for the features of the trunk."""
        out: Tensor = self.head(self.blocks(features))
        return out


class Adapter(nn.Sequential):
    """A 1×1 convolution that takes the trunk's channels to those of a thinner or wider branch.

    Args:
        inputs: Channels of the trunk.
        outputs: Channels that the branch takes.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def make_branch(
    plan: BackbonePlan, cut: int, wanted: BranchPlan, blocks: Sequence[nn.Module], through: Sequence[Shape]
) -> Branch:
    """Return a branch; its blocks are copies of the backbone's, its head has torch's present random numbers.

    Args:
        plan: Of the backbone.
        cut: Number of leading blocks in the trunk.
        wanted: What the branch should be.
        blocks: The whole backbone of the tree: trunk and what follows it.
        through: Its ``shapes``.

    Raises:
        FamilyError: The cut lies outside the backbone, or it has no such width or depth.
        BackboneError: The task answers per pixel and the branch gives no map.
    """
    check_cut(cut, len(blocks), plan.builder)
    own, after = [copy.deepcopy(block) for block in blocks[cut:]], list(through[cut:])
    if wanted.width != 1:
        wider = plan.widened(wanted.width).blocks()
        found = shapes(wider, plan.size)
        own, before = wider[cut:], after[0]
        after = found[cut:]
        if before[0] != after[0][0]:
            own, after = [Adapter(before[0], after[0][0]), *own], [before, *after]
    own = _of_other_depth(own, after, wanted)
    return Branch(own, head_of(wanted.task, after[-1], wanted.size, plan.heads))


def shapes(blocks: Sequence[nn.Module], size: tuple[int, int]) -> list[Shape]:
    """Return the shape of a picture and of what each block of a chain makes of it, without the batch.

    Args:
        blocks: A whole backbone.
        size: Height and width of the picture.
    """
    x = torch.zeros(1, 3, *size)
    found = [tuple(x.shape[1:])]
    with torch.no_grad():
        for block in blocks:
            with evaluating(block):
                x = block(x)
            found.append(tuple(x.shape[1:]))
    return found


def block_numbers(plan: BackbonePlan, cut: int, wanted: BranchPlan) -> list[int]:
    """Return the blocks of the backbone that a branch consists of, counted from its input, without an adapter.

    Args:
        plan: Of the backbone.
        cut: Number of leading blocks in the trunk.
        wanted: What the branch is.
    """
    own = plan.blocks()
    through = shapes(own, plan.size)
    before, after, numbers = through[cut], through[cut:], list(range(cut, len(own)))
    if wanted.width != 1:
        after = shapes(plan.widened(wanted.width).blocks(), plan.size)[cut:]
        if before[0] != after[0][0]:
            numbers, after = [_ADAPTER, *numbers], [before, *after]
    return [number for number in _of_other_depth(numbers, after, wanted) if number != _ADAPTER]


def _of_other_depth(blocks: list[_B], through: Sequence[Shape], wanted: BranchPlan) -> list[_B]:
    # Only blocks that give the shape they take come or go, so all other shapes stay.
    keeping = [place for place, (before, after) in enumerate(pairwise(through)) if before == after]
    if wanted.depth and len(keeping) < max(1, -wanted.depth):
        raise FamilyError(
            f'Blocks of branch "{wanted.name}" that give the shape they take: {len(keeping)}, too few for a depth of '
            f"{wanted.depth:+}. Choose a depth nearer 0 or an earlier cut."
        )
    if wanted.depth < 0:
        return [block for place, block in enumerate(blocks) if place not in keeping[wanted.depth :]]
    if wanted.depth > 0:
        last = keeping[-1] + 1
        return [*blocks[:last], *(copy.deepcopy(blocks[last - 1]) for _ in range(wanted.depth)), *blocks[last:]]
    return blocks
