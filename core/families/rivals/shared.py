"""One network that all tasks share, with a head for each: what methods that learn in a sequence train."""

from collections.abc import Sequence

from torch import Tensor, nn

from core.families.rivals.network import Holding, RivalNetwork, n_params


class SharedNetwork(RivalNetwork):
    """The network of all tasks: blocks that run once for all of them.

    Args:
        blocks: Of the backbone, with initial weights; used as they are.
        heads: One for each task.
    """

    def __init__(self, blocks: Sequence[nn.Module], heads: Sequence[nn.Module]) -> None:
        super().__init__(heads)
        self.blocks = nn.Sequential(*blocks)

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head, which is the same for all."""
        return dict.fromkeys(tasks, self.blocks(x))

    def holding(self) -> Holding:
        """Return what the network holds."""
        shared, n_blocks = n_params([self.blocks]), len(self.blocks)
        return Holding(
            shared_params=shared,
            own_params=(0,) * self.n_tasks,
            used_params=(shared,) * self.n_tasks,
            mask_bits=0,
            runs=((True,) * n_blocks,) * self.n_tasks,
            runs_for_all=(1,) * n_blocks,
        )


class Turn(nn.Module):
    """The network while it learns one task.

    Args:
        network: Of all tasks; used as it is.
        task: Which one is learned.
        held: Earlier tasks whose answers are wanted, too.
    """

    def __init__(self, network: SharedNetwork, task: int, held: Sequence[int] = ()) -> None:
        super().__init__()
        self.network, self.tasks = network, (task, *held)

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Return the output of the task as number 0, and those of the held ones as 1, 2, …."""
        outputs: dict[int, Tensor] = self.network(x, self.tasks)
        return {number: outputs[task] for number, task in enumerate(self.tasks)}
