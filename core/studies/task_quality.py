"""Whether networks do a task at all: beside a constant answer, and class by class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.runs.result import Metrics, RunResult, Split
from core.studies.expand import expand
from core.studies.specification import StudySpecification
from core.tasks import Metric, Task

Counts = NDArray[np.int64]
# A network that removes less of the constant answer's error than this has learned nothing worth sharing.
LEAST_SKILL = 0.02
# Known wherever confused classes are counted.
CLASS_METRICS = (Metric("balanced accuracy", True), Metric("macro-F1", True))
_NAMED, _LONGEST = 8, 40


@dataclass(frozen=True, eq=False)
class ClassScores:
    """What counts of confused classes say beside the accuracy.

    Args:
        confusion: ``[n_classes, n_classes]``, true class by answered class.
        classes: What the classes are called; empty where they have no names.
    """

    confusion: Counts
    classes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counts:
        """Samples of each class, ``[n_classes]``."""
        counts: Counts = self.confusion.sum(axis=1)
        return counts

    @property
    def majority(self) -> float:
        """Accuracy of always answering the most frequent class."""
        return float(self.counts.max() / self.counts.sum())

    @property
    def balanced_accuracy(self) -> float:
        """Mean over the classes that occur of the share of their samples that is answered correctly."""
        met = self.counts > 0
        return float((self.confusion.diagonal()[met] / self.counts[met]).mean())

    @property
    def macro_f1(self) -> float:
        """Mean of F1 over the classes that occur or are answered; 0 where a class is never answered correctly."""
        either = self.counts + self.confusion.sum(axis=0)
        met = either > 0
        return float((2 * self.confusion.diagonal()[met] / either[met]).mean())

    @property
    def metrics(self) -> tuple[tuple[Metric, float], ...]:
        """What counts all classes alike, with its value."""
        return tuple(zip(CLASS_METRICS, (self.balanced_accuracy, self.macro_f1), strict=True))

    def name(self, number: int) -> str:
        """Return what a class is called; its number from 0 where it has no name."""
        return self.classes[number] if len(self.classes) == len(self.confusion) else str(number)

    @property
    def never_answered(self) -> tuple[int, ...]:
        """Classes that occur and are never answered, counted from 0."""
        return tuple(np.flatnonzero((self.counts > 0) & (self.confusion.sum(axis=0) == 0)).tolist())


def class_scores(result: RunResult, split: Split, task: str) -> ClassScores | None:
    """Return the class scores of a task in a result; None where its classes were not counted."""
    counts = np.array(result.confusion.get(split, {}).get(task, []), dtype=np.int64)
    return ClassScores(counts, result.classes.get(task, ())) if counts.size and counts.sum() else None


def skill(metric: Metric, value: float, constant: float) -> float:
    """Return which share of the constant answer's error is gone: 1 is perfect, 0 is no better, negative is worse.

    Args:
        metric: A share between 0 and 1 where higher is better, else an error from 0 on.
        value: What a network reaches.
        constant: What the constant answer reaches.

    >>> round(skill(Metric("accuracy", True), 0.697, 0.579), 3)
    0.28
    """
    error, reached = (1 - constant, 1 - value) if metric.higher_is_better else (constant, value)
    # A constant answer without error leaves nothing to learn.
    return 1 - reached / error if error > 0 else 0.0


@dataclass(frozen=True, eq=False)
class TaskQuality:
    """How well the single-task networks of a study do one task on one split, and where any network does not.

    Args:
        task: The task.
        split: The split.
        metrics: Mean of each metric over the single-task networks; empty where none is trained.
        constant: What the best constant answer reaches; empty where results are of earlier versions.
        classes: Class scores of each single-task network; empty where there are no classes or they were not counted.
        n_counted: Networks of any kind whose classes were counted.
        n_silent: Those of them that never answer some class.
        silent: The classes that some network never answers, by their names; by numbers from 0 where they have none.
        seeds: Seeds of the single-task networks.
        zero: Metrics of Δ that are 0 in one of them, so that no Δ follows from it.
        zero_seeds: Seeds of those in which one is 0.
        by_seed: Seed → metrics of the single-task network of that seed.
    """

    task: Task
    split: Split
    metrics: Metrics
    constant: Metrics
    classes: tuple[ClassScores, ...] = ()
    n_counted: int = 0
    n_silent: int = 0
    silent: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    zero: tuple[str, ...] = ()
    zero_seeds: tuple[int, ...] = ()
    by_seed: Mapping[int, Metrics] = field(default_factory=dict, repr=False)

    @property
    def metric(self) -> Metric:
        """The metric by which a network is compared with the constant answer."""
        return self.task.metrics[0]

    @property
    def class_metrics(self) -> Metrics:
        """Balanced accuracy and macro-F1, means over the single-task networks; empty where classes weren't counted."""
        return _mean([{m.name: value for m, value in scores.metrics} for scores in self.classes])

    @property
    def skill(self) -> float | None:
        """Share of the constant answer's error that single-task networks remove; None where it is not known."""
        name = self.metric.name
        if name not in self.metrics or name not in self.constant:
            return None
        return skill(self.metric, self.metrics[name], self.constant[name])

    @property
    def is_constant(self) -> bool:
        """Whether the single-task network is known to be no better than a constant answer."""
        return self.skill is not None and self.skill < LEAST_SKILL

    @property
    def _basis(self) -> str:
        n = len(self.seeds)
        return "one seed" if n == 1 else f"mean over {n} seeds"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is wrong with the task, for people; nothing where nothing is known to be wrong."""
        return tuple(filter(None, (self.constant_sentence, self.zero_sentence, self.silent_sentence)))

    @property
    def constant_sentence(self) -> str:
        """That single-task networks are no better than a constant answer; empty where they are, or it is not known."""
        if not self.is_constant:
            return ""
        name = self.metric.name
        return (
            f"{self.task.name}: the {name} of single-task networks is {self.metrics[name]:.4g}{self.metric.unit} "
            f"on the {self.split} split ({self._basis}), that of one answer for every input "
            f"{self.constant[name]:.4g}{self.metric.unit}. Nothing is learned, so gains of this task mean nothing."
        )

    @property
    def zero_sentence(self) -> str:
        """That a change relative to a single-task value of 0 says nothing; empty where there is none."""
        if not self.zero:
            return ""
        shown = ", ".join(map(str, self.zero_seeds[:_NAMED])) + (", …" if len(self.zero_seeds) > _NAMED else "")
        seeds = f"seed{'' if len(self.zero_seeds) == 1 else 's'} {shown}"
        return (
            f"{self.task.name}: the {' and the '.join(self.zero)} of the single-task network is 0 on the {self.split} "
            f"split with {seeds}, and a change relative to nothing says nothing. Gains of this task are left out there."
        )

    @property
    def silent_sentence(self) -> str:
        """How many networks never answer some class, and which classes; empty where none is counted that does."""
        if not self.n_silent:
            return ""
        named = [f'"{name[:_LONGEST]}"' for name in self.silent[:_NAMED]]
        rest = f" or {len(self.silent) - _NAMED} other classes" if len(self.silent) > _NAMED else ""
        which = ", ".join(named) if rest else " or ".join(filter(None, (", ".join(named[:-1]), named[-1])))
        verb = "never answers" if self.n_silent == 1 else "never answer"
        # Of several classes each network may leave out another one.
        said = which if len(self.silent) == 1 else f"at least one of the classes {which}"
        return (
            f"{self.task.name}: {self.n_silent} of {self.n_counted} networks {verb} {said}{rest} "
            f"on the {self.split} split. Accuracy hides this; balanced accuracy and macro-F1 don't{self._by_class}."
        )

    @property
    def _by_class(self) -> str:
        known = self.class_metrics
        if not known:
            return ""
        words = " and ".join(f"{name} {value:.2f}" for name, value in known.items())
        return f" (single-task networks: {words})"


def task_qualities(
    study: StudySpecification, tasks: Sequence[Task], results: Mapping[str, RunResult], split: Split
) -> tuple[TaskQuality, ...]:
    """Return the quality of every task of a study, in order.

    Args:
        study: What was requested.
        tasks: Its tasks.
        results: Run key → result; of runs that are done.
        split: Which split.
    """
    runs = [(run, results[run.key]) for run in expand(study) if run.key in results and results[run.key].is_done]
    found = []
    for task in tasks:
        measured = [(run, result) for run, result in runs if task.name in result.metrics.get(split, {})]
        # A network of this task alone that starts from no other one.
        single = [(run, result) for run, result in measured if run.measured_tasks == (task.name,) and not run.parents]
        alone = [result for _, result in single]
        counted = [scores for _, result in measured if (scores := class_scores(result, split, task.name))]
        constants = (result.constant.get(split, {}).get(task.name, {}) for _, result in measured)
        zeros = {
            run.label.seed: near
            for run, result in single
            if (near := _near_zero(task, result.metrics[split][task.name])) and run.label.seed is not None
        }
        found.append(
            TaskQuality(
                task,
                split,
                metrics=_mean([result.metrics[split][task.name] for result in alone]),
                constant=next((constant for constant in constants if constant), {}),
                classes=tuple(scores for result in alone if (scores := class_scores(result, split, task.name))),
                n_counted=len(counted),
                n_silent=sum(bool(scores.never_answered) for scores in counted),
                silent=_names(counted),
                zero=tuple(m.name for m in task.gain_metrics if any(m.name in near for near in zeros.values())),
                zero_seeds=tuple(sorted(zeros)),
                seeds=tuple(run.label.seed for run, _ in single if run.label.seed is not None),
                by_seed={
                    run.label.seed: result.metrics[split][task.name]
                    for run, result in reversed(single)
                    if run.label.seed is not None
                },
            )
        )
    return tuple(found)


def _near_zero(task: Task, metrics: Metrics) -> tuple[str, ...]:
    """Return the metrics of Δ to which no change is relative."""
    return tuple(m.name for m in task.gain_metrics if m.name in metrics and abs(metrics[m.name]) < task.near_zero(m))


def _names(counted: Sequence[ClassScores]) -> tuple[str, ...]:
    found = {number: scores.name(number) for scores in counted for number in scores.never_answered}
    return tuple(found[number] for number in sorted(found))


def _mean(found: Sequence[Metrics]) -> Metrics:
    return {name: float(np.mean([metrics[name] for metrics in found])) for name in found[0]} if found else {}
