"""Train one network: batches, steps, weight averaging, and the outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.networks.rates import hold_frozen, parameters_by_rate
from core.runs.result import CurvePoint
from core.studies.specification import TrainingSettings
from core.tasks import Task
from core.training import checkpoint as checkpoints
from core.training.answers import batches
from core.training.augment import Augment
from core.training.average import STATISTICS_ROWS, WeightAverage, fresh_statistics, refresh_statistics
from core.training.labelled import present
from core.training.losses import Loss
from core.training.patience import Patience
from core.training.precision import computing
from core.training.row_order import RowOrder
from core.training.schedule import LearningRate
from core.training.task_loss import task_losses
from core.training.tensors import Tensors

# Losses are read this often: each read waits for the device to finish.
LOOK_EVERY = 50
STOP_EVERY = 10

Progress = Callable[[int, int, dict[str, float]], None]


class End(Enum):
    """How a training ended."""

    DONE = "done"
    DIVERGED = "diverged"
    STOPPED = "stopped"


@dataclass(slots=True)
class Outcome:
    """Outcome of a training.

    Args:
        end: Why it ended.
        step: Optimiser steps made; where it diverged, the step whose loss was no number.
        curve: Mean training losses of every stretch of ``LOOK_EVERY`` steps.
        network: The network with averaged weights, in evaluation mode.
    """

    end: End
    step: int
    curve: list[CurvePoint]
    network: nn.Module


@dataclass(slots=True)
class Trainer:
    """One training of one network.

    Nothing in it couples tasks that share no block: losses are added, the gradient of each
    tensor is clipped alone, and the optimisers work element by element. So a network whose
    tasks share nothing trains like the single-task networks. Only the schedule ``plateau``
    looks at the losses of all tasks together.

    Args:
        network: Trained in place; returns task → output, as a ``TreeNetwork`` does.
        tasks: What each head predicts.
        settings: How to train.
        seed: Decides the order of the data and nothing else.
        train: Training samples.
        validation: For early stopping.
        curve: Losses so far.
        sizes: Training rows of each data set, where the splits hold several, one after the other, and a task has no
            label in the sets of others: batches are federated, and its loss is the mean over its own rows.
    """

    network: nn.Module
    tasks: tuple[Task, ...]
    settings: TrainingSettings
    seed: int
    train: Tensors
    validation: Tensors
    curve: list[CurvePoint] = field(default_factory=list)
    sizes: tuple[int, ...] = ()
    train_losses: tuple[Loss, ...] = field(init=False, repr=False)
    _validation_losses: tuple[Loss, ...] = field(init=False, repr=False)
    _rate: LearningRate = field(init=False, repr=False)
    _plain: Tensors = field(init=False, repr=False)

    def __post_init__(self) -> None:
        augment = self.augment
        self._plain = self.train if augment is None else augment.starting(self.train)
        self.train = self._plain
        # Once per split: a split without a missing label costs and gives the same as if none could be missing.
        self.train_losses = self._losses_on(self.train)
        self._validation_losses = self._losses_on(self.validation)
        self._rate = LearningRate(self.settings, self.n_steps, self.steps_per_epoch)

    def run(
        self,
        *,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        checkpoint: Path | None = None,
    ) -> Outcome:
        """Train to the end and return the averaged network.

        Args:
            progress: Called about every ``LOOK_EVERY`` steps with the steps made, the steps
                in all, and the latest mean loss of each task.
            should_stop: Called every few steps; true stops the training.
            checkpoint: File to continue from if it exists, and to write after every epoch.
        """
        optimizer = optimizer_of(self.network, self.settings)
        average = WeightAverage(self.network, self.settings.average)
        patience = Patience(self.settings.patience)
        state = checkpoints.State(self.network, average.network, optimizer)
        step = checkpoints.resume(checkpoint, state, self.curve, patience)
        window: list[Tensor] = []
        batch = self.rows.batch
        self.begin()
        while step < self.n_steps and not patience.is_over:
            epoch, place = divmod(step, self.steps_per_epoch)
            if place == 0:
                order = self.rows.epoch(epoch).to(self.train.pictures.device)
            if should_stop is not None and step % STOP_EVERY == 0 and should_stop():
                return Outcome(End.STOPPED, step, self.curve, average.network)
            rows = order[place * batch : (place + 1) * batch]
            window.append(self.step(optimizer, step, rows))
            average.update(step)
            step += 1
            epoch_ends = place + 1 == self.steps_per_epoch
            if step % LOOK_EVERY == 0 or epoch_ends:
                wrong = self._look(window, step, progress)
                if wrong is not None:
                    return Outcome(End.DIVERGED, wrong, self.curve, average.network)
                window = []
            if epoch_ends:
                patience.look(lambda: self.validation_loss(average.network))
                checkpoints.save(checkpoint, state, step, self.curve, patience)
        self.refresh(average.network)
        return Outcome(End.DONE, step, self.curve, average.network)

    @property
    def steps_per_epoch(self) -> int:
        """Batches of an epoch, as ``RowOrder`` has them."""
        return self.rows.steps

    @property
    def n_steps(self) -> int:
        """Optimiser steps of the whole training."""
        return self.steps_per_epoch * self.settings.epochs

    @property
    def rows(self) -> RowOrder:
        """Which rows each batch holds."""
        return RowOrder(len(self.train), self.settings.batch_size, self.seed, self.sizes)

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step on some rows of the training split and return the loss of each task."""
        self.set_rate(optimizer, step)
        total, losses = self.losses_at(rows)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        optimizer.step()
        return losses.detach()

    @property
    def augment(self) -> Augment | None:
        """What changes the pictures of each batch; None where nothing does."""
        changes, kinds = self.settings.augment, tuple(task.kind for task in self.tasks)
        return Augment(changes, kinds, self.seed) if changes else None

    def begin(self) -> None:
        """Put the network into training mode; frozen blocks stay in evaluation mode."""
        self.network.train()
        hold_frozen(self.network)

    def step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step on rows that are changed at random and computed as the settings say; return the losses."""
        augment = self.augment
        self.train = self._plain if augment is None else augment.at(self._plain, step)
        try:
            with computing(self.settings, rows.device):
                return self.train_step(optimizer, step, rows)
        finally:
            # Statistics are those of pictures as they are.
            self.train = self._plain

    def refresh(self, network: nn.Module) -> None:
        """Recompute the running statistics of a network on training samples, in federated batches of several sets."""
        if not self.sizes:
            refresh_statistics(network, self.train)
            return
        with fresh_statistics(network) as needed:
            rows = self.rows.epoch(0)[: STATISTICS_ROWS if needed else 0].to(self.train.pictures.device)
            for batch in torch.split(rows, self.rows.batch) if needed else ():
                network(self.train.batch(batch)[0])

    def set_rate(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Set the learning rate of a step."""
        rate = self._rate.at(step, self.curve)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"]

    def losses_at(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is minimised on some rows of the training split, and the losses that are reported."""
        pictures, targets = self.train.batch(rows)
        losses = _stacked(self.train_losses, self.network(pictures), targets)
        return losses.sum(), losses

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the reported losses are called."""
        return tuple(task.name for task in self.tasks)

    def _losses_on(self, data: Tensors) -> tuple[Loss, ...]:
        return task_losses(self.tasks, self.settings, self.train, data)

    def _look(self, window: list[Tensor], step: int, progress: Progress | None) -> int | None:
        losses = torch.stack(window).cpu().double()
        bad = (~torch.isfinite(losses)).any(dim=1).nonzero()
        if len(bad):
            return step - len(window) + int(bad[0])
        mean = {name: float(value) for name, value in zip(self.loss_names, losses.mean(dim=0), strict=True)}
        self.curve.append(CurvePoint(step=step, losses=mean))
        if progress is not None:
            progress(step, self.n_steps, mean)
        return None

    def validation_loss(self, network: nn.Module) -> float:
        """Return the sum of the tasks' mean losses over the validation split; every label counts once."""
        network.eval()
        if not all(self.validation.complete):
            return self._labelled_validation_loss(network)
        total, n = 0.0, len(self.validation)
        with torch.no_grad():
            for rows in batches(network, self.validation):
                pictures, targets = self.validation.batch(rows)
                losses = _stacked(self._validation_losses, network(pictures), targets)
                total += float(losses.sum()) * len(pictures)
        return total / n

    def _labelled_validation_loss(self, network: nn.Module) -> float:
        # Batches have different numbers of labels, so each counts by its own.
        total = torch.zeros(len(self.tasks), dtype=torch.float64)
        n = torch.zeros_like(total)
        with torch.no_grad():
            for rows in batches(network, self.validation):
                pictures, targets = self.validation.batch(rows)
                losses = _stacked(self._validation_losses, network(pictures), targets)
                counts = [int(present(task.kind, t).sum()) for task, t in zip(self.tasks, targets, strict=True)]
                total += losses.double().cpu() * torch.tensor(counts)
                n += torch.tensor(counts)
        return float((total / n).sum())


def _stacked(losses: Sequence[Loss], outputs: dict[int, Tensor], targets: Sequence[Tensor]) -> Tensor:
    return torch.stack([loss(outputs[t], target) for t, (loss, target) in enumerate(zip(losses, targets, strict=True))])


def optimizer_of(network: nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
    """Return the optimiser that the settings ask for, over all parameters of a network that are not frozen.

    Each of its groups has a ``factor`` of the learning rate.
    """
    rate, decay = settings.learning_rate, settings.weight_decay
    groups: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate * factor, "factor": factor}
        for factor, parameters in parameters_by_rate(network).items()
    ]
    if settings.optimizer == "adamw":
        optimizer: torch.optim.Optimizer = torch.optim.AdamW(groups, rate, weight_decay=decay, fused=True)
    else:
        optimizer = _sgd(groups, settings)
    if settings.clip:
        optimizer.register_step_pre_hook(lambda found, *_: clip_gradients(found, settings.clip))
    return optimizer


def clip_gradients(optimizer: torch.optim.Optimizer, longest: float) -> None:
    """Shorten the gradient of each tensor whose norm is above ``longest``."""
    found = [parameter.grad for group in optimizer.param_groups for parameter in group["params"]]
    gradients = [gradient for gradient in found if gradient is not None]
    if gradients:
        factors = [(longest / norm).clamp(max=1) for norm in torch._foreach_norm(gradients)]
        torch._foreach_mul_(gradients, factors)


def _sgd(groups: list[dict[str, Any]], settings: TrainingSettings) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    nesterov = settings.optimizer == "nesterov"
    optimizer = torch.optim.SGD(groups, rate, momentum=0.9, weight_decay=decay, nesterov=nesterov, fused=True)
    # The same as none, but parameters may then have their first gradient in different steps, which fused steps refuse.
    for group in groups:
        for parameter in group["params"]:
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer
