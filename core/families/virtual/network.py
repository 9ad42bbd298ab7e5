"""A deep virtual network: one set of weights, in which every task has a network for every level."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.backbones.division import Division
from core.errors import FamilyError
from core.families.virtual.orders import Orders, check_orders
from core.layouts import Layout
from core.networks.heads import head_of
from core.networks.narrow import NarrowChain, check_units, weights_of
from core.networks.tree import TreeNetwork
from core.runs.settings import HeadKind
from core.tasks import Task
from core.training.build import seeded

# Task and level, both from 0.
Place = tuple[int, int]


class VirtualNetwork(nn.Module):
    """The networks of all tasks on all levels.

    Level l of a task has the first l + 1 units of its order. What it computes are dense layers with the channels of
    these units, nothing is masked; the layers that read the picture are cut by their outputs only. Weights are shared;
    norms, biases and heads are those of a task's level.

    Args:
        blocks: Of the whole network, with initial weights; they are copied.
        division: How channels are divided into units.
        orders: One permutation of the units for each task.
        heads: One for each task and level, ``[n_tasks][n_levels]``.
        picture: A batch of two pictures of the size that is trained with.

    Raises:
        FamilyError: The blocks can't be cut into these units, or an order is no permutation.

    Reference:
        Kim, Ahn, Torr and Oh, Deep Virtual Networks for Memory Efficient Inference of Multiple Tasks, CVPR 2019.
    """

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        division: Division,
        orders: Orders,
        heads: Sequence[Sequence[nn.Module]],
        picture: Tensor,
    ) -> None:
        super().__init__()
        self.orders, self.division = check_orders(orders, division.n_units), division
        if len(heads) != len(orders) or any(len(each) != division.n_units for each in heads):
            raise FamilyError(f"{len(orders)} tasks on {division.n_units} levels need a head each.")
        pictures = check_units(blocks, division, picture)
        self.weights = nn.ParameterList(map(nn.Parameter, weights_of(blocks)))
        self.chains = nn.ModuleList(
            nn.ModuleList(NarrowChain(blocks, division, self.units((task, level)), pictures) for level in self.levels)
            for task in range(len(orders))
        )
        self.heads = nn.ModuleList(map(nn.ModuleList, heads))

    @property
    def levels(self) -> range:
        """Numbers of the levels."""
        return range(self.division.n_units)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of tasks and levels."""
        return len(self.orders), self.division.n_units

    @property
    def places(self) -> list[Place]:
        """Every task and level."""
        return [(task, level) for task in range(len(self.orders)) for level in self.levels]

    def places_of(self, task: int) -> list[Place]:
        """Return every level of a task."""
        return [(task, level) for level in self.levels]

    def units(self, place: Place) -> tuple[int, ...]:
        """Return the active units of a task's level, in its order."""
        task, level = place
        return self.orders[task][: level + 1]

    def forward(self, x: Tensor, wanted: Sequence[Place] | None = None) -> dict[Place, Tensor]:
        """Return the output of each head.

        Args:
            x: A batch of pictures.
            wanted: Tasks and levels; all by default. Each is a pass of its own.
        """
        weights = [*self.weights]
        places = self.places if wanted is None else wanted
        return {place: self._head(place)(self._chain(place)(x, weights)) for place in places}

    def dense(self, place: Place) -> nn.Sequential:
        """Return the network of a task's level alone: plain layers that hold their own weights, then the head."""
        blocks = self._chain(place).dense([*self.weights])
        copied = nn.Sequential(*blocks, copy.deepcopy(self._head(place)))
        return copied.train(self.training)

    def predict(self, x: Tensor, task: int, params: float) -> Tensor:
        """Return the output of a task on its highest level within a budget.

        Args:
            x: A batch of pictures.
            task: Number of the task.
            params: Most parameters of the level, its norms, biases and head included.

        Raises:
            FamilyError: There is no such task, or not even its first level is within the budget.
        """
        if not 0 <= task < len(self.orders):
            raise FamilyError(f"There is no task {task}. Choose from 0 to {len(self.orders) - 1}.")
        allowed = [level for level in self.levels if self.n_params((task, level)) <= params]
        if not allowed:
            raise FamilyError(
                f"The first level of task {task} has {self.n_params((task, 0)):,} parameters. Allow as many."
            )
        place = (task, allowed[-1])
        outputs: dict[Place, Tensor] = self(x, [place])
        return outputs[place]

    def shared_params(self, place: Place) -> int:
        """Return how many of the shared weights a task's level uses."""
        chain = self._chain(place)
        return sum(
            chain.get_buffer(f"rows_{n}").numel() * chain.get_buffer(f"columns_{n}").numel() * weight[0, 0].numel()
            for n, weight in enumerate(self.weights)
        )

    def own_params(self, place: Place) -> int:
        """Return the parameters that only a task's level has: norms, biases and head."""
        parts = (self._chain(place), self._head(place))
        return sum(parameter.numel() for part in parts for parameter in part.parameters())

    def n_params(self, place: Place) -> int:
        """Return the parameters of a task's level."""
        return self.shared_params(place) + self.own_params(place)

    def part(self, place: Place) -> tuple[NarrowChain, nn.Module]:
        """Return the layers of a task's level, which take the shared weights, and its head."""
        return self._chain(place), self._head(place)

    def _chain(self, place: Place) -> NarrowChain:
        chains = self.chains[place[0]]
        assert isinstance(chains, nn.ModuleList)
        chain = chains[place[1]]
        assert isinstance(chain, NarrowChain)
        return chain

    def _head(self, place: Place) -> nn.Module:
        heads = self.heads[place[0]]
        assert isinstance(heads, nn.ModuleList)
        return heads[place[1]]


def build_virtual(
    blocks: Sequence[nn.Module],
    tasks: Sequence[Task],
    division: Division,
    orders: Orders,
    size: tuple[int, int],
    seed: int,
    heads: HeadKind = "light",
) -> VirtualNetwork:
    """Return the untrained network with the heads of a seed.

    Args:
        blocks: Of the whole network, with initial weights.
        tasks: What the heads predict.
        division: How channels are divided.
        orders: One for each task.
        size: Height and width of the pictures.
        seed: Of the heads' initial weights.
        heads: Which heads tasks with an answer per pixel have.

    Raises:
        FamilyError: As ``VirtualNetwork``.
        BackboneError: A head doesn't fit the last block.
    """
    picture = _picture(size)
    inputs = _shape(blocks, picture)
    made = [
        [level_head(task, level, division, inputs, size, seed, heads) for level in range(division.n_units)]
        for task in tasks
    ]
    return VirtualNetwork(blocks, division, orders, made, picture)


def build_narrow(
    blocks: Sequence[nn.Module],
    task: Task,
    division: Division,
    level: int,
    size: tuple[int, int],
    seed: int,
    heads: HeadKind = "light",
) -> TreeNetwork:
    """Return the untrained network of a task's level alone, with the initial weights of the first units of a seed.

    Args:
        blocks: Of the whole network, with initial weights.
        task: What the head predicts.
        division: How channels are divided.
        level: From 0.
        size: Height and width of the pictures.
        seed: Of the head's initial weights.
        heads: Which head a task with an answer per pixel has.

    Raises:
        FamilyError: The blocks can't be cut into these units.
        BackboneError: The head doesn't fit the last block.
    """
    picture = _picture(size)
    head = level_head(task, level, division, _shape(blocks, picture), size, seed, heads)
    chain = NarrowChain(blocks, division, range(level + 1), check_units(blocks, division, picture))
    return TreeNetwork([*chain.dense(weights_of(blocks))], Layout.all_shared(1, len(blocks)), [head])


def check_levels(blocks: Sequence[nn.Module], tasks: Sequence[Task], division: Division, size: tuple[int, int]) -> None:
    """Check that blocks can be cut into units, and that every task's head fits every level.

    Args:
        blocks: Of the whole network.
        tasks: What heads predict.
        division: How channels are divided.
        size: Height and width of the pictures.

    Raises:
        FamilyError: The blocks can't be cut.
        BackboneError: A head doesn't fit.
    """
    picture = _picture(size)
    check_units(blocks, division, picture)
    inputs = _shape(blocks, picture)
    for task in tasks:
        for level in range(division.n_units):
            level_head(task, level, division, inputs, size, 0)


def level_head(
    task: Task,
    level: int,
    division: Division,
    inputs: tuple[int, ...],
    size: tuple[int, int],
    seed: int,
    heads: HeadKind = "light",
) -> nn.Module:
    """Return the head of a task's level; on the last level it begins as that of the single-task network.

    Args:
        task: What it predicts.
        level: From 0.
        division: How channels are divided.
        inputs: Shape of the output of the whole network's last block, without the batch.
        size: Height and width of the pictures.
        seed: Of its initial weights.
        heads: Which head it is, where the task has an answer per pixel.

    Raises:
        FamilyError: The units don't divide the channels.
        BackboneError: It doesn't fit the last block.
    """
    n_channels = len(division.channels(inputs[0], range(level + 1), "The output of the last block"))
    last = level == division.n_units - 1
    with seeded(seed, f"head of {task.name}" if last else f"head of {task.name} on level {level}"):
        return head_of(task, (n_channels, *inputs[1:]), size, heads)


def _picture(size: tuple[int, int]) -> Tensor:
    return torch.zeros(2, 3, *size).uniform_(generator=torch.Generator().manual_seed(0))


def _shape(blocks: Sequence[nn.Module], picture: Tensor) -> tuple[int, ...]:
    """Return the shape of the last block's output, without the batch."""
    chain = nn.Sequential(*[copy.deepcopy(block).eval() for block in blocks])
    with torch.no_grad():
        return tuple(chain(picture).shape[1:])
