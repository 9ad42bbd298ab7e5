"""What the networks of all methods have in common: features of each task, heads, and what they hold."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from core.networks.heads import head_of
from core.networks.study_blocks import blocks_of
from core.networks.tree import count_parameters
from core.runs.settings import BackboneSpecification
from core.tasks import Task
from core.training.build import seeded, shapes_of


@dataclass(frozen=True, slots=True)
class Holding:
    """What a network holds without heads.

    Args:
        shared_params: Parameters that no task has for itself.
        own_params: Parameters that only one task uses, ``[n_tasks]``: its norms, biases or attention.
        used_params: Parameters of a pass for one task, ``[n_tasks]``, its own included; what the multi-path paper
            divides by the size of the backbone.
        mask_bits: Bits that say which task may use which weight or unit, or run which block.
        runs: Whether a pass for one task runs a block, ``[n_tasks][n_blocks]``.
        runs_for_all: How often each block runs for all tasks on one input, ``[n_blocks]``.
        has_extra: Whether a pass computes more than blocks and heads, such as attention.
        is_narrow: Whether passes have fewer channels than the blocks.
    """

    shared_params: int
    own_params: tuple[int, ...]
    used_params: tuple[int, ...]
    mask_bits: int
    runs: tuple[tuple[bool, ...], ...]
    runs_for_all: tuple[int, ...]
    has_extra: bool = False
    is_narrow: bool = False


class RivalNetwork(nn.Module):
    """Base of the networks: one head for each task, on features that a method computes.

    Args:
        heads: One for each task.
    """

    def __init__(self, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)

    @property
    def n_tasks(self) -> int:
        """Number of tasks."""
        return len(self.heads)

    def forward(self, x: Tensor, tasks: Sequence[int] | None = None) -> dict[int, Tensor]:
        """Return task → output of its head.

        Args:
            x: A batch of pictures.
            tasks: Those wanted; all by default. Only what they need is computed.
        """
        wanted = range(self.n_tasks) if tasks is None else tasks
        features = self.features(x, wanted)
        return {task: self.heads[task](features[task]) for task in wanted}

    @abstractmethod
    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head."""

    @abstractmethod
    def holding(self) -> Holding:
        """Return what the network holds."""

    def path(self, task: int) -> "OneTask":
        """Return the network of one task, which shares everything with this one."""
        return OneTask(self, task)


class OneTask(nn.Module):
    """A network that answers one task only.

    Args:
        network: Of all tasks.
        task: Which one.
    """

    def __init__(self, network: RivalNetwork, task: int) -> None:
        super().__init__()
        self.network, self.task = network, task

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the task's head."""
        outputs: dict[int, Tensor] = self.network(x, [self.task])
        return outputs[self.task]


class SomeTasks(nn.Module):
    """A network that answers some of its tasks only.

    Args:
        network: Of all tasks.
        tasks: Those wanted.
    """

    def __init__(self, network: RivalNetwork, tasks: Sequence[int]) -> None:
        super().__init__()
        self.network, self.tasks = network, tuple(tasks)

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Return task → output of its head."""
        outputs: dict[int, Tensor] = self.network(x, self.tasks)
        return outputs


def parts_of(
    backbone: BackboneSpecification, tasks: Sequence[Task], size: tuple[int, int], seed: int
) -> tuple[list[nn.Module], list[nn.Module]]:
    """Return the blocks of a backbone and a head for each task, with the weights that every network of the seed has.

    Args:
        backbone: Which blocks.
        tasks: What the heads predict.
        size: Height and width of the pictures.
        seed: Of the initial weights.

    Raises:
        BackboneError: The backbone can't be made, or a head doesn't fit its last block.
    """
    with seeded(seed, "blocks"):
        blocks = blocks_of(backbone, size)
    inputs = shapes_of(blocks, size)[-1]
    heads = []
    for task in tasks:
        with seeded(seed, f"head of {task.name}"):
            heads.append(head_of(task, inputs, size, backbone.heads))
    return blocks, heads


def n_params(modules: Sequence[nn.Module]) -> int:
    """Return the number of parameters of some modules that share none."""
    return sum(map(count_parameters, modules))
