"""A layout of a study as files for an application: source, trained weights, manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.backbones import Builder
from core.backbones.source import BlockSource, standalone_source
from core.backbones.torchvision_functions import MODELS
from core.data.membership import Membership, known_membership, preprocessing_of
from core.errors import StudyError
from core.families.layouts.request import OracleRequest
from core.families.layouts.runs import layout_runs
from core.families.layouts.weights import LayoutWeights, joined_file
from core.layouts import Layout
from core.runs.result import Environment, RunResult
from core.studies import manifest_entries as entries
from core.studies.manifest import Manifest
from core.studies.network_files import network_files
from core.studies.record import StudyRecord
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification
from core.studies.study import SPLITS
from core.studies.task_quality import task_qualities
from core.studies.weights_file import Origin, origin_of
from core.tasks import Kind

FAMILY = "layouts"

Results = Mapping[str, RunResult]
SplitMetrics = dict[str, dict[str, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Described:
    """A layout described for export, without its files.

    Args:
        manifest: What it is and what it reached.
        membership: Class names and splits of its data.
    """

    manifest: Manifest
    membership: Membership


def describe(record: StudyRecord, layout: Layout, results: Results, weights: LayoutWeights | None = None) -> Described:
    """Return the description of a layout of a measured study.

    Args:
        record: The study.
        layout: A layout of its tasks and blocks.
        results: Run key → result.
        weights: Whose metrics to list, as they say themselves; those of all trained seeds by default.

    Raises:
        StudyError: The study has no networks, or every task has its own pictures.
    """
    specification = record.specification
    if specification is None or isinstance(specification.dataset, SeveralSpecification):
        raise StudyError(
            f'"{record.name}" has no networks that share pictures. Choose a measured study of one data set.'
        )
    found = _trained(specification, layout, results, weights)
    qualities = [each for split in SPLITS for each in task_qualities(specification, record.tasks, results, split)]
    membership = known_membership(specification.dataset)
    height, width = record.backbone.input_shape[1:]
    tasks = tuple(
        entries.task_entry(
            task,
            classes=entries.class_names(task, membership.class_names, results.values()),
            metrics=entries.measured(task, found.metrics, found.of),
            size=(height, width) if task.kind.is_map else None,
            **entries.compared(qualities, task.name),
        )
        for task in record.tasks
    )
    manifest = Manifest(
        family=FAMILY,
        study=record.name,
        backbone=entries.backbone_entry(
            record.backbone,
            builder=_builder(record),
            stem=_stem(specification),
            heads=specification.backbone.heads,
            size=(height, width),
            **entries.made_by(specification.backbone),
        ),
        layout=layout.to_json(),
        tasks=tasks,
        preprocessing=preprocessing_of(specification.dataset, (height, width)),
        splits=membership.splits,
        environment=_only(found.environments),
        created_with=entries.created_with(),
    )
    return Described(manifest, membership)


def source_text(record: StudyRecord, manifest: Manifest, blocks: BlockSource | None) -> str:
    """Return the Python file of a described layout.

    Args:
        record: The study.
        manifest: Its description.
        blocks: Source of the blocks, where the backbone is none of this project's own.

    Raises:
        BackboneError: The backbone can't be written down.
    """
    return standalone_source(
        record.backbone,
        manifest.layout or [],
        record.task_names,
        outputs=[task.n_outputs for task in manifest.tasks],
        kinds=[Kind(task.kind) for task in manifest.tasks],
        classes={task.name: task.classes for task in manifest.tasks},
        blocks=blocks,
        builder="" if blocks else manifest.backbone.builder,
        preprocessing=None if manifest.preprocessing is None else manifest.preprocessing.model_dump(mode="json"),
        about=manifest.about(),
        dense=manifest.backbone.heads,
    )


def exported_files(
    record: StudyRecord, layout: Layout, results: Results, weights: LayoutWeights, blocks: BlockSource | None
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest of a layout whose weights are kept, and name → content of all files, the manifest last.

    Args:
        record: The study.
        layout: One of its layouts.
        results: Run key → result.
        weights: Its trained weights.
        blocks: Source of the blocks, where the backbone is none of this project's own.

    Raises:
        StudyError: The weights are not kept, or a file of them is gone or damaged.
        BackboneError: The backbone can't be written down.
    """
    if weights.seed is None:
        raise StudyError(f"The layout {layout.to_text(record.task_names)} can't be exported: {weights.state.value}")
    described = describe(record, layout, results, weights)
    manifest = described.manifest
    source, listing = source_text(record, manifest, blocks), described.membership.listing
    return network_files(manifest, source, joined_file(layout, weights.files), listing)


@dataclass(frozen=True, slots=True)
class _Trained:
    metrics: list[tuple[int, SplitMetrics]]
    environments: list[Environment]
    of: Literal["weights", "run"]


def _trained(
    specification: StudySpecification, layout: Layout, results: Results, weights: LayoutWeights | None
) -> _Trained:
    if weights is not None and weights.seed is not None:
        origins = [origin_of(path) for path in weights.files]
        known = [origin for origin in origins if origin is not None]
        # Files of earlier versions do not say what they reached; the same run may have been trained twice.
        if known and len(known) == len(origins):
            return _Trained([(weights.seed, _merged(known))], [origin.environment for origin in known], "weights")
    oracle = specification.requested(OracleRequest)
    seeds = [weights.seed] if weights is not None and weights.seed is not None else oracle.seeds if oracle else ()
    found = {seed: runs for seed in seeds if (runs := _done(specification, layout, seed, results)) is not None}
    return _Trained(
        [(seed, _merged(runs)) for seed, runs in found.items()],
        [run.environment for runs in found.values() for run in runs],
        "run",
    )


def _done(specification: StudySpecification, layout: Layout, seed: int, results: Results) -> list[RunResult] | None:
    runs = [results.get(run.key) for run in layout_runs(specification, layout, seed)]
    done = [result for result in runs if result is not None and result.is_done]
    return done if len(done) == len(runs) else None


def _merged(runs: Sequence[RunResult | Origin]) -> SplitMetrics:
    whole: SplitMetrics = {}
    for result in runs:
        for split, tasks in result.metrics.items():
            whole.setdefault(split, {}).update(tasks)
    return whole


def _builder(record: StudyRecord) -> str:
    assert record.specification is not None
    backbone = record.specification.backbone
    if record.backbone.builder or not backbone.torchvision_name:
        return record.backbone.builder
    return str(Builder.parse(f"{MODELS}.{backbone.torchvision_name}()"))


def _stem(specification: StudySpecification) -> str:
    return "small" if specification.backbone.shrinks_stem else "original"


def _only(environments: Sequence[Environment]) -> Environment | None:
    """Return the one environment; None where there is none, or there are several."""
    found = {environment.model_dump_json(): environment for environment in environments}
    return next(iter(found.values())) if len(found) == 1 else None
