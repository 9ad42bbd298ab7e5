"""Evaluation of a trained network: metrics, those of a constant answer, scores of samples, confused classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.dataset import Dataset
from core.data.membership import MIDDLE, RANGE, SPREAD
from core.runs.result import Metrics, Preprocessing, SampleScores, Split
from core.tasks import Kind, Task
from core.training.answers import answers
from core.training.constant import constant_metrics
from core.training.labelled import present
from core.training.metrics import Measure
from core.training.sample_losses import sample_losses
from core.training.streamed import Values
from core.training.tensors import Tensors, tensors_of

NOT_FINITE: Final = "A metric is not a number. Try a lower learning rate."
SPLITS: tuple[Split, ...] = ("validation", "test")
# Above this a confusion matrix takes too much space.
MOST_CLASSES = 200


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of one network, or of several, each on its own splits; the same fields as in ``RunResult``.

    Args:
        metrics: Split → task → metric → value.
        samples: Split → task → score of every sample.
        confusion: Split → task → counts ``[n_classes, n_classes]``, true class by answered class.
        constant: Split → task → metric → value of the best constant answer.
        classes: Task → what its classes are called, where they were counted and have names.
    """

    metrics: dict[Split, dict[str, Metrics]] = field(default_factory=dict)
    samples: dict[Split, dict[str, SampleScores]] = field(default_factory=dict)
    confusion: dict[Split, dict[str, list[list[int]]]] = field(default_factory=dict)
    constant: dict[Split, dict[str, Metrics]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a ``RunResult`` that it holds."""
        return {name: getattr(self, name) for name in ("metrics", "samples", "confusion", "constant", "classes")}

    @property
    def is_finite(self) -> bool:
        """Whether every metric is a finite number."""
        return all(
            isfinite(value) for split in self.metrics.values() for task in split.values() for value in task.values()
        )

    def add(self, split: Split, task: Task, output: Tensor, target: Tensor, names: Sequence[str] = ()) -> None:
        """Evaluate the outputs of one task on one split.

        Args:
            split: Which split.
            task: What was predicted.
            output: Output of the head for every sample, ``[n_samples, …]``.
            target: Ground truth.
            names: What its classes are called, where they have names.
        """
        answered = TaskEvaluation(task)
        answered.add(output, target)
        self.take(split, answered, target, names)

    def take(self, split: Split, answered: "TaskEvaluation", target: Values, names: Sequence[str] = ()) -> None:
        """Take what was found out of one task on one split.

        Args:
            split: Which split.
            answered: After its last piece.
            target: Ground truth of the whole split.
            names: What its classes are called, where they have names.
        """
        task = answered.task
        self.metrics.setdefault(split, {})[task.name] = answered.metrics()
        self.constant.setdefault(split, {})[task.name] = constant_metrics(task, target)
        self.samples.setdefault(split, {})[task.name] = answered.scores()
        if answered.confusion is not None:
            self.confusion.setdefault(split, {})[task.name] = answered.confusion.tolist()
            if len(names) == len(answered.confusion):
                self.classes[task.name] = tuple(map(str, names))

    def add_part(
        self,
        split: Split,
        network: nn.Module,
        data: Tensors,
        tasks: Mapping[int, Task],
        names: Mapping[str, Sequence[str]],
    ) -> None:
        """Evaluate a network on a split, piece by piece.

        Args:
            split: Which split.
            network: Returns number → output; in evaluation mode afterwards.
            data: The split, with the targets of the tasks in their order.
            tasks: Number of the output → what it predicts.
            names: Task → what its classes are called, where they have names.
        """
        found = [TaskEvaluation(task) for task in tasks.values()]
        for rows, outputs in answers(network, data):
            for answered, number, target in zip(found, tasks, data.targets, strict=True):
                answered.add(outputs[number], target[rows])
        for answered, target in zip(found, data.targets, strict=True):
            self.take(split, answered, target, names.get(answered.task.name, ()))


class TaskEvaluation:
    """What is found out of one task on one split, whose answers come piece by piece.

    Args:
        task: What was predicted.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.confusion: Tensor | None = None
        self._measure = Measure(task)
        self._scores: list[NDArray[np.floating[Any]]] = []

    def add(self, output: Tensor, target: Tensor) -> None:
        """Take a piece: the outputs of the head, and ground truth."""
        self._measure.add(output, target)
        self._scores.append(_scores(self.task, output, target))
        if self.task.kind.is_one_class and output.shape[1] <= MOST_CLASSES:
            counts = confusion_of(output, target)
            self.confusion = counts if self.confusion is None else self.confusion.add_(counts)

    def metrics(self) -> Metrics:
        """Return the metrics over all pieces. Called once."""
        return self._measure.metrics()

    def scores(self) -> SampleScores:
        """Return the score of every sample."""
        return SampleScores.of(_score_of(self.task.kind), np.concatenate(self._scores))


def evaluate(network: nn.Module, dataset: Dataset, tasks: Sequence[Task], device: torch.device) -> Evaluation:
    """Return the evaluation of a trained tree network on validation and test samples.

    Args:
        network: In evaluation mode afterwards.
        dataset: Its validation and test samples are used.
        tasks: One for each head.
        device: Where the network is.
    """
    found = Evaluation()
    for split in SPLITS:
        data = tensors_of(dataset, split, tuple(tasks), device)
        found.add_part(split, network, data, dict(enumerate(tasks)), dataset.class_names)
    return found


def evaluate_splits(
    network: nn.Module, task: Task, splits: Mapping[Split, Tensors], names: Sequence[str] = ()
) -> Evaluation:
    """Return the evaluation of a single-task network on splits that are tensors already.

    Args:
        network: What answers.
        task: Its task.
        splits: What it answers.
        names: What the classes of the task are called, where they have names.
    """
    found = Evaluation()
    for split, data in splits.items():
        found.add_part(split, network, data, {0: task}, {task.name: names})
    return found


def scores_of(task: Task, output: Tensor, target: Tensor) -> SampleScores:
    """Return one score per sample: whether it is answered correctly, or its loss where a near answer is better.

    Args:
        task: What was predicted.
        output: Output of the head, ``[n_samples, …]``.
        target: Ground truth.
    """
    return SampleScores.of(_score_of(task.kind), _scores(task, output, target))


def _score_of(kind: Kind) -> Literal["correct", "loss"]:
    return "correct" if kind in (Kind.CLASSIFICATION, Kind.MULTI_LABEL) else "loss"


def _scores(task: Task, output: Tensor, target: Tensor) -> NDArray[np.floating[Any]]:
    kind = task.kind
    if _score_of(kind) == "loss":
        return sample_losses(task, output, target)
    answer = output.argmax(dim=1) if kind is Kind.CLASSIFICATION else (output > 0).to(target.dtype)
    known = present(kind, target).reshape(len(target), -1)
    right = (answer == target).reshape(len(target), -1) & known
    found: NDArray[np.floating[Any]] = (right.sum(dim=1).double() / known.sum(dim=1)).cpu().numpy()
    return found


def confusion_of(output: Tensor, target: Tensor) -> Tensor:
    """Return counts ``[n_classes, n_classes]``, true class by answered class, over what is labelled.

    Args:
        output: Class scores, ``[n, classes]``.
        target: Class numbers, ``[n]``.
    """
    known, n = present(Kind.CLASSIFICATION, target), output.shape[1]
    pairs = target[known] * n + output[known].argmax(dim=1)
    return torch.bincount(pairs, minlength=n * n).reshape(n, n).cpu()


def preprocessing_of(size: tuple[int, int]) -> Preprocessing:
    """Return what ``tensors_of`` does to pictures that were brought to a size."""
    return Preprocessing(size=size, channels=3, mean=(MIDDLE,) * 3, std=(SPREAD,) * 3, range=RANGE)
