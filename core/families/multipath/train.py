"""Train a multi-path network from its run, and measure it."""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import FamilyError
from core.families.multipath.distillation import Distillation
from core.families.multipath.hierarchy import Levels, derived_accuracy, levels
from core.families.multipath.leaving import confidence_of, leaving_curve
from core.families.multipath.network import MultiPathNetwork, build_multipath
from core.families.multipath.payload import LeavingPoint, MatrixPayload, MultiPathPayload, records_of
from core.families.multipath.place import Place, all_places
from core.families.multipath.runs import MultiPathRun, PathMatrixRun, PathRun
from core.families.multipath.trainer import PathTrainer, loss_weights, of_heads
from core.families.single.tasks_work import Output, TasksWork, all_finite, task_data
from core.families.single.train import ending
from core.families.single.trained import Sources
from core.networks.tree import count_parameters
from core.runs.result import Metrics, RunState, Split
from core.tasks import Kind, Task
from core.training.answers import answers, predict
from core.training.environment import threads
from core.training.evaluation import SPLITS, Evaluation
from core.training.labelled import present
from core.training.metrics import Measure
from core.training.streamed import Values, whole
from core.training.task_data import spread_out
from core.training.workplace import Workplace


@dataclass(slots=True)
class _Work(TasksWork):
    """One training of multi-path networks."""

    run: PathRun

    @classmethod
    def of(cls, run: PathRun, place: Workplace) -> "_Work":
        return cls(run, place, task_data(run, place), time.perf_counter())

    def sources(self, task: int) -> Sources:
        """Return the trained single-task network of a task, or what trains it."""
        key, drafts = self.run.key, self.place.drafts
        return Sources(
            self.data.own(task),
            self.data.device,
            self.place.weights,
            lambda source: drafts / f"multipath.{key}.{source}.safetensors",
            self.place.should_stop,
        )

    def trainer(self, places: tuple[Place, ...], loss: Distillation, teachers: tuple[Values, ...] = ()) -> PathTrainer:
        run, data = self.run, self.data
        network: Any = build_multipath(run.backbone, run.exits, places, data.tasks, data.size, run.seed)
        weights = loss_weights(data, run.weighting)
        train, validation = (of_heads(data.joint(split), places) for split in ("train", "validation"))
        return PathTrainer(
            network.to(device=data.device, memory_format=torch.channels_last),
            tuple(data.tasks[place.task] for place in places),
            run.training,
            run.seed,
            train=train,
            validation=validation,
            sizes=data.sizes,
            names=run.loss_names,
            loss=loss,
            weights=tuple(weights[place.task] for place in places),
            teachers=teachers,
        )


def train_multipath(run: MultiPathRun, place: Workplace) -> Output:
    """Return the result of a multi-path network and its trained weights as a safetensors file.

    Args:
        run: What to train.
        place: Where data, weights and checkpoints are, and who receives progress.

    Raises:
        FamilyError: A teacher changed.
        BranchwiseError: The data set has no such task, the network can't be built, or a teacher can't be trained.
    """
    work = _Work.of(run, place)
    with threads(run.settings.threads):
        teachers = _teachers(work, run) if run.loss.has_teachers else []
        if teachers is None:
            return work.cancelled()
        before = [digest_of(teacher) for teacher in teachers]
        places = tuple(Place(task, exit_) for task, exit_ in enumerate(run.assign))
        trainer = work.trainer(places, run.loss, _outputs(work, teachers))
        outcome = work.trained(trainer)
        state, _ = ending(outcome, trainer.n_steps)
        done = state is RunState.DONE
        found = _evaluated(work, outcome.network) if done else Evaluation()
        if before != [digest_of(teacher) for teacher in teachers]:
            raise FamilyError(f'Training "{run.label}" changed a teacher, which it never should.')
    network = trainer.network
    assert isinstance(network, MultiPathNetwork)
    known = levels(work.data.sets[0], work.data.tasks) if done and not run.on_several else {}
    heads = tuple(count_parameters(head) for head in network.heads)
    payload = MultiPathPayload(
        exits=records_of(network.exits),
        head_params=heads,
        teachers=dict(zip(run.tasks, before, strict=True)) if teachers else {},
        weights=trainer.weights,
        derived=_derived(work, outcome.network, known),
        above=_by_coarse(known),
    )
    if state is not RunState.CANCELLED:
        for task, single in enumerate(run.singles):
            work.sources(task).forget_drafts(single)
    return work.result(outcome, trainer.n_steps, found, payload, sum(heads))


def train_matrix(run: PathMatrixRun, place: Workplace) -> Output:
    """Return the result of a network with a head of every task at every exit, and its weights.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        BranchwiseError: The data set has no such task, or the network can't be built.
    """
    work = _Work.of(run, place)
    n_exits = len(run.exits)
    places = all_places(len(run.tasks), n_exits)
    with threads(run.settings.threads):
        trainer = work.trainer(places, Distillation(mix="none"))
        outcome = work.trained(trainer)
        state, _ = ending(outcome, trainer.n_steps)
        network = trainer.network
        assert isinstance(network, MultiPathNetwork)
        measured = _measured(work, outcome.network, network) if state is RunState.DONE else None
    counts = [count_parameters(head) for head in network.heads]
    payload = None
    finite = measured is None or all_finite(measured[0])
    if measured is not None and finite:
        payload = MatrixPayload(
            exits=records_of(network.exits),
            head_params=tuple(tuple(counts[t * n_exits : (t + 1) * n_exits]) for t in range(len(run.tasks))),
            metrics=measured[0],
            leaving=measured[1],
            weights=tuple(trainer.weights[::n_exits]),
        )
    return work.result(outcome, trainer.n_steps, Evaluation(), payload, sum(counts), finite=finite)


def digest_of(module: nn.Module) -> str:
    """Return SHA-256 of all weights and statistics of a module."""
    found = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def _teachers(work: _Work, run: MultiPathRun) -> list[nn.Module] | None:
    """Return the frozen single-task network of each task, in evaluation mode; None where their training was stopped."""
    found: list[nn.Module] = []
    progress = work.place.progress or (lambda _step, _steps, _losses: None)
    for task, single in enumerate(run.singles):
        network = work.sources(task).network(single, progress)
        if network is None:
            return None
        found.append(network.requires_grad_(False).eval())
    return found


def _outputs(work: _Work, teachers: list[nn.Module]) -> tuple[Values, ...]:
    """Return what each teacher answers to every training picture of its data set."""
    if not teachers:
        return ()
    sizes = [len(each.train) for each in work.data.sets]
    found = {
        number: spread_out(predict(teachers[number], part)[0], sizes, place)
        for place, (part, numbers) in enumerate(work.data.parts("train"))
        for number in numbers
    }
    return tuple(found[number] for number in range(len(teachers)))


def _evaluated(work: _Work, network: nn.Module) -> Evaluation:
    """Return the evaluation of every task on the splits of its data set."""
    found = Evaluation()
    for split in SPLITS:
        for part, numbers in work.data.parts(split):
            tasks = {number: work.data.tasks[number] for number in numbers}
            found.add_part(split, network, part, tasks, work.data.own(numbers[0]).class_names)
    return found


def _derived(work: _Work, network: nn.Module, known: Levels) -> dict[Split, dict[str, dict[str, float]]]:
    """Return how often coarse classes are right that are read off the answers of finer tasks."""
    names = [task.name for task in work.data.tasks]
    found: dict[Split, dict[str, dict[str, float]]] = {}
    for split in SPLITS if known else ():
        data = work.data.joint(split)
        pieces = [[output.argmax(dim=1) for output in outputs] for _, outputs in answers(network, data)]
        found[split] = {}
        for (coarse, fine), above in known.items():
            answered = torch.cat([piece[names.index(fine)] for piece in pieces]).cpu().numpy()
            target = whole(data.targets[names.index(coarse)]).cpu().numpy()
            found[split].setdefault(coarse, {})[fine] = derived_accuracy(answered, target, above)
    return found


def _by_coarse(known: Levels) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return the coarse class of each class of a finer task, by coarse and fine task."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for (coarse, fine), above in known.items():
        found.setdefault(coarse, {})[fine] = tuple(above[number] for number in range(len(above)))
    return found


def _measured(
    work: _Work, trained: nn.Module, network: MultiPathNetwork
) -> tuple[dict[Split, dict[str, tuple[Metrics, ...]]], dict[str, tuple[LeavingPoint, ...]]]:
    n_exits = len(network.exits)
    metrics: dict[Split, dict[str, tuple[Metrics, ...]]] = {}
    sure: dict[Split, dict[str, Any]] = {}
    for split in SPLITS:
        metrics[split], sure[split] = {}, {}
        for part, numbers in work.data.parts(split):
            tasks = [work.data.tasks[number] for number in numbers]
            found = [_Exits(task, [Measure(task) for _ in range(n_exits)]) for task in tasks]
            for rows, outputs in answers(trained, part):
                for number, exits, target in zip(numbers, found, part.targets, strict=True):
                    exits.add(outputs[number * n_exits : (number + 1) * n_exits], target[rows])
            for exits in found:
                name = exits.task.name
                metrics[split][name] = tuple(measure.metrics() for measure in exits.measures)
                if exits.sure:
                    confidence, right = (np.concatenate(each, axis=1) for each in zip(*exits.sure, strict=True))
                    sure[split][name] = confidence, right
    macs = [exit_.macs for exit_ in network.exits]
    return metrics, {name: leaving_curve(found, sure["test"][name], macs) for name, found in sure["validation"].items()}


@dataclass(slots=True)
class _Exits:
    """What is found out of one task at all exits, piece by piece."""

    task: Task
    measures: list[Measure]
    sure: list[tuple[Any, Any]] = field(default_factory=list)

    def add(self, outputs: list[Tensor], target: Tensor) -> None:
        for measure, output in zip(self.measures, outputs, strict=True):
            measure.add(output, target)
        if self.task.kind.is_one_class:
            self.sure.append(_sure(outputs, target))


def _sure(outputs: list[Tensor], target: Tensor) -> tuple[Any, Any]:
    """Return confidence and whether the answer is right, ``[n_exits, n_labelled]`` each."""
    known = present(Kind.CLASSIFICATION, target)
    scores = torch.stack([output[known] for output in outputs]).double().cpu().numpy()
    truth = target[known].cpu().numpy()
    confidence = [confidence_of(one) for one in scores]
    return np.stack(confidence), scores.argmax(axis=2) == truth
