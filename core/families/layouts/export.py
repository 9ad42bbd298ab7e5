"""A layout of a study as files for an application: source, trained weights, manifest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.backbones import Builder
from core.backbones.source import BlockSource, standalone_source
from core.backbones.torchvision_functions import MODELS
from core.data.membership import SPLITS_FILE, Membership, known_membership, preprocessing_of
from core.errors import StudyError
from core.families.layouts.request import OracleRequest
from core.families.layouts.runs import layout_runs
from core.families.layouts.weights import LayoutWeights, joined_file
from core.layouts import Layout
from core.runs.result import Environment, RunResult
from core.studies import manifest as documents
from core.studies.dataset_specification import SeveralSpecification
from core.studies.manifest import FileEntry, Manifest
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification
from core.tasks import Kind

FAMILY = "layouts"
SOURCE_FILE, WEIGHTS_FILE = "network.py", "weights.safetensors"

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


def describe(record: StudyRecord, layout: Layout, results: Results, seeds: Sequence[int] | None = None) -> Described:
    """Return the description of a layout of a measured study.

    Args:
        record: The study.
        layout: A layout of its tasks and blocks.
        results: Run key → result.
        seeds: Whose metrics to list; all seeds that trained layouts have by default.

    Raises:
        StudyError: The study has no networks, or every task has its own pictures.
    """
    specification = record.specification
    if specification is None or isinstance(specification.dataset, SeveralSpecification):
        raise StudyError(
            f'"{record.name}" has no networks that share pictures. Choose a measured study of one data set.'
        )
    oracle = specification.requested(OracleRequest)
    wanted = (oracle.seeds if oracle else ()) if seeds is None else seeds
    found = {seed: runs for seed in wanted if (runs := _done(specification, layout, seed, results)) is not None}
    measured = [(seed, _metrics(runs)) for seed, runs in found.items()]
    environments = {runs[0].environment.model_dump_json(): runs[0].environment for runs in found.values()}
    membership = known_membership(specification.dataset)
    height, width = record.backbone.input_shape[1:]
    tasks = tuple(
        documents.task_entry(
            task,
            classes=_classes(membership, task.name, task.n_outputs),
            metrics=documents.measured(task, measured),
            size=(height, width) if task.kind.is_map else None,
        )
        for task in record.tasks
    )
    manifest = Manifest(
        family=FAMILY,
        study=record.name,
        backbone=documents.backbone_entry(
            record.backbone, builder=_builder(record), stem=_stem(specification), size=(height, width)
        ),
        layout=layout.to_json(),
        tasks=tasks,
        preprocessing=preprocessing_of(specification.dataset, (height, width)),
        splits=membership.splits,
        environment=_only(environments),
        created_with=documents.created_with(),
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
    described = describe(record, layout, results, [weights.seed])
    manifest = described.manifest
    contents = {
        SOURCE_FILE: source_text(record, manifest, blocks).encode(),
        WEIGHTS_FILE: joined_file(layout, weights.files),
    }
    entries = [
        FileEntry.of(SOURCE_FILE, contents[SOURCE_FILE], "source"),
        FileEntry.of(WEIGHTS_FILE, contents[WEIGHTS_FILE], "weights", tensors=shapes_of(contents[WEIGHTS_FILE])),
    ]
    if described.membership.listing:
        contents[SPLITS_FILE] = described.membership.listing
        entries.append(FileEntry.of(SPLITS_FILE, described.membership.listing, "splits"))
    manifest = manifest.model_copy(update={"files": tuple(entries)})
    contents[documents.FILE] = manifest.text().encode()
    return manifest, contents


def shapes_of(content: bytes) -> dict[str, tuple[int, ...]]:
    """Return name → shape of the tensors in a safetensors file that was written here."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}


def _done(specification: StudySpecification, layout: Layout, seed: int, results: Results) -> list[RunResult] | None:
    runs = [results.get(run.key) for run in layout_runs(specification, layout, seed)]
    done = [result for result in runs if result is not None and result.is_done]
    return done if len(done) == len(runs) else None


def _metrics(runs: Sequence[RunResult]) -> SplitMetrics:
    whole: SplitMetrics = {}
    for result in runs:
        for split, tasks in result.metrics.items():
            whole.setdefault(split, {}).update(tasks)
    return whole


def _classes(membership: Membership, task: str, n_outputs: int) -> tuple[str, ...]:
    names = membership.class_names.get(task, ())
    return names if len(names) == n_outputs else ()


def _builder(record: StudyRecord) -> str:
    assert record.specification is not None
    backbone = record.specification.backbone
    if record.backbone.builder or not backbone.is_traced:
        return record.backbone.builder
    return str(Builder.parse(f"{MODELS}.{backbone.torchvision_name}()"))


def _stem(specification: StudySpecification) -> str:
    backbone = specification.backbone
    return backbone.stem if backbone.is_traced else "original"


def _only(environments: Mapping[str, Environment]) -> Environment | None:
    """Return the one environment; None where there is none, or several trained the seeds."""
    return next(iter(environments.values())) if len(environments) == 1 else None
