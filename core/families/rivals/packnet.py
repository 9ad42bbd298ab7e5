"""PackNet: tasks one after another in one network, each in the weights that those before it left free.

Paper: Mallya and Lazebnik, PackNet: Adding Multiple Tasks to a Single Network by Iterative Pruning, CVPR 2018.

As in the paper: a task trains all free weights over the frozen ones of earlier tasks; its smallest weights by
magnitude are pruned in each layer and become free, the others are trained on and then frozen; free weights are 0
until another task trains them; a weight has one owner, and a task uses its own weights and those of all tasks before
it. So nothing that a later task does changes an earlier one.

Differs: norms and biases are those of each task (the paper keeps the first task's; "PackNet with batch normalization"
in the comparison of the multi-path paper); the first task starts from random weights, not from ImageNet; how much a
task keeps is given as the share that it may use in the end, and the last task keeps all that is left; magnitudes are
those of the averaged weights, which all our networks are evaluated with; heads are not pruned.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.families.rivals.masked import MaskedChain, largest, weights_of
from core.families.rivals.method import counts_of, mask_bits
from core.families.rivals.network import Holding, n_params
from core.families.rivals.packing import Learner, Packing

FREE = -1


class PackNet(Packing):
    """The network of all tasks.

    Args:
        blocks: Of the backbone, with initial weights; they are copied.
        heads: One for each task.
        shares: Share of each layer's weights that each task may use, in rising order.
    """

    def __init__(self, blocks: Sequence[nn.Module], heads: Sequence[nn.Module], shares: tuple[float, ...]) -> None:
        super().__init__(heads)
        self.shares = shares
        self.n_blocks = len(blocks)
        self.weights = nn.ParameterList(nn.Parameter(w, requires_grad=False) for w in weights_of(blocks))
        for place, weight in enumerate(self.weights):
            self.register_buffer(f"owner_{place}", torch.full_like(weight, FREE, dtype=torch.int8))
        self.chains = nn.ModuleList(MaskedChain(blocks) for _ in heads)

    @property
    def owners(self) -> list[Tensor]:
        """Number of the task that owns each weight; -1 where it is free."""
        return [self.get_buffer(f"owner_{place}") for place in range(len(self.weights))]

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head; every task is a pass of its own."""
        return {task: self.chains[task](x, self.weights_for(task)) for task in tasks}

    def weights_for(self, task: int) -> list[Tensor]:
        """Return the weights of a task: its own and those of the tasks before it, 0 elsewhere."""
        return [
            weight * ((owner > FREE) & (owner <= task)) for weight, owner in zip(self.weights, self.owners, strict=True)
        ]

    def learner(self, task: int) -> Learner:
        """Return the network in which a task is trained; the tasks before it are frozen already."""
        free = [owner == FREE for owner in self.owners]
        return Learner([*self.weights], free, self.chains[task], self.heads[task])

    def prune(self, task: int, learner: Learner) -> None:
        """Keep the largest of a task's weights in each layer, as many as its share allows; the others are free."""
        for mask, learned in zip(learner.masks, learner.learned, strict=True):
            counts = (0, *counts_of(self.shares, learned.numel()))
            count = counts[task + 1] - counts[task]
            mask.copy_(largest(learned.detach().abs(), mask > 0, count))

    def adopt(self, task: int, learner: Learner) -> None:
        """Freeze what a task has learned; weights that it doesn't keep are free, and 0."""
        with torch.no_grad():
            for place, (weight, owner) in enumerate(zip(self.weights, self.owners, strict=True)):
                kept = learner.masks[place] > 0
                weight.copy_(learner.weights()[place])
                owner[kept] = task
        self.chains[task] = learner.chain
        self.heads[task] = learner.head
        self.chains[task].requires_grad_(False)
        self.heads[task].requires_grad_(False)
        if task + 1 < self.n_tasks:
            # A task goes on from the norms and biases of the one before it.
            self.chains[task + 1].load_state_dict(learner.chain.state_dict())

    def holding(self) -> Holding:
        """Return what the network holds."""
        n_weights = sum(weight.numel() for weight in self.weights)
        own = tuple(n_params([chain]) for chain in self.chains)
        used = [sum(int(((o > FREE) & (o <= task)).sum()) for o in self.owners) for task in range(self.n_tasks)]
        return Holding(
            shared_params=n_weights,
            own_params=own,
            used_params=tuple(one + other for one, other in zip(used, own, strict=True)),
            mask_bits=mask_bits(self.n_tasks, n_weights),
            runs=((True,) * self.n_blocks,) * self.n_tasks,
            runs_for_all=(self.n_tasks,) * self.n_blocks,
        )
