"""The first phase of a TreeDNN: trunk and branches learn together from federated batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from core.data.federated import Length
from core.errors import FamilyError
from core.families.treednn.network import TreeDNN
from core.networks.rates import hold_frozen
from core.runs.result import CurvePoint
from core.studies.specification import TrainingSettings
from core.tasks import Task
from core.training import checkpoint as checkpoints
from core.training.augment import Augment
from core.training.average import STATISTICS_ROWS, WeightAverage, fresh_statistics
from core.training.federated import FederatedLoader, Part
from core.training.loop import LOOK_EVERY, STOP_EVERY, End, Outcome, Progress, optimizer_of
from core.training.losses import Loss
from core.training.precision import computing
from core.training.schedule import LearningRate
from core.training.task_loss import task_loss
from core.training.tensors import Tensors


@dataclass(slots=True)
class GeneralisedTrainer:
    """One joint training of a tree.

    The loss of branch j counts on its own rows only, W_j times; there is one optimiser step per
    batch. With ``Length.PAPER`` there is one per epoch, on the mean over its batches, as Algorithm 1
    has it. ``settings.patience`` belongs to the second phase and is not used here.

    Args:
        tree: Trained in place.
        tasks: What each branch predicts.
        settings: How to train.
        seed: Decides the order of the data and nothing else.
        train: Training samples of each branch, at one picture size.
        weights: W_j of each branch; all 1 by default.
        length: How long an epoch is.

    Raises:
        FamilyError: Weights are negative, not finite, all zero, or not one per branch.
        DataError: The data sets make no federated batch.

    Reference:
        TreeDNN, Algorithm 1, GENERALIZED TRAINING, and equations 1 and 2.
    """

    tree: TreeDNN
    tasks: tuple[Task, ...]
    settings: TrainingSettings
    seed: int
    train: Sequence[Tensors]
    weights: tuple[float, ...] = ()
    length: Length = Length.LONGEST
    curve: list[CurvePoint] = field(default_factory=list)
    loader: FederatedLoader = field(init=False, repr=False)
    _scale: Tensor = field(init=False, repr=False)
    _rate: LearningRate = field(init=False, repr=False)
    _losses: tuple[Loss, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = self.tree.names
        if not len(names) == len(self.tasks) == len(self.train):
            raise FamilyError(
                f"{len(names)} branches meet {len(self.tasks)} tasks and {len(self.train)} data sets. Give one each."
            )
        check_weights(self.weights or (1.0,) * len(names), len(names))
        self.loader = FederatedLoader(
            self.train, self.settings.batch_size, seed=self.seed, length=self.length, names=names
        )
        self._rate = LearningRate(self.settings, self.n_batches, len(self.loader))
        self._losses = tuple(
            task_loss(replace(task, name=name), self.settings, data.targets[0], complete=data.complete[0])
            for name, task, data in zip(names, self.tasks, map(self._starting, self.tasks, self.train), strict=True)
        )
        device = self.train[0].pictures.device
        self._scale = torch.tensor(self.weights or (1.0,) * len(names), dtype=torch.float32, device=device)

    @property
    def n_batches(self) -> int:
        """Batches of the whole training; by default each is an optimiser step."""
        return len(self.loader) * self.settings.epochs

    def run(
        self,
        *,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        checkpoint: Path | None = None,
    ) -> Outcome:
        """Train to the end and return the averaged tree.

        Args:
            progress: Called about every ``LOOK_EVERY`` batches with the batches made, those in
                all, and the latest mean loss of each branch.
            should_stop: Called every few batches; true stops the training.
            checkpoint: File to continue from if it exists, and to write after every epoch.
        """
        optimizer = optimizer_of(self.tree, self.settings)
        average = WeightAverage(self.tree, self.settings.average)
        state = checkpoints.State(self.tree, average.network, optimizer)
        done = checkpoints.resume(checkpoint, state, self.curve)
        window: list[Tensor] = []
        self.tree.train()
        hold_frozen(self.tree)
        for epoch in range(done // len(self.loader), self.settings.epochs):
            for place, batch in enumerate(self.loader.epoch(epoch)):
                if should_stop is not None and done % STOP_EVERY == 0 and should_stop():
                    return Outcome(End.STOPPED, done, self.curve, average.network)
                with computing(self.settings, self._scale.device):
                    window.append(self._step(optimizer, average, done, self._changed(batch, done)))
                done += 1
                epoch_ends = place + 1 == len(self.loader)
                if done % LOOK_EVERY == 0 or epoch_ends:
                    wrong = self._look(window, done, progress)
                    if wrong is not None:
                        return Outcome(End.DIVERGED, wrong, self.curve, average.network)
                    window = []
            checkpoints.save(checkpoint, state, done, self.curve)
        assert isinstance(average.network, TreeDNN)
        self._refresh(average.network)
        return Outcome(End.DONE, done, self.curve, average.network)

    def _starting(self, task: Task, data: Tensors) -> Tensors:
        return Augment(self.settings.augment, (task.kind,), self.seed).starting(data)

    def _changed(self, batch: list[Part], done: int) -> list[Part]:
        changes = self.settings.augment
        if not changes:
            return batch
        return [
            Augment(changes, (task.kind,), self.seed).batch(pictures, targets, (self.seed, done, place))
            for place, (task, (pictures, targets)) in enumerate(zip(self.tasks, batch, strict=True))
        ]

    def losses(self, batch: Sequence[Part]) -> Tensor:
        """Return the loss of each branch on its own rows, without its weight, ``[n_branches]``; 0 without a row."""
        outputs = self.tree.federated([pictures for pictures, _ in batch])
        found = [
            loss(output, targets[0]) if output is not None else zero
            for loss, output, (_, targets) in zip(self._losses, outputs, batch, strict=True)
            for zero in [torch.zeros((), device=self._scale.device)]
        ]
        return torch.stack(found)

    def _step(self, optimizer: torch.optim.Optimizer, average: WeightAverage, done: int, batch: list[Part]) -> Tensor:
        once_per_epoch = self.length is Length.PAPER
        per_step = len(self.loader) if once_per_epoch else 1
        if done % per_step == 0:
            optimizer.zero_grad(set_to_none=True)
        losses = self.losses(batch)
        # Gradients add up until the step, which is one backward of the sum without its memory.
        torch.autograd.backward((losses * self._scale).sum() / per_step)
        if (done + 1) % per_step == 0:
            step = done // per_step
            rate = self._rate.at(step * per_step, self.curve)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["factor"]
            optimizer.step()
            average.update(step)
        return losses.detach()

    def _look(self, window: list[Tensor], done: int, progress: Progress | None) -> int | None:
        losses = torch.stack(window).cpu().double()
        bad = (~torch.isfinite(losses)).any(dim=1).nonzero()
        if len(bad):
            return done - len(window) + int(bad[0])
        mean = {name: float(value) for name, value in zip(self.tree.names, losses.mean(dim=0), strict=True)}
        self.curve.append(CurvePoint(step=done, losses=mean))
        if progress is not None:
            progress(done, self.n_batches, mean)
        return None

    def _refresh(self, tree: TreeDNN) -> None:
        with fresh_statistics(tree) as needed:
            wanted = -(-STATISTICS_ROWS // self.settings.batch_size) if needed else 0
            for place, batch in enumerate(self.loader.epoch(0)):
                if place >= wanted:
                    break
                tree.federated([pictures for pictures, _ in batch])


def check_weights(weights: Sequence[float], n_branches: int) -> None:
    """Check that there is one usable weight W_j per branch, else raise FamilyError."""
    if len(weights) != n_branches:
        raise FamilyError(f"{len(weights)} weights were given for {n_branches} branches. Give one for each.")
    wrong = [weight for weight in weights if not 0 <= weight < float("inf")]
    if wrong or not any(weights):
        raise FamilyError(
            f"The weights {', '.join(f'{weight:g}' for weight in weights)} can't be used. "
            "Give finite numbers of zero or more, at least one above."
        )
