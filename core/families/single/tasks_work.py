"""One training of a network whose tasks share weights: its data, where it runs, and its result."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from safetensors.torch import save
from torch import nn

from core.families.single.set_network import SetNetworkRun
from core.families.single.set_train import set_data
from core.families.single.tasks_run import TasksRun
from core.families.single.train import ending
from core.networks.tree import count_parameters
from core.runs.result import Metrics, RunResult, RunState, Split
from core.runs.run import Payload
from core.training.environment import device_of, environment_of
from core.training.evaluation import NOT_FINITE, Evaluation, preprocessing_of
from core.training.loop import Outcome, Trainer
from core.training.task_data import TaskData
from core.training.workplace import Workplace

Output = tuple[RunResult, bytes | None]


@dataclass(slots=True)
class TasksWork:
    """One training of a network whose tasks share weights.

    Args:
        run: What is trained.
        place: Where data, weights and checkpoints are, and who receives progress.
        data: Of the tasks.
        started: When, by ``time.perf_counter``.
    """

    run: TasksRun
    place: Workplace
    data: TaskData
    started: float

    def trained(self, trainer: Trainer) -> Outcome:
        """Train to the end, or as far as it gets."""
        return trainer.run(
            progress=self.place.progress,
            should_stop=self.place.should_stop,
            checkpoint=self.place.checkpoint(self.run.key),
        )

    def result(
        self,
        outcome: Outcome,
        n_steps: int,
        found: Evaluation,
        payload: Payload | None,
        heads: int,
        *,
        finite: bool = True,
    ) -> Output:
        """Return the result, and the weights where they are wanted; the checkpoint is removed at the end.

        Args:
            outcome: How training ended.
            n_steps: Steps that it would have had.
            found: The evaluation; empty where it isn't done.
            payload: What only this kind of run measures.
            heads: Parameters of the heads.
            finite: Whether all numbers of the payload are.
        """
        state, sentence = ending(outcome, n_steps)
        if state is RunState.DONE and not (finite and found.is_finite):
            state, sentence, found = RunState.FAILED, NOT_FINITE, Evaluation()
        done = state is RunState.DONE
        if state is not RunState.CANCELLED:
            self.place.checkpoint(self.run.key).unlink(missing_ok=True)
        result = RunResult(
            state=state,
            sentence=sentence,
            **found.fields,
            preprocessing=preprocessing_of(self.data.size),
            curve=tuple(outcome.curve),
            steps=outcome.step,
            seconds=time.perf_counter() - self.started,
            params=count_parameters(outcome.network),
            head_params=heads,
            environment=environment_of(self.data.device, self.run.settings.threads),
            payload=payload.model_dump(mode="json") if done and payload is not None else None,
        )
        return result, to_bytes(outcome.network) if done and self.place.keep_weights else None

    def cancelled(self, steps: int = 0) -> Output:
        """Return the result of a training that was stopped."""
        environment = environment_of(self.data.device, self.run.settings.threads)
        return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", steps=steps, environment=environment), None


def task_data(run: TasksRun, place: Workplace) -> TaskData:
    """Return the data that the tasks of a run are learned from.

    Args:
        run: Of one data set, or of several.
        place: Where data are.

    Raises:
        DataError: They can't be read, or have no such task.
    """
    if run.on_several:
        sets = tuple(set_data(single, place) for single in run.singles if isinstance(single, SetNetworkRun))
        tasks = tuple(each.tasks[0] for each in sets)
    else:
        sets = (place.data(run.dataset),)
        tasks = tuple(sets[0].task(name) for name in run.tasks)
    return TaskData(sets, tasks, device_of(run.settings))


def all_finite(metrics: Mapping[Split, Mapping[str, Sequence[Metrics]]]) -> bool:
    """Return whether every value is a number: of several networks of each task, by split and task."""
    found = [one for tasks in metrics.values() for networks in tasks.values() for one in networks]
    return all(isfinite(value) for one in found for value in one.values())


def to_bytes(network: nn.Module) -> bytes:
    """Return weights and statistics of a network as the content of a safetensors file."""
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()})
