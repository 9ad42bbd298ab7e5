"""Training of a deep virtual network: the sum of the losses of all tasks on all levels."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.families.virtual.drawn_levels import drawn_levels
from core.families.virtual.measure import Chosen
from core.families.virtual.network import VirtualNetwork
from core.families.virtual.request import Levels
from core.training.answers import batches
from core.training.average import fresh_statistics, statistics_batches
from core.training.labelled import present
from core.training.loop import Trainer


@dataclass(slots=True)
class VirtualTrainer(Trainer):
    """One joint training of a deep virtual network: like any other, with the sum of losses over tasks and levels.

    Each task's level is a pass of its own: on all rows of a batch, where there is one data set, and on the rows of
    the task's set, where each task has its own. So its norms see no pictures of other data sets. The reported losses
    are those of tasks, the means over the levels that learned.

    Args:
        levels: Which levels of each task learn in a step.

    Reference:
        Kim, Ahn, Torr and Oh, Deep Virtual Networks for Memory Efficient Inference of Multiple Tasks, CVPR 2019.
    """

    levels: Levels = "all"

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step on some rows of the training split and return the loss of each task."""
        self.set_rate(optimizer, step)
        optimizer.zero_grad(set_to_none=True)
        losses = self.accumulate(rows, drawn_levels(self.levels, self.virtual(self.network).shape, self.seed, step))
        optimizer.step()
        return losses

    def accumulate(self, rows: Tensor, levels: list[list[int]]) -> Tensor:
        """Add the gradients of some levels to those of the parameters; return each task's mean loss, ``[n_tasks]``.

        Args:
            rows: Of the training split.
            levels: Of each task.
        """
        network, found = self.virtual(self.network), []
        for task, chosen in enumerate(levels):
            pictures, targets = self.train.batch(self._own(task, rows))
            places = [(task, level) for level in chosen]
            outputs = network(pictures, places)
            losses = torch.stack([self.train_losses[task](outputs[place], targets[task]) for place in places])
            # Task by task, so that no more than one graph is in memory.
            torch.autograd.backward(losses.sum())
            found.append(losses.detach().mean())
        return torch.stack(found)

    def refresh(self, network: nn.Module) -> None:
        """Recompute the running statistics of all levels, also of those that never learned, on the task's own rows."""
        whole = self.virtual(network)
        with fresh_statistics(whole) as needed:
            for task in range(len(self.tasks) if needed else 0):
                own = self._own(task, torch.arange(len(self.train)))
                for rows in statistics_batches(len(own)):
                    whole(self.train.batch(own[rows])[0], whole.places_of(task))

    def validation_loss(self, network: nn.Module) -> float:
        """Return the sum over tasks and learning levels of the mean loss on the validation split."""
        network.eval()
        whole, total = self.virtual(network), 0.0
        with torch.no_grad():
            for task in range(len(self.tasks)):
                places = whole.places_of(task)[-1:] if self.levels == "last" else whole.places_of(task)
                n_labels, losses = 0, 0.0
                for pictures, target, labels in self._labelled(whole, task):
                    outputs = whole(pictures, places)
                    found = [float(self._validation_losses[task](outputs[place], target)) for place in places]
                    losses += sum(found) * labels
                    n_labels += labels
                total += losses / n_labels
        return total

    def _labelled(self, network: VirtualNetwork, task: int) -> Iterator[tuple[Tensor, Tensor, int]]:
        """Return batches of validation pictures, targets of a task and numbers of labels; none without a label."""
        for rows in batches(Chosen(network, network.places_of(task)), self.validation):
            pictures, targets = self.validation.batch(rows)
            labels = int(present(self.tasks[task].kind, targets[task]).sum())
            if labels:
                yield pictures, targets[task], labels

    def _own(self, task: int, rows: Tensor) -> Tensor:
        """Return the rows that a task learns from."""
        if not self.sizes:
            return rows
        start = sum(self.sizes[:task])
        return rows[(rows >= start) & (rows < start + self.sizes[task])]

    @staticmethod
    def virtual(network: nn.Module) -> VirtualNetwork:
        """Return a network as what it is."""
        assert isinstance(network, VirtualNetwork)
        return network
