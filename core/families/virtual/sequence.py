"""Train a deep virtual network task after task, each without the data of those before it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.families.single.tasks_work import Output, TasksWork, all_finite, task_data
from core.families.virtual.measure import OfSplits, measured
from core.families.virtual.network import VirtualNetwork
from core.families.virtual.runs import SequenceRun
from core.families.virtual.stage import Stage, StageTrainer, held_answers, rows_of
from core.families.virtual.train import heads_of, on_device, payload_of, untrained
from core.runs.result import CurvePoint
from core.training.environment import threads
from core.training.evaluation import SPLITS, Evaluation
from core.training.loop import End, Outcome
from core.training.row_order import RowOrder
from core.training.workplace import Workplace


@dataclass(slots=True)
class _Work(TasksWork):
    """One training in sequence. The checkpoint of each task is kept until all are done, so any of them is resumed.

    Args:
        curve: Losses so far, over the steps of all tasks.
        steps: Of each task so far.
    """

    run: SequenceRun
    curve: list[CurvePoint] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, run: SequenceRun, place: Workplace) -> "_Work":
        return cls(run, place, task_data(run, place), time.perf_counter())

    def trainer(self, network: VirtualNetwork, task: int) -> StageTrainer:
        """Return what trains a task on its own rows; what earlier tasks answer to them is held."""
        run, data, train = self.run, self.data, rows_of(self.data, "train", task)
        held = held_answers(network, train, task) if run.distillation else ()
        return StageTrainer(
            Stage(network, task),
            (data.tasks[task],),
            run.training,
            run.seed,
            train=train,
            validation=rows_of(data, "validation", task),
            held=held,
            earlier=data.tasks[:task],
            distillation=run.distillation,
            temperature=run.temperature,
        )

    def learned(self, network: VirtualNetwork, task: int, n_steps: int) -> End:
        """Let the network learn a task; return how that ended."""
        trainer, before = self.trainer(network, task), sum(self.steps)

        def show(step: int, _steps: int, losses: Mapping[str, float]) -> None:
            if self.place.progress is not None:
                self.place.progress(before + step, n_steps, losses)

        outcome = trainer.run(progress=show, should_stop=self.place.should_stop, checkpoint=self.draft(task))
        self.steps.append(outcome.step)
        self.curve += [point.model_copy(update={"step": before + point.step}) for point in outcome.curve]
        trained = outcome.network
        assert isinstance(trained, Stage)
        network.load_state_dict(trained.network.state_dict())
        return outcome.end

    def draft(self, task: int) -> Path:
        """Return the file from which a task's training continues."""
        return self.place.drafts / f"virtual.{self.run.key}.{task}.safetensors"

    def forget_drafts(self) -> None:
        """Remove the checkpoints of all tasks."""
        for task in range(len(self.data.tasks)):
            self.draft(task).unlink(missing_ok=True)

    @property
    def n_steps(self) -> int:
        """Steps of all tasks."""
        run = self.run
        sizes = [self.data.own(number).n_labelled("train", task.name) for number, task in enumerate(self.data.tasks)]
        return sum(RowOrder(size, run.training.batch_size, run.seed).steps * run.training.epochs for size in sizes)


def train_sequence(run: SequenceRun, place: Workplace) -> Output:
    """Return the result of a deep virtual network that learns task after task, and its weights.

    A task learns on the pictures that are labelled for it, whatever others are labelled for, too: no label of an
    earlier task is used again, and of several data sets no picture either. After each task all those so far are
    measured.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        BranchwiseError: The data set has no such task, or the network can't be built.
    """
    work = _Work.of(run, place)
    n_tasks, stages = len(run.tasks), []
    found, end = Evaluation(), End.DONE
    with threads(run.settings.threads):
        network, n_steps = on_device(untrained(run, work.data), work.data.device), work.n_steps
        for task in range(n_tasks):
            end = work.learned(network, task, n_steps)
            if end is not End.DONE:
                found = Evaluation()
                break
            metrics, found = measured(network, work.data, task + 1)
            stages.append(metrics)
    finite = all(map(all_finite, stages))
    payload = None
    if end is End.DONE and finite:
        steps = [[own] * run.units for own in work.steps]
        payload = payload_of(network, work.data.size, steps, stages[-1], _by_split(stages))
    if end is not End.STOPPED:
        work.forget_drafts()
    outcome = Outcome(end, sum(work.steps), work.curve, network)
    return work.result(outcome, n_steps, found, payload, heads_of(network), finite=finite)


def _by_split(stages: list[OfSplits]) -> dict[str, tuple[Any, ...]]:
    """Return the metrics after each task, split by split."""
    return {split: tuple(stage[split] for stage in stages) for split in SPLITS}
