"""Learning without Forgetting (LwF): one task after another in all weights, while earlier answers are held.

Paper: Li and Hoiem, Learning without Forgetting, TPAMI 2017.

As in the paper: a task learns in the shared network and a head of its own; before it begins, what every earlier task
answers to the new task's pictures is written down, and a distillation loss holds these answers while it learns
(T = 2, weight 1, without T²). Shared weights and all heads learn. Pictures and labels of earlier tasks are not used:
only pictures that are labelled for the new task are read.

Differs: there is no warm-up of the new head alone, which by the paper's §3.1 matters little here; the first task starts
from random weights. The paper's networks have no BatchNorm: here norms are shared and their statistics are those of the
last task's pictures, with which earlier answers were held, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from core.families.rivals.method import LwfMethod
from core.families.rivals.network import SomeTasks
from core.families.rivals.runs import held_name
from core.families.rivals.session import Session
from core.families.rivals.shared import SharedNetwork, Turn
from core.tasks import Task
from core.training.answers import predict
from core.training.distillation_loss import distillation_loss
from core.training.loop import Trainer
from core.training.streamed import Values


@dataclass(slots=True)
class HoldingTrainer(Trainer):
    """The training of one task: its loss, and what holds the answers of the tasks before it.

    ``tasks``, ``train`` and ``validation`` are of the new task alone.

    Args:
        earlier: Tasks whose answers are held.
        answers: What each of them answered to every training picture before.
        method: Weight and temperature.
    """

    earlier: tuple[Task, ...] = ()
    answers: Sequence[Values] = ()
    method: LwfMethod = field(default_factory=LwfMethod)

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the reported losses are called: the new task's, then those that hold earlier ones."""
        return (self.tasks[0].name, *(held_name(task.name) for task in self.earlier))

    def losses_at(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is minimised on some rows of the training split, and the losses that are reported."""
        pictures, targets = self.train.batch(rows)
        outputs = self.network(pictures)
        new = self.train_losses[0](outputs[0], targets[0])
        held = [
            distillation_loss(task, outputs[number], answer[rows], self.method.temperature)
            for number, (task, answer) in enumerate(zip(self.earlier, self.answers, strict=True), start=1)
        ]
        losses = torch.stack([new, *held])
        return new + self.method.weight * losses[1:].sum(), losses


def train_lwf(session: Session, network: SharedNetwork, method: LwfMethod) -> SharedNetwork:
    """Train all tasks one after another; return the network with all of them.

    Args:
        session: Data and settings; each task is trained for as many passes over its pictures as any network.
        network: Untrained; changed in place.
        method: Its options.

    Raises:
        Stopped: Somebody stopped it.
        FamilyError: A loss became not-a-number.
    """
    network.to(session.device)
    for task in range(network.n_tasks):
        network = learned(session, network, task, method)
        session.measure(network, task + 1)
    return network


def learned(session: Session, network: SharedNetwork, task: int, method: LwfMethod) -> SharedNetwork:
    """Return the network after one more task was learned.

    Args:
        session: Data and settings.
        network: With the tasks before it.
        task: Which one.
        method: Options.

    Raises:
        Stopped: Somebody stopped it.
        FamilyError: A loss became not-a-number.
    """
    own = session.own(task)
    held = range(task if method.weight else 0)
    answers = predict(SomeTasks(network, held), own["train"]) if held else []
    turn = session.train(
        f"training {session.run.tasks[task]}",
        Turn(network.requires_grad_(True), task, held),
        session.run.settings.epochs,
        tasks=[task],
        tensors=own,
        make=partial(HoldingTrainer, earlier=session.tasks[: len(held)], answers=answers, method=method),
    )
    return turn.network
