"""One training of a method, in parts that follow each other: data, checkpoints, progress, losses."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import torch
from torch import nn

from core.data.dataset import Dataset
from core.errors import FamilyError
from core.families.rivals.method import STAGED
from core.families.rivals.network import RivalNetwork, SomeTasks
from core.families.rivals.runs import RivalRun
from core.runs.result import CurvePoint, Metrics, Split
from core.tasks import Task
from core.training.environment import device_of
from core.training.evaluation import evaluate
from core.training.loop import End, Trainer
from core.training.row_order import RowOrder
from core.training.tensors import Tensors, tensors_of, tensors_of_labelled
from core.training.workplace import Workplace

_N = TypeVar("_N", bound=nn.Module)
# The splits that a trainer takes, by what it calls them.
TRAINED_ON: Final = ("train", "validation")


class Stopped(Exception):  # noqa: N818  # nothing went wrong
    """Somebody stopped the training."""


@dataclass(slots=True)
class Session:
    """The parts of one training. The checkpoint of each is kept until all are done, so any of them can be resumed.

    Args:
        run: What is trained.
        place: Where data and checkpoints are, and who receives progress.
        data: The data set.
        tasks: Those of the run.
        device: Where it is trained.
        started: When, by ``time.perf_counter``.
        curve: Losses so far, over the steps of all parts.
        step: Optimiser steps so far.
        stages: Split → task → metrics of all tasks so far, after each task that was learned in a sequence.
    """

    run: RivalRun
    place: Workplace
    data: Dataset
    tasks: tuple[Task, ...]
    device: torch.device
    started: float
    curve: list[CurvePoint] = field(default_factory=list)
    step: int = 0
    stages: list[dict[Split, dict[str, Metrics]]] = field(default_factory=list)
    _drafts: list[Path] = field(default_factory=list)

    @classmethod
    def of(cls, run: RivalRun, place: Workplace) -> "Session":
        """Return the session of a run, with its data loaded."""
        data = place.data(run.dataset)
        tasks = tuple(data.task(name) for name in run.tasks)
        return cls(run, place, data, tasks, device_of(run.settings), time.perf_counter())

    def train(
        self,
        name: str,
        network: _N,
        epochs: int,
        *,
        tasks: Sequence[int] | None = None,
        tensors: Mapping[str, Tensors] | None = None,
        make: Callable[..., Trainer] = Trainer,
    ) -> _N:
        """Train a network for some epochs and return it with averaged weights, in evaluation mode.

        Args:
            name: Of the part.
            network: Trained in place; returns task → output, the tasks numbered from 0 as they are listed.
            epochs: How many.
            tasks: Whose labels it learns; all by default.
            tensors: Split → what it learns from; all pictures with the labels of these tasks by default.
            make: Class of the trainer, with its options.

        Raises:
            Stopped: Somebody stopped it.
            FamilyError: The loss became not-a-number.
        """
        learned = self.tasks if tasks is None else tuple(self.tasks[task] for task in tasks)
        given = tensors or {split: tensors_of(self.data, split, learned, self.device) for split in TRAINED_ON}
        trainer = make(
            network.to(device=self.device, memory_format=torch.channels_last),  # type: ignore[call-overload]
            learned,
            self.run.settings.model_copy(update={"epochs": epochs}),
            self.run.seed,
            **{split: given[split] for split in TRAINED_ON},
        )
        draft = self.place.drafts / f"rival.{self.run.key}.{len(self._drafts)}.safetensors"
        self._drafts.append(draft)
        before, total = self.step, self.n_steps

        def show(step: int, _steps: int, losses: dict[str, float]) -> None:
            if self.place.progress is not None:
                self.place.progress(before + step, total, losses)

        outcome = trainer.run(progress=show, should_stop=self.place.should_stop, checkpoint=draft)
        if outcome.end is End.STOPPED:
            self.step += outcome.step
            raise Stopped
        if outcome.end is End.DIVERGED:
            self.forget_drafts()
            raise FamilyError(
                f"The loss became not-a-number at step {outcome.step} of {name}. Try a lower learning rate."
            )
        self.curve += [point.model_copy(update={"step": before + point.step}) for point in outcome.curve]
        self.step += outcome.step
        trained = outcome.network
        assert isinstance(trained, type(network))
        return trained

    def own(self, task: int) -> dict[str, Tensors]:
        """Return what a task learns from in a sequence: the pictures that are labelled for it, and no others."""
        learned = self.tasks[task]
        return {split: tensors_of_labelled(self.data, split, learned, self.device) for split in TRAINED_ON}

    @property
    def n_steps(self) -> int:
        """Optimiser steps of all parts."""
        settings, n_rows = self.run.settings, [len(self.data.train)] * self.run.n_trained
        if self.run.method.name in STAGED:
            n_rows = [self.data.n_labelled("train", task.name) for task in self.tasks]
        return sum(RowOrder(rows, settings.batch_size, self.run.seed).steps for rows in n_rows) * settings.epochs

    def measure(self, network: RivalNetwork, n_tasks: int) -> None:
        """Add the metrics of the first tasks to the stages.

        Args:
            network: In evaluation mode afterwards.
            n_tasks: How many tasks were learned.
        """
        first = SomeTasks(network, range(n_tasks))
        self.stages.append(evaluate(first, self.data, self.tasks[:n_tasks], self.device).metrics)

    def forget_drafts(self) -> None:
        """Remove the checkpoints of all parts."""
        for draft in self._drafts:
            draft.unlink(missing_ok=True)
