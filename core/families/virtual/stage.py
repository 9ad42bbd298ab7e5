"""One task's turn in a sequence: what it learns from, and what holds the answers of the tasks before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.families.virtual.measure import Chosen
from core.families.virtual.network import Place, VirtualNetwork
from core.tasks import Task
from core.training.answers import answers, predict
from core.training.average import fresh_statistics, statistics_batches
from core.training.distillation_loss import distillation_loss
from core.training.labelled import present
from core.training.loop import Trainer
from core.training.streamed import Values
from core.training.task_data import TaskData
from core.training.tensors import Tensors, tensors_of_labelled

# Answers of earlier tasks to every training picture of the new one: task → level.
Held = Sequence[Sequence[Values]]


class Stage(nn.Module):
    """A deep virtual network while it learns one task: norms of other tasks keep their statistics.

    Args:
        network: Of all tasks; it is used as it is.
        task: Which one is learned.
    """

    def __init__(self, network: VirtualNetwork, task: int) -> None:
        super().__init__()
        self.network, self.task = network, task

    @property
    def places(self) -> list[Place]:
        """The levels of the task."""
        return self.network.places_of(self.task)

    def train(self, mode: bool = True) -> "Stage":
        """Set the new task's levels to training mode, and everything else to evaluation mode."""
        super().train(False)
        self.training = mode
        for place in self.places:
            for part in self.network.part(place):
                part.train(mode)
        return self

    def forward(self, x: Tensor, wanted: Sequence[Place] | None = None) -> dict[Place, Tensor]:
        """Return the outputs of some tasks' levels; of the new task's by default."""
        found: dict[Place, Tensor] = self.network(x, self.places if wanted is None else wanted)
        return found


@dataclass(slots=True)
class StageTrainer(Trainer):
    """The training of one task in a sequence: the sum of its levels' losses, and what holds the answers before it.

    Every level of every earlier task should answer to the new pictures as it did before them. Shared weights, and the
    norms' scales and the heads of earlier tasks move under this loss, as in Learning without Forgetting; the running
    statistics of their norms stay, which are those of pictures that are no longer there. Without it they stay whole.

    ``tasks``, ``train`` and ``validation`` are of the new task alone.

    Args:
        held: What earlier tasks answered before; none without distillation.
        earlier: These tasks.
        distillation: Weight of each level's loss that holds an answer.
        temperature: By which scores are divided before they are compared.

    Reference:
        Li and Hoiem, Learning without Forgetting, Eqs 2 and 3; Kim et al., Deep Virtual Networks, for the levels.
    """

    held: Held = ()
    earlier: tuple[Task, ...] = ()
    distillation: float = 1.0
    temperature: float = 2.0

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the reported losses are called: the new task's, then those that hold earlier ones."""
        return (self.tasks[0].name, *(f"{task.name}, held" for task, _ in zip(self.earlier, self.held, strict=False)))

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step on some rows and return the loss of the new task, and those that hold the others."""
        self.set_rate(optimizer, step)
        optimizer.zero_grad(set_to_none=True)
        losses = self.accumulate(rows)
        optimizer.step()
        return losses

    def accumulate(self, rows: Tensor) -> Tensor:
        """Add the gradients of all levels to those of the parameters; return their losses, means over levels.

        Args:
            rows: Of the new task's training pictures.
        """
        stage = self.stage(self.network)
        pictures, targets = self.train.batch(rows)
        outputs = stage(pictures)
        losses = torch.stack([self.train_losses[0](output, targets[0]) for output in outputs.values()])
        torch.autograd.backward(losses.sum())
        found = [losses.detach().mean()]
        for number, (task, before) in enumerate(zip(self.earlier, self.held, strict=False)):
            outputs = stage(pictures, stage.network.places_of(number))
            losses = torch.stack(
                [
                    distillation_loss(task, output, old[rows], self.temperature)
                    for output, old in zip(outputs.values(), before, strict=True)
                ]
            )
            torch.autograd.backward(self.distillation * losses.sum())
            found.append(losses.detach().mean())
        return torch.stack(found)

    def refresh(self, network: nn.Module) -> None:
        """Recompute the running statistics of the new task's norms; those of others stay."""
        stage = self.stage(network)
        stage.eval()
        with fresh_statistics(nn.ModuleList(stage.network.part(place)[0] for place in stage.places)) as needed:
            for rows in statistics_batches(len(self.train)) if needed else ():
                stage(self.train.batch(rows)[0])

    def validation_loss(self, network: nn.Module) -> float:
        """Return the sum over the new task's levels of the mean loss on its validation pictures."""
        stage, kind = self.stage(network), self.tasks[0].kind
        losses, n_labels = [], []
        for rows, outputs in answers(Chosen(stage.network, stage.places), self.validation):
            target = self.validation.targets[0][rows]
            losses.append(sum(float(self._validation_losses[0](output, target)) for output in outputs))
            n_labels.append(int(present(kind, target).sum()))
        return sum(loss * (n / sum(n_labels)) for loss, n in zip(losses, n_labels, strict=True))

    @staticmethod
    def stage(network: nn.Module) -> Stage:
        """Return a network as what it is."""
        assert isinstance(network, Stage)
        return network


def rows_of(data: TaskData, split: str, task: int) -> Tensors:
    """Return the pictures of a split that are labelled for one task, with its targets; no other picture is read.

    Args:
        data: Of all tasks.
        split: ``train``, ``validation`` or ``test``.
        task: Number of the task.
    """
    return tensors_of_labelled(data.own(task), split, data.tasks[task], data.device)


def held_answers(network: VirtualNetwork, data: Tensors, n_tasks: int) -> Held:
    """Return what the levels of the first tasks answer to pictures, task by task.

    Args:
        network: In evaluation mode afterwards.
        data: The pictures.
        n_tasks: How many tasks.
    """
    return [predict(Chosen(network, network.places_of(task)), data) for task in range(n_tasks)]
