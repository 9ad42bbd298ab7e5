"""PackNet⁺: tasks one after another in one network, each in whole units of channels.

The grouped variant of PackNet that the paper on deep virtual networks compares with: Kim, Ahn, Torr and Oh, Deep
Virtual Networks for Memory Efficient Inference of Multiple Tasks, CVPR 2019, Table 1, after Mallya and Lazebnik,
PackNet, CVPR 2018. The slides of the paper that we had at hand don't describe it; what follows is our reading.

As PackNet: a task trains everything that is free over what earlier tasks have frozen; the smallest by magnitude is
pruned, the rest is trained on and frozen; a task uses what is its own and what the tasks before it own. So nothing
that a later task does changes an earlier one.

Differs: a task keeps whole units, groups of channels that are the same in every layer, since shortcuts add channels of
different layers; what it computes are dense layers with these channels, which any hardware runs faster, and instead of
a mask of weights one number for each unit is kept. A weight between two units belongs to the task that has both first.
A unit's magnitude is the sum of the absolute values of all weights from and to its channels, in each layer as a share
of the layer's. Free units and what leads to and from them start anew with each task from the network's initial
weights, and so do norms and biases, which are each task's: a unit whose weights are all 0 would not learn.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.backbones.division import Division
from core.families.rivals.packing import Learner, Packing
from core.families.rivals.units import UnitNetwork
from core.networks.narrow import NarrowChain

FREE = -1


class GroupedPackNet(UnitNetwork, Packing):
    """The network of all tasks; its arguments are those of ``UnitNetwork``."""

    owner: Tensor

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        heads: Sequence[nn.Module],
        division: Division,
        counts: tuple[int, ...],
        size: tuple[int, int],
    ) -> None:
        super().__init__(blocks, heads, division, counts, size)
        self.weights.requires_grad_(False)
        self.register_buffer("owner", torch.full((division.n_units,), FREE, dtype=torch.int8))
        # All channels until a task is trained.
        self.chains = nn.ModuleList(self.cut(range(division.n_units)) for _ in heads)

    def units(self, task: int) -> list[int]:
        """Return the units that a task uses: its own and those of the tasks before it."""
        return [unit for unit, owner in enumerate(self.owner.tolist()) if FREE < owner <= task]

    def fix(self, owner: Tensor) -> None:
        """Cut the network to the units that its tasks keep after training.

        Args:
            owner: Task of each unit, ``[n_units]``.

        Raises:
            ValueError: A task would have other numbers of units.
        """
        self.owner.copy_(owner)
        for task, count in enumerate(self.counts):
            units = self.units(task)
            if len(units) != count:
                raise ValueError(f"task {task} has {len(units)} units instead of {count}")
            self.chains[task] = self.cut(units)
            self.heads[task] = self.cut_head(self.heads[task], units)

    def learner(self, task: int) -> Learner:
        """Return the network in which a task is trained, with all channels; the tasks before it are frozen already."""
        free = [~frozen for frozen in self.pieces(self.units(task - 1))]
        return Learner([*self.weights], free, self.chains[task], self.heads[task])

    def prune(self, task: int, learner: Learner) -> None:
        """Keep the largest of the free units, as many as the task's share allows; what it computes becomes narrow."""
        before = self.units(task - 1)
        sizes = self.magnitudes(learner)
        free = [unit for unit in range(self.division.n_units) if unit not in before]
        kept = sorted(free, key=lambda unit: -sizes[unit])[: self.counts[task] - len(before)]
        self.owner[kept] = task
        if len(self.units(task)) < self.division.n_units:
            assert isinstance(learner.chain, NarrowChain)
            learner.chain = self.cut(self.units(task), learner.chain)
            learner.head = self.cut_head(learner.head, self.units(task))

    def magnitudes(self, learner: Learner) -> list[float]:
        """Return the magnitude of each unit: of all weights from and to its channels, as a share of each layer's."""
        found = [0.0] * self.division.n_units
        for unit in range(self.division.n_units):
            others = [other for other in range(self.division.n_units) if other != unit]
            for weight, without in zip(learner.weights(), self.pieces(others), strict=True):
                size = weight.detach().abs().double()
                found[unit] += float((size * ~without).sum() / size.sum())
        return found

    def adopt(self, task: int, learner: Learner) -> None:
        """Freeze what a task has learned; weights of units that it doesn't keep are again what they were at first."""
        frozen, kept = self.pieces(self.units(task - 1)), self.pieces(self.units(task))
        with torch.no_grad():
            for place, learned in enumerate(learner.weights()):
                own = kept[place] & ~frozen[place]
                self.weights[place][own] = learned[own]
        self.chains[task], self.heads[task] = learner.chain, learner.head
        self.chains[task].requires_grad_(False)
        self.heads[task].requires_grad_(False)
