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

from core.errors import FamilyError
from core.families.rivals.masked import MaskedChain, largest, weights_of
from core.families.rivals.method import PackNetMethod, counts_of, mask_bits
from core.families.rivals.network import Holding, RivalNetwork, n_params
from core.families.rivals.session import Session
from core.training.loop import EVALUATION_BATCH
from core.training.tensors import tensors_of

FREE = -1


class PackNet(RivalNetwork):
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

    def learner(self, task: int) -> "PackedTask":
        """Return the network in which a task is trained; the tasks before it are frozen already."""
        return PackedTask(self, task)

    def adopt(self, task: int, learner: "PackedTask") -> None:
        """Freeze what a task has learned; weights that it doesn't keep are free, and 0.

        Args:
            task: Which one.
            learner: After its training.
        """
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


class PackedTask(nn.Module):
    """One task of a PackNet while it is trained.

    What earlier tasks own are buffers, which no optimiser changes, not even by weight decay.

    Args:
        network: Earlier tasks are frozen in it.
        task: Which one.
    """

    def __init__(self, network: PackNet, task: int) -> None:
        super().__init__()
        self.task, self.shares = task, network.shares
        self.learned = nn.ParameterList()
        for place, (weight, owner) in enumerate(zip(network.weights, network.owners, strict=True)):
            free = owner == FREE
            self.register_buffer(f"frozen_{place}", weight * ~free)
            # As numbers, so that averages of weights and checkpoints keep them like everything else.
            self.register_buffer(f"mask_{place}", free.to(weight.dtype))
            self.learned.append(nn.Parameter(weight * free))
        self.chain, self.head = network.chains[task], network.heads[task]

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Return the output of the task, as number 0."""
        return {0: self.head(self.chain(x, self.weights()))}

    @property
    def masks(self) -> list[Tensor]:
        """1 where a weight is the task's own, 0 elsewhere."""
        return [self.get_buffer(f"mask_{place}") for place in range(len(self.learned))]

    def weights(self) -> list[Tensor]:
        """Return frozen and own weights together."""
        return [
            self.get_buffer(f"frozen_{place}") + learned * self.get_buffer(f"mask_{place}")
            for place, learned in enumerate(self.learned)
        ]

    def prune(self) -> None:
        """Keep the largest of the task's weights in each layer, as many as its share allows; the others are free."""
        for mask, learned in zip(self.masks, self.learned, strict=True):
            counts = (0, *counts_of(self.shares, learned.numel()))
            count = counts[self.task + 1] - counts[self.task]
            mask.copy_(largest(learned.detach().abs(), mask > 0, count))


def train_packnet(session: Session, network: PackNet, method: PackNetMethod) -> PackNet:
    """Train all tasks one after another; return the network with all of them.

    Args:
        session: Data and settings; each task is trained as long as any network of the study.
        network: Untrained; changed in place.
        method: Its options.

    Raises:
        Stopped: Somebody stopped it.
        FamilyError: A loss became not-a-number, or a task changed an earlier one.
    """
    network.to(session.device)
    epochs = session.run.settings.epochs
    validation = tensors_of(session.data, "validation", session.tasks, session.device)
    pictures, _ = validation.batch(slice(EVALUATION_BATCH))
    answers: list[Tensor] = []
    for task, name in enumerate(session.run.tasks):
        is_last = task + 1 == network.n_tasks
        before, after = (epochs, 0) if is_last else method.epochs(epochs)
        learner = session.train(f"training {name}", network.learner(task), before, tasks=[task])
        learner.prune()
        if after:
            learner = session.train(f"training {name} pruned", learner.requires_grad_(True), after, tasks=[task])
        network.adopt(task, learner)
        answers.append(_answer(network, pictures, task))
    for task, answer in enumerate(answers):
        if not torch.equal(answer, _answer(network, pictures, task)):
            raise FamilyError(f'Later tasks changed what "{session.run.tasks[task]}" answers, which they never should.')
    return network


def _answer(network: PackNet, pictures: Tensor, task: int) -> Tensor:
    network.eval()
    with torch.no_grad():
        outputs: dict[int, Tensor] = network(pictures, [task])
    return outputs[task]
