"""What the networks have in common whose tasks use whole units of channels, as dense narrow layers."""

import copy
from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn

from core.backbones.division import Division
from core.families.rivals.method import mask_bits
from core.families.rivals.network import Holding, RivalNetwork, n_params
from core.networks.narrow import NarrowChain, check_units, weights_of
from core.training.build import shapes_of


class UnitNetwork(RivalNetwork):
    """Base of the networks: one set of weights, of which each task uses the channels of some units.

    What a task computes are dense layers with its channels, nothing is masked. Norms, biases and heads are each
    task's own.

    Args:
        blocks: Of the backbone, with initial weights; they are copied.
        heads: One for each task, for all channels of the last block.
        division: How channels are divided into units.
        counts: How many units each task uses, those of the tasks before it included.
        size: Height and width of the pictures.

    Raises:
        FamilyError: The blocks can't be cut into these units.
    """

    chains: nn.ModuleList

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        heads: Sequence[nn.Module],
        division: Division,
        counts: tuple[int, ...],
        size: tuple[int, int],
    ) -> None:
        super().__init__(heads)
        self.division, self.counts = division, counts
        picture = torch.zeros(2, 3, *size).uniform_(generator=torch.Generator().manual_seed(0))
        self.pictures = check_units(blocks, division, picture)
        self.n_channels = shapes_of(blocks, size)[-1][0]
        # In a tuple, so that torch does not take them for a part of this module.
        self.whole = (nn.Sequential(*copy.deepcopy([*blocks])),)
        self.weights = nn.ParameterList(map(nn.Parameter, weights_of(blocks)))

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head; every task is a pass of its own."""
        weights = [*self.weights]
        return {task: self.chains[task](x, weights) for task in tasks}

    def dense(self, task: int) -> nn.Sequential:
        """Return the network of a task alone: plain layers that hold their own weights, then the head."""
        blocks = self.chain(task).dense([*self.weights])
        return nn.Sequential(*blocks, copy.deepcopy(self.heads[task])).train(self.training)

    def chain(self, task: int) -> NarrowChain:
        """Return the blocks of a task without their weights."""
        found = self.chains[task]
        assert isinstance(found, NarrowChain)
        return found

    def pieces(self, units: Collection[int]) -> list[Tensor]:
        """Return which weights some units have, from their channels to their channels, as truth values."""
        found = []
        for weight, name in zip(self.weights, self.chain(0).names, strict=True):
            where = torch.zeros(weight.shape, dtype=torch.bool)
            rows = torch.from_numpy(self.division.channels(weight.shape[0], units))
            columns = torch.arange(weight.shape[1])
            if name.removesuffix(".weight") not in self.pictures:
                columns = torch.from_numpy(self.division.channels(weight.shape[1], units))
            where[rows[:, None], columns] = True
            found.append(where.to(weight.device))
        return found

    def cut(self, units: Collection[int], own: NarrowChain | None = None) -> NarrowChain:
        """Return the blocks of some units, on the device of the weights.

        Args:
            units: The active ones.
            own: Blocks of all units whose norms and biases it takes over; those of the untrained blocks if None.
        """
        (whole,) = copy.deepcopy(self.whole)
        if own is not None:
            whole.load_state_dict(own.chain.state_dict(), strict=False)
        return NarrowChain([*whole], self.division, units, self.pictures).to(self.weights[0].device)

    def cut_head(self, head: nn.Module, units: Collection[int]) -> nn.Module:
        """Return a head for all channels of the last block with those of some units."""
        channels = self.division.channels(self.n_channels, units, "The output of the last block")
        return head_on(head, torch.from_numpy(channels))

    def holding(self) -> Holding:
        """Return what the network holds."""
        weights = [*self.weights]
        own = tuple(n_params([chain]) for chain in self.chains)
        used = [
            sum(self.chain(task).part(place, weight).numel() for place, weight in enumerate(weights))
            for task in range(self.n_tasks)
        ]
        n_blocks = len(self.whole[0])
        return Holding(
            shared_params=sum(weight.numel() for weight in weights),
            own_params=own,
            used_params=tuple(one + other for one, other in zip(used, own, strict=True)),
            mask_bits=mask_bits(self.n_tasks, self.division.n_units),
            runs=((True,) * n_blocks,) * self.n_tasks,
            runs_for_all=(self.n_tasks,) * n_blocks,
            is_narrow=True,
        )


def head_on(head: nn.Module, channels: Tensor) -> nn.Module:
    """Return a head that reads some of the channels only, with the weights that it has for them.

    Args:
        head: Its first convolution or linear layer reads the channels.
        channels: Those that are left, in rising order.
    """
    found = copy.deepcopy(head)
    first = next(layer for layer in found.modules() if isinstance(layer, nn.Conv2d | nn.Linear))
    first.weight = nn.Parameter(first.weight.detach().index_select(1, channels.to(first.weight.device)))
    if isinstance(first, nn.Conv2d):
        first.in_channels = len(channels)
    else:
        first.in_features = len(channels)
    return found
