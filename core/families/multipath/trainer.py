"""Training of a multi-path network: its losses at all exits, and what teachers add to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from core.families.multipath.distillation import Distillation
from core.families.multipath.losses import mixed, teacher_loss
from core.families.multipath.place import Place
from core.training.loop import Trainer
from core.training.streamed import Values
from core.training.task_data import TaskData
from core.training.tensors import Tensors


@dataclass(slots=True)
class PathTrainer(Trainer):
    """One training of a multi-path network: like any other, with the loss of Eqs 3 to 5.

    ``tasks`` and the targets of the splits are those of the heads, so a task with several heads is there several
    times. The reported losses are those against the labels, then those against the teachers, before they are mixed.

    Args:
        names: What the reported losses are called: of each head, then of each head's teacher.
        loss: How losses against labels and teachers are mixed.
        weights: Weight of the loss of each head.
        teachers: Outputs of each head's teacher for every training sample; none without teachers. They are computed
            once: a study with teachers changes no picture at random.
    """

    names: tuple[str, ...] = ()
    loss: Distillation = field(default_factory=lambda: Distillation(mix="none"))
    weights: tuple[float, ...] = ()
    teachers: tuple[Values, ...] = ()

    def losses_at(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the total loss on some rows of the training split, and the losses that are reported."""
        pictures, targets = self.train.batch(rows)
        outputs = self.network(pictures)
        heads = range(len(self.tasks))
        labels = [self.train_losses[h](outputs[h], targets[h]) for h in heads]
        taught = [
            teacher_loss(
                self.tasks[h],
                outputs[h],
                self.teachers[h][rows],
                targets[h],
                self.loss,
                complete=self.train.complete[h],
            )
            for h in (heads if self.teachers else ())
        ]
        each = [mixed(labels[h], taught[h] if taught else None, self.loss) for h in heads]
        total = torch.stack([weight * one for weight, one in zip(self.weights, each, strict=True)]).sum()
        return total, torch.stack([*labels, *taught])

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the reported losses are called."""
        return self.names


def of_heads(data: Tensors, places: Sequence[Place]) -> Tensors:
    """Return a split with one target for each head instead of each task; nothing is copied."""
    return replace(
        data,
        targets=tuple(data.targets[place.task] for place in places),
        complete=tuple(data.complete[place.task] for place in places),
    )


def loss_weights(data: TaskData, weighting: str) -> tuple[float, ...]:
    """Return the weight of each task's loss.

    A task with few labels has its mean over few samples of a batch, or none, so at equal weights each of its labels
    counts more than those of others. By labels, each label counts the same.

    Args:
        data: Its training splits are counted.
        weighting: ``equal``, or ``labels``.
    """
    if weighting == "equal":
        return (1.0,) * len(data.tasks)
    counts = [data.own(number).n_labelled("train", task.name) for number, task in enumerate(data.tasks)]
    return tuple(count / max(counts) for count in counts)
