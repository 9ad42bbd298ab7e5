"""Which metrics a task is judged by, where a study says so: ``[metrics]`` of a study file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, Field

from core.errors import DataError
from core.studies.fields import as_tuple
from core.tasks import Task

MetricNames = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=64)], ...],
    BeforeValidator(as_tuple),
    Field(min_length=1, max_length=20),
]
ChosenMetrics = Annotated[dict[str, MetricNames], Field(max_length=40)]


def metrics_fault(chosen: Mapping[str, tuple[str, ...]], tasks: tuple[str, ...]) -> str | None:
    """Return what names no task of the study, or a metric twice, as a sentence; None where nothing is wrong.

    Args:
        chosen: Task → names of metrics.
        tasks: Names of the study's tasks.
    """
    for task, names in chosen.items():
        if task not in tasks:
            return f'metrics names "{task[:64]}", no task of the study. Choose from: {", ".join(tasks)}'
        if twice := [name for name in names if names.count(name) > 1]:
            return f'metrics names "{twice[0]}" twice for "{task}". Name each once'
    return None


def with_chosen_metrics(task: Task, chosen: Mapping[str, tuple[str, ...]]) -> Task:
    """Return a task with the metrics that its study chose, in their order; all that it has where none are chosen.

    Runs measure all of them, so that another choice needs no training.

    Args:
        task: As its data set has it.
        chosen: Task → names of metrics.

    Raises:
        DataError: The task has no such metric, or none of those chosen can be part of Δ.
    """
    if task.name not in chosen:
        return task
    known = {metric.name: metric for metric in task.metrics}
    for name in chosen[task.name]:
        if name not in known:
            raise DataError(f'"{task.name}" has no metric "{name}". Choose from: {", ".join(known)}.')
    found = tuple(known[name] for name in chosen[task.name])
    if not any(metric.makes_gain for metric in found):
        possible = ", ".join(name for name, metric in known.items() if metric.makes_gain)
        raise DataError(f'Δ of "{task.name}" can\'t be made of {found[0].name} alone, which may be 0. Add {possible}.')
    return replace(task, metrics=found)
