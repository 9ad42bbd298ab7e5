"""Entries of a manifest, made from tasks, results and backbones."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any, Literal

from core.backbones import Backbone
from core.runs.backbone_specification import BackboneSpecification
from core.runs.result import Metrics, RunResult
from core.studies.documents import tasks_document
from core.studies.manifest import BackboneEntry, BlockEntry
from core.studies.study import SPLITS
from core.studies.task_entry import MeasuredMetric, TaskEntry
from core.studies.task_quality import CLASS_METRICS, TaskQuality
from core.tasks import Task


def task_entry(task: Task, **facts: Any) -> TaskEntry:  # noqa: ANN401  # fields of the entry
    """Return the entry of a task; ``facts`` are further fields."""
    (document,) = tasks_document([task])
    numbers: dict[str, Any] = {"mean": task.mean, "std": task.std} if task.std else {}
    return TaskEntry(name=task.name, kind=document["kind"], n_outputs=task.n_outputs, **{**numbers, **facts})


def measured(
    task: Task,
    found: Sequence[tuple[int, Mapping[Any, Mapping[str, Mapping[str, float]]]]],
    of: Literal["weights", "run"] = "run",
) -> tuple[MeasuredMetric, ...]:
    """Return the metrics of a task, mean over seeds, on validation and test.

    Args:
        task: Which metrics to list, with their directions.
        found: Seed and metrics of each network: split → task → metric → value.
        of: Whether they are those of the weights beside the manifest.
    """
    out = []
    for split in SPLITS:
        for metric in task.metrics:
            values = [
                (seed, metrics[split][task.name][metric.name])
                for seed, metrics in found
                if metric.name in metrics.get(split, {}).get(task.name, {})
            ]
            if values:
                mean = sum(value for _, value in values) / len(values)
                out.append(
                    MeasuredMetric(
                        name=metric.name,
                        higher_is_better=metric.higher_is_better,
                        unit=metric.unit,
                        split=split,
                        value=mean,
                        seeds=tuple(seed for seed, _ in values),
                        of=of,
                    )
                )
    return tuple(out)


def class_names(task: Task, known: Mapping[str, Sequence[str]], results: Iterable[RunResult]) -> tuple[str, ...]:
    """Return what the classes or labels of a task are called, in the order of its outputs; none where nobody knows.

    Args:
        task: Of the study.
        known: Task → names, as the data say; empty where they can't be read here.
        results: Of the study, which keep the names that there were in training.
    """
    found = known.get(task.name) or next((r.classes[task.name] for r in results if task.name in r.classes), ())
    return tuple(map(str, found)) if len(found) == task.n_outputs else ()


def compared(qualities: Sequence[TaskQuality], name: str) -> dict[str, Any]:
    """Return fields of an entry that say what the metrics of a task have to be compared with.

    Args:
        qualities: Of the study's tasks, on one or more splits.
        name: Of the task.
    """
    own = [quality for quality in qualities if quality.task.name == name]
    return {
        "single_task": _entries([(q, {**q.metrics, **q.class_metrics}, q.seeds) for q in own]),
        "constant": _entries([(quality, quality.constant, ()) for quality in own]),
        "warnings": tuple(sentence for quality in own for sentence in quality.sentences),
    }


def _entries(found: Sequence[tuple[TaskQuality, Metrics, tuple[int, ...]]]) -> tuple[MeasuredMetric, ...]:
    return tuple(
        MeasuredMetric(
            name=metric.name,
            higher_is_better=metric.higher_is_better,
            unit=metric.unit,
            split=quality.split,
            value=values[metric.name],
            seeds=seeds,
        )
        for quality, values, seeds in found
        for metric in (*quality.task.metrics, *CLASS_METRICS)
        if metric.name in values
    )


def backbone_entry(backbone: Backbone, **facts: Any) -> BackboneEntry:  # noqa: ANN401  # fields of the entry
    """Return the entry of a backbone; ``facts`` are fields beside its blocks."""
    blocks = tuple(
        BlockEntry(name=block.name, params=block.params, macs=block.macs, output_shape=block.output_shape)
        for block in backbone.blocks
    )
    known = {"name": backbone.name[:300], "builder": backbone.builder}
    return BackboneEntry(**{**known, "size": backbone.input_shape[1:], "blocks": blocks, **facts})


def made_by(specification: BackboneSpecification) -> dict[str, str]:
    """Return fields of the entry of a backbone that say what code makes it, where it is no part of Branchwise."""
    known = not specification.is_traced or specification.torchvision_name
    return {"factory": "" if known else specification.name, "code": specification.code}


def created_with() -> str:
    """Return this program and its version."""
    return f"branchwise {metadata.version('branchwise')}"
