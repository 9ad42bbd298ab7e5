"""What a deployed virtual network is made from: its plan, and the files that hold its weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from safetensors.torch import save
from torch import Tensor, nn

from core.backbones.division import Division
from core.backbones.source import literal
from core.errors import FamilyError
from core.families.virtual.loader_text import CONSTANTS, FAMILY, TITLE, USAGE
from core.families.virtual.network import Place, VirtualNetwork
from core.families.virtual.orders import Orders, check_orders
from core.families.virtual.request import MOST_PLACES
from core.networks.heads import head_of
from core.networks.level_network import LevelNetwork, narrow_chain, shared_names, unit_weights
from core.networks.loader import head_call, loader_text, plan_source
from core.networks.narrow import layers_on_pictures, plain_layer
from core.networks.plan import BackbonePlan
from core.networks.unit_weights import Pair, UnitWeights
from core.studies.network_files import file_name
from core.tasks import Task

PIECE: Final = "weights"
# Of ``core.networks``, what the loader takes.
_TAKEN: Final = (
    ("narrowed.py", ("narrowed",)),
    ("unit_weights.py", ("UnitWeights",)),
    ("level_network.py", ("LevelNetwork",)),
)


@dataclass(frozen=True)
class VirtualPlan:
    """The structure of a deep virtual network, without weights.

    Args:
        plan: What its backbone is made from.
        division: How channels are divided.
        orders: One permutation of the units for each task.
        tasks: In index order.

    Raises:
        FamilyError: There are too many levels, or an order is no permutation.
    """

    plan: BackbonePlan
    division: Division
    orders: Orders
    tasks: tuple[Task, ...]

    def __post_init__(self) -> None:
        check_orders(self.orders, self.division.n_units)
        if len(self.orders) != len(self.tasks) or len(self.places) > MOST_PLACES:
            raise FamilyError(
                f"There should be an order for each task, and at most {MOST_PLACES} levels in all. "
                f"Found {len(self.orders)} orders for {len(self.tasks)} tasks, and {len(self.places)} levels."
            )

    @property
    def places(self) -> list[Place]:
        """Every task and level."""
        return [(task, level) for task in range(len(self.orders)) for level in range(self.division.n_units)]

    def units(self, place: Place) -> tuple[int, ...]:
        """Return the active units of a task's level, in its order."""
        return self.orders[place[0]][: place[1] + 1]

    @cached_property
    def blocks(self) -> list[nn.Module]:
        """The blocks of the whole network, without memory for weights.

        Raises:
            FamilyError: They can't be cut into units, or hold numbers that no file would.
            BackboneError: They can't be made.
        """
        for path, layer in nn.Sequential(*self._made).named_modules():
            where = f'The layer "{path[:100]}"'
            if layer._non_persistent_buffers_set or any(isinstance(each, Tensor) for each in vars(layer).values()):
                raise FamilyError(f"{where} holds fixed numbers. Export its levels with: branchwise module.")
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                self.division.channels(layer.num_features, (), where)
            elif any(True for _ in layer.parameters(recurse=False)):
                outputs, inputs = plain_layer(path, layer).weight.shape[:2]
                for n_channels in (outputs, *(() if path in self.pictures else (inputs,))):
                    self.division.channels(n_channels, (), where)
        return self._made

    @cached_property
    def pictures(self) -> frozenset[str]:
        """Paths of the layers that read the picture."""
        with torch.device("meta"):
            return layers_on_pictures(self._made, torch.empty(2, 3, *self.plan.size))

    @cached_property
    def _made(self) -> list[nn.Module]:
        # Without memory: a forged manifest may name the largest network there is.
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            return self.plan.blocks()

    def head(self, name: str, n_units: int) -> nn.Module:
        """Return the head of a task's level with so many units."""
        (task,) = [task for task in self.tasks if task.name == name]
        channels, *sides = self._last
        n_channels = len(self.division.channels(channels, range(n_units), "The output of the last block"))
        with torch.random.fork_rng(devices=[]):
            return head_of(task, (n_channels, *sides), self.plan.size, self.plan.heads)

    @cached_property
    def _last(self) -> tuple[int, ...]:
        """Shape of what the last block returns."""
        chain = nn.Sequential(*self.blocks)
        with torch.device("meta"), torch.no_grad():
            return tuple(chain.eval()(torch.empty(2, 3, *self.plan.size)).shape[1:])

    def unit_weights(self) -> UnitWeights:
        """Return the shared weights without any active unit."""
        return unit_weights(self.blocks, self.division.pattern, self.pictures)

    @cached_property
    def pairs(self) -> list[Pair]:
        """The pieces of the whole network."""
        return self.unit_weights().pairs(range(self.division.n_units))

    def loaded(
        self, read_piece: Callable[[Pair], Tensor], read_own: Callable[[str, int], Mapping[str, Tensor]]
    ) -> LevelNetwork:
        """Return what loads levels.

        Args:
            read_piece: Returns the piece between units.
            read_own: Returns norms, biases and head of a task's level.
        """
        return LevelNetwork(
            self.blocks,
            self.division.pattern,
            self.pictures,
            heads=self.head,
            read_piece=read_piece,
            read_own=read_own,
        )

    def own_shapes(self, place: Place) -> dict[str, tuple[int, ...]]:
        """Return name → shape of the norms, biases and head of a task's level."""
        chain = self._chain_shapes(place[1])
        head = self.head(self.tasks[place[0]].name, place[1] + 1).state_dict()
        return {**chain, **{f"1.{name}": tuple(tensor.shape) for name, tensor in head.items()}}

    def _chain_shapes(self, level: int) -> dict[str, tuple[int, ...]]:
        known: dict[int, dict[str, tuple[int, ...]]] = self.__dict__.setdefault("_shapes", {})
        if level not in known:
            chain = narrow_chain(self.blocks, self.division.pattern, range(level + 1), self.pictures)
            shared = shared_names(self.blocks)
            state = {f"0.{name}": tuple(tensor.shape) for name, tensor in chain.state_dict().items()}
            known[level] = {name: shape for name, shape in state.items() if name not in shared}
        return known[level]

    def loader(self) -> str:
        """Return Python source that loads the deployed network and answers pictures.

        Raises:
            BackboneError: The backbone can't be written down.
        """
        levels = range(1, self.division.n_units + 1)
        heads = {task.name: [self.head(task.name, n_units) for n_units in levels] for task in self.tasks}
        lines = [
            f"        {literal(name)}: [{', '.join(f'lambda: {head_call(head)}' for head in found)}],"
            for name, found in heads.items()
        ]
        with torch.random.fork_rng(devices=[]):
            blocks = plan_source(self.plan)
        return loader_text(
            title=TITLE,
            usage=USAGE.substitute(first=literal(self.tasks[0].name)),
            family=FAMILY.substitute(heads="\n".join(lines)),
            blocks=blocks,
            heads=[head for found in heads.values() for head in found],
            constants=CONSTANTS.substitute(
                pattern=literal(list(self.division.pattern)), pictures=literal(sorted(self.pictures))
            ),
            files=_TAKEN,
        )


def piece_files(plan: VirtualPlan, network: VirtualNetwork) -> dict[Pair, tuple[str, bytes]]:
    """Return units → name and content of the file with the weights between them.

    Args:
        plan: Of the network.
        network: Trained.
    """
    weights, units = [weight.detach().cpu() for weight in network.weights], plan.unit_weights()
    return {pair: (_piece_name(pair), save({PIECE: units.cut(weights, pair)})) for pair in plan.pairs}


def level_files(plan: VirtualPlan, network: VirtualNetwork) -> dict[Place, tuple[str, bytes]]:
    """Return place → name and content of the file with what only a task's level has.

    Args:
        plan: Of the network.
        network: Trained.
    """
    found: dict[Place, tuple[str, bytes]] = {}
    taken: set[str] = set()
    n_blocks, shared = len(plan.blocks), set(shared_names(plan.blocks))
    for place in plan.places:
        state = {}
        for name, tensor in network.dense(place).state_dict().items():
            block, _, rest = name.partition(".")
            called = f"0.{name}" if int(block) < n_blocks else f"1.{rest}"
            if called not in shared:
                state[called] = tensor.detach().cpu().contiguous().clone()
        file = file_name("level", f"{plan.tasks[place[0]].name[:30]}-{place[1]}", taken)
        taken.add(file)
        found[place] = (file, save(state))
    return found


def _piece_name(pair: Pair) -> str:
    return f"units-{'-'.join(map(str, pair)) or 'common'}.safetensors"
