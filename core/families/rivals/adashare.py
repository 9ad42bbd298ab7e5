"""AdaShare: each task selects or skips each block of one shared network.

Paper: Sun, Panda, Feris and Saenko, AdaShare: Learning What To Share for Efficient Deep Multi-Task Learning, NeurIPS
2020.

As in the paper and in its authors' code: all tasks first train the whole network; then weights and the tasks' policy
are learned by turns, the policy by a Gumbel softmax over select and skip whose temperature falls, with a loss for few
blocks and one for alike policies; the search begins with the last block and opens to the first ones step by step; in
the end the policy is fixed, and the network goes on from the weights that it had before the search. A skipped block is
replaced by its shortcut. Options have the values of the authors' code for three tasks on NYU v2.

Where paper and code differ: the loss for few blocks is the code's, -log of the probability to skip; the one for alike
policies is the paper's, of probabilities and with more weight on early blocks (the code: of logits, with more weight on
late ones, so its factor means something else there).

Differs: the policy is about the study's blocks, which may hold several residual blocks of the network; the first block
always runs, like the paper's stem; a shortcut has no parameters (where the shape changes it averages and pads with
zero channels, He et al. 2015, option A), and a block that no such shortcut can replace always runs; with the policy
fixed, a block has norms and biases for each way in which tasks reach it (the code shares them, or has some for each
task as an option); weights and policy take turns step by step on the same training pictures (the code: by halves of
them); the fixed policy is the likelier choice (the paper samples some and keeps the best); warm-up, search and the
training after it share the epochs that every other network has, where the code trains as long again after the search.
"""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backbones.arrangement import Arrangement, arrangement
from core.errors import BackboneError
from core.families.rivals.masked import MaskedChain, is_weight
from core.families.rivals.method import runs_together
from core.families.rivals.network import Holding, RivalNetwork, n_params
from core.training.build import shapes_of

Shape = tuple[int, ...]
# Which blocks were run and which skipped, from the input on.
Way = tuple[bool, ...]


class Shortcut(nn.Module):
    """What replaces a skipped block: the input, averaged and with more channels where the block's shape differs.

    Args:
        stride: Factor of height and width.
        new_channels: How many zero channels are added.

    Reference:
        He et al., Deep Residual Learning for Image Recognition, §3.3, option A.
    """

    def __init__(self, stride: int, new_channels: int) -> None:
        super().__init__()
        self.stride, self.new_channels = stride, new_channels

    def forward(self, x: Tensor) -> Tensor:
        """Return the input in the shape of the block's output."""
        if self.stride > 1:
            x = functional.avg_pool2d(x, self.stride, ceil_mode=True)
        return functional.pad(x, (0, 0, 0, 0, 0, self.new_channels)) if self.new_channels else x


def shortcut_of(before: Shape, after: Shape, size: tuple[int, int]) -> Shortcut | None:
    """Return what can replace a block; None where nothing without parameters can.

    Args:
        before: Shape of the block's input, without the batch.
        after: Shape of its output.
        size: Height and width of the pictures.
    """
    if before == after:
        return Shortcut(1, 0)
    if {arrangement(shape, size)[1] for shape in (before, after)} != {Arrangement.FIRST} or after[0] < before[0]:
        return None
    stride = -(-before[1] // after[1])
    smaller = tuple(-(-extent // stride) for extent in before[1:])
    return Shortcut(stride, after[0] - before[0]) if smaller == after[1:] else None


class AdaShare(RivalNetwork):
    """The network of all tasks, with the policy that says which task runs which block.

    Args:
        blocks: Of the backbone, with initial weights; used as they are.
        heads: One for each task.
        size: Height and width of the pictures.

    Raises:
        BackboneError: No block can be skipped.
    """

    policy: Tensor

    def __init__(self, blocks: Sequence[nn.Module], heads: Sequence[nn.Module], size: tuple[int, int]) -> None:
        super().__init__(heads)
        shapes = shapes_of(blocks, size)
        shortcuts = [shortcut_of(before, after, size) for before, after in itertools.pairwise(shapes)]
        self.skippable = tuple(place + 1 for place, shortcut in enumerate(shortcuts) if shortcut is not None)
        if not self.skippable:
            raise BackboneError(
                "AdaShare skips blocks, and none of these can be replaced by a shortcut without parameters: the first "
                "one always runs, and the others change more than halving sizes and adding channels. "
                "Choose another backbone or more blocks, or leave adashare out."
            )
        self.blocks = nn.ModuleList(blocks)
        self.shortcuts = nn.ModuleList([nn.Identity(), *(shortcut or nn.Identity() for shortcut in shortcuts)])
        self.others = nn.ModuleList(nn.ModuleList() for _ in blocks)
        self.register_buffer("policy", torch.ones(len(heads), len(blocks), dtype=torch.bool))
        self.choices = _rows(self.policy)
        self.numbers = _numbers(self.choices)

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head; what tasks select alike from the input on is computed once."""
        known: dict[Way, Tensor] = {(): x}
        found = {}
        for task in tasks:
            choices = self.choices[task]
            for place in range(len(choices)):
                way = choices[: place + 1]
                if way not in known:
                    known[way] = self._run(place, way, known[way[:-1]])
            found[task] = known[choices]
        return found

    def _run(self, place: int, way: Way, x: Tensor) -> Tensor:
        block = self.blocks[place]
        if not way[-1]:
            out: Tensor = self.shortcuts[place](x)
        elif number := self.numbers[way]:
            own = self.others[place]
            assert isinstance(own, nn.ModuleList)
            out = own[number - 1](x, [parameter for parameter in block.parameters() if is_weight(parameter)])
        else:
            out = block(x)
        return out

    def mixed(self, x: Tensor, selected: Tensor) -> dict[int, Tensor]:
        """Return task → output of its head where blocks are selected in part.

        Args:
            x: A batch of pictures.
            selected: Share of each skippable block, the rest of its shortcut, ``[n_tasks, n_skippable]``; a share of
                exactly 1 is the block alone.
        """
        found = {}
        for task in range(self.n_tasks):
            out = x
            for place, block in enumerate(self.blocks):
                share = selected[task, self.skippable.index(place)] if place in self.skippable else None
                out = block(out) if share is None else share * block(out) + (1 - share) * self.shortcuts[place](out)
            found[task] = self.heads[task](out)
        return found

    def fix(self, policy: Tensor) -> None:
        """Set the policy for good; blocks that no task runs are dropped.

        A block that is reached in several ways has norms and biases for each: its inputs differ, and statistics of
        their mixture would fit none of them.

        Args:
            policy: Whether each task runs each skippable block, ``[n_tasks, n_skippable]``.
        """
        self.policy.fill_(value=True)
        self.policy[:, list(self.skippable)] = policy.to(self.policy)
        self.choices = _rows(self.policy)
        self.numbers = _numbers(self.choices)
        for place, block in enumerate(self.blocks):
            ways = sum(len(way) == place + 1 for way in self.numbers)
            self.others[place] = nn.ModuleList(MaskedChain([block]) for _ in range(ways - 1))
            if not ways:
                self.blocks[place] = nn.Identity()

    def holding(self) -> Holding:
        """Return what the network holds."""
        params = [n_params([block]) for block in self.blocks]
        return Holding(
            shared_params=sum(params) + n_params([self.others]),
            own_params=(0,) * self.n_tasks,
            used_params=tuple(sum(n for n, runs in zip(params, row, strict=True) if runs) for row in self.choices),
            mask_bits=self.n_tasks * len(self.skippable),
            runs=self.choices,
            runs_for_all=runs_together(self.choices),
        )


def _rows(policy: Tensor) -> tuple[Way, ...]:
    return tuple(tuple(row) for row in policy.tolist())


def _numbers(choices: Sequence[Way]) -> dict[Way, int]:
    """Return for each way that ends by running a block which of the ways to that block it is, in the tasks' order."""
    numbers: dict[Way, int] = {}
    for row in choices:
        for place, runs in enumerate(row):
            way = row[: place + 1]
            if runs and way not in numbers:
                numbers[way] = sum(len(other) == len(way) for other in numbers)
    return numbers
