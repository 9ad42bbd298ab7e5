"""A study's trained deep virtual network as files to deploy: pieces of weights, what levels have alone, manifest."""

from collections.abc import Mapping

from core.families.virtual.deployment import VirtualPlan, level_files, piece_files
from core.families.virtual.export import FAMILY
from core.families.virtual.kept import KeptNetwork
from core.families.virtual.network import VirtualNetwork
from core.families.virtual.task_facts import TaskFacts
from core.networks.loader import LOADER_FILE
from core.networks.plan import BackbonePlan
from core.networks.unit_weights import Pair
from core.runs.result import RunResult
from core.studies import manifest_entries as entries
from core.studies.manifest import FILE, DivisionEntry, FileEntry, Manifest
from core.studies.network_files import PREDICT_FILE, predict_text, shapes_of
from core.studies.record import StudyRecord
from core.studies.task_entry import LevelEntry


def deployed_files(
    record: StudyRecord, kept: KeptNetwork, results: Mapping[str, RunResult]
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest of a deployed network, and name → content of all its files, the manifest last.

    Args:
        record: The study.
        kept: One of its networks.
        results: Run key → result, for the measured metrics.

    Raises:
        StudyError: The weights are damaged.
        FamilyError: The network holds numbers that can't be deployed.
        BackboneError: The backbone can't be written down.
    """
    network, run = kept.network(), kept.run
    backbone = BackbonePlan.of(run.backbone.without_weights, kept.size)
    plan = VirtualPlan(backbone, run.division, network.orders, kept.tasks)
    pieces, own = piece_files(plan, network), level_files(plan, network)
    facts = TaskFacts.of(record, kept, results)
    last = run.units - 1
    tasks = tuple(
        facts.entry(number, last, levels=_levels(plan, network, facts, number, pieces, own))
        for number in range(len(kept.tasks))
    )
    contents = dict([*pieces.values(), *own.values()])
    files = [
        FileEntry.of(name, content, "units", units=pair, tensors=shapes_of(content))
        for pair, (name, content) in pieces.items()
    ]
    files += [
        FileEntry.of(name, content, "level", task=kept.tasks[task].name, level=level, tensors=shapes_of(content))
        for (task, level), (name, content) in own.items()
    ]
    manifest = Manifest(
        family=FAMILY,
        study=record.name,
        backbone=entries.backbone_entry(
            record.backbone,
            builder="" if plan.plan.traced is not None else plan.plan.builder,
            size=kept.size,
            starts=plan.plan.starts,
            stem=plan.plan.stem,
            heads=plan.plan.heads,
            **entries.made_by(run.backbone),
        ),
        units=[list(order) for order in plan.orders],
        division=DivisionEntry(units=run.units, base=run.base),
        tasks=tasks,
        preprocessing=None if facts.has_several else facts.preprocessing(0),
        splits=None if facts.has_several else facts.splits(0).model_copy(update={"file": ""}),
        environment=kept.environment,
        created_with=entries.created_with(),
    )
    contents[LOADER_FILE] = plan.loader().encode()
    files.append(FileEntry.of(LOADER_FILE, contents[LOADER_FILE], "source"))
    contents[PREDICT_FILE] = predict_text()
    files.append(FileEntry.of(PREDICT_FILE, contents[PREDICT_FILE], "predict"))
    manifest = manifest.model_copy(update={"files": tuple(files)})
    contents[FILE] = manifest.text().encode()
    return manifest, contents


def _levels(
    plan: VirtualPlan,
    network: VirtualNetwork,
    facts: TaskFacts,
    number: int,
    pieces: Mapping[Pair, tuple[str, bytes]],
    own: Mapping[tuple[int, int], tuple[str, bytes]],
) -> tuple[LevelEntry, ...]:
    found: list[LevelEntry] = []
    before: set[Pair] = set()
    weights = plan.unit_weights()
    for level in range(plan.division.n_units):
        place = (number, level)
        pairs = set(weights.pairs(plan.units(place)))
        alone = len(own[place][1])
        found.append(
            LevelEntry(
                params=network.n_params(place),
                resident_bytes=sum(
                    tensor.numel() * tensor.element_size() for tensor in network.dense(place).state_dict().values()
                ),
                read_bytes=alone + sum(len(pieces[pair][1]) for pair in pairs),
                increment_bytes=alone + sum(len(pieces[pair][1]) for pair in pairs - before),
                metrics=facts.metrics(number, level),
            )
        )
        before = pairs
    return tuple(found)
