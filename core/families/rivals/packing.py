"""Tasks one after another in one network, each in what those before it left free."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.errors import FamilyError
from core.families.rivals.method import PackNetMethod
from core.families.rivals.network import RivalNetwork
from core.families.rivals.session import Session
from core.training.answers import EVALUATION_BATCH
from core.training.tensors import tensors_of


class Learner(nn.Module):
    """One task while it is trained.

    What earlier tasks own are buffers, which no optimiser changes, not even by weight decay.

    Args:
        weights: Of the network of all tasks.
        free: Where each weight is free, as truth values of its shape.
        chain: Blocks of the task without their weights.
        head: Of the task.
    """

    def __init__(self, weights: Sequence[Tensor], free: Sequence[Tensor], chain: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.learned = nn.ParameterList()
        for place, (weight, is_free) in enumerate(zip(weights, free, strict=True)):
            self.register_buffer(f"frozen_{place}", weight * ~is_free)
            # As numbers, so that averages of weights and checkpoints keep them like everything else.
            self.register_buffer(f"mask_{place}", is_free.to(weight.dtype))
            self.learned.append(nn.Parameter(weight * is_free))
        self.chain, self.head = chain, head

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


class Packing(RivalNetwork):
    """Base of the networks whose tasks are trained one after another, and frozen."""

    @abstractmethod
    def learner(self, task: int) -> Learner:
        """Return the network in which a task is trained; the tasks before it are frozen already."""

    @abstractmethod
    def prune(self, task: int, learner: Learner) -> None:
        """Keep the largest of what a task has learned, as much as its share allows; the rest is free."""

    @abstractmethod
    def adopt(self, task: int, learner: Learner) -> None:
        """Freeze what a task has learned and keeps."""


def train_packing(session: Session, network: Packing, method: PackNetMethod) -> Packing:
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
        network.prune(task, learner)
        if after:
            learner = session.train(f"training {name} pruned", learner.requires_grad_(True), after, tasks=[task])
        network.adopt(task, learner)
        answers.append(_answer(network, pictures, task))
    for task, answer in enumerate(answers):
        if not torch.equal(answer, _answer(network, pictures, task)):
            raise FamilyError(f'Later tasks changed what "{session.run.tasks[task]}" answers, which they never should.')
    return network


def _answer(network: Packing, pictures: Tensor, task: int) -> Tensor:
    network.eval()
    with torch.no_grad():
        outputs: dict[int, Tensor] = network(pictures, [task])
    return outputs[task]
