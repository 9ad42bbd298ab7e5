"""One path of a trained multi-path network as files for an application: source, weights, manifest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from core.backbones import Backbone, Block
from core.backbones.source import BlockSource, standalone_source
from core.data.membership import known_membership, preprocessing_of
from core.errors import StudyError
from core.families.multipath.exits import Exit
from core.families.multipath.network import MultiPathNetwork, build_multipath
from core.families.multipath.payload import MatrixPayload
from core.families.multipath.place import Place, all_places
from core.families.multipath.request import MultiPathRequest
from core.families.multipath.runs import MultiPathRun, PathMatrixRun, matrix_run, network_runs
from core.families.multipath.stages import Stage, attribute, joined
from core.layouts import Layout
from core.networks.block_source import source_of_blocks
from core.networks.tree import TreeNetwork
from core.networks.written_network import written_network
from core.runs.result import Metrics, RunResult
from core.runs.settings import BackboneSpecification
from core.studies import manifest_entries as entries
from core.studies.bundled import keep_weights_command
from core.studies.manifest import Manifest
from core.studies.network_files import network_files
from core.studies.record import StudyRecord
from core.studies.several_specification import SeveralSpecification
from core.studies.study import SPLITS
from core.studies.task_quality import task_qualities
from core.tasks import Kind, Task

FAMILY: Final = "multipath"

Results = Mapping[str, RunResult]


@dataclass(frozen=True, slots=True)
class PathChoice:
    """Which path of a study is exported.

    Args:
        task: Its task.
        exit: Name of its exit; the one that the network assigns to the task where empty.
        network: Name of the network in the study; the first one where empty. At another exit than the assigned one
            the path is of the network that has all tasks at all exits.
        seed: Of the network; the first one whose weights are kept where None.
    """

    task: str
    exit: str = ""
    network: str = ""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    run: MultiPathRun | PathMatrixRun
    exit: int
    file: Path


def exported_path(
    record: StudyRecord, choice: PathChoice, results: Results, weights: Callable[[str], Path | None]
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest of one path, and name → content of all its files, the manifest last.

    Args:
        record: The study.
        choice: Which path.
        results: Run key → result, for the measured metrics.
        weights: Returns the file of a run's trained weights; None, or one that does not exist, where they are not kept.

    Raises:
        StudyError: The study has no such path, or its weights are not kept here or are damaged.
        BackboneError: The backbone can't be written down.
    """
    specification = record.specification
    if specification is None or specification.requested(MultiPathRequest) is None:
        raise StudyError(f'"{record.name}" requests no multi-path networks. Choose a study that has [multipath].')
    if isinstance(specification.dataset, SeveralSpecification):
        raise StudyError(
            f'The tasks of "{record.name}" have a data set each, and of such networks no files are written. '
            "Choose a study of one data set."
        )
    found = _chosen(record, choice, weights)
    dataset = found.run.dataset
    assert not isinstance(dataset, SeveralSpecification)
    number = record.task_names.index(choice.task)
    task, (height, width) = record.tasks[number], record.backbone.input_shape[1:]
    network = _network(found, record.tasks, (height, width))
    place = network.places.index(Place(number, found.exit))
    end = network.exits[found.exit]
    blocks, tree = _alone(network, place, specification.backbone, (height, width))
    membership = known_membership(dataset)
    qualities = [each for split in SPLITS for each in task_qualities(specification, record.tasks, results, split)]
    entry = entries.task_entry(
        task,
        classes=entries.class_names(task, membership.class_names, results.values()),
        metrics=entries.measured(task, _metrics(found, task, results)),
        size=(height, width) if task.kind.is_map else None,
        **entries.compared(qualities, task.name),
    )
    result = results.get(found.run.key)
    manifest = Manifest(
        family=FAMILY,
        study=record.name,
        backbone=entries.backbone_entry(
            record.backbone,
            size=(height, width),
            heads=specification.backbone.heads,
            **entries.made_by(specification.backbone),
        ),
        exits=[_exit_entry(end, network.exits[-1])],
        tasks=(entry,),
        preprocessing=preprocessing_of(dataset, (height, width)),
        splits=membership.splits,
        environment=None if result is None else result.environment,
        created_with=entries.created_with(),
    )
    profile = Backbone(
        f"{record.backbone.name}, path to {end.name}",
        (Block(end.name, end.params, end.macs, end.output_shape),),
        record.backbone.input_shape,
    )
    source = standalone_source(
        profile,
        [[[0]]],
        [task.name],
        outputs=[task.n_outputs],
        kinds=[Kind(task.kind)],
        classes={task.name: entry.classes},
        blocks=blocks,
        preprocessing=manifest.preprocessing.model_dump(mode="json") if manifest.preprocessing else None,
        about=manifest.about(),
        dense=manifest.backbone.heads,
    )
    state = {name: tensor.contiguous() for name, tensor in tree.state_dict().items()}
    return network_files(manifest, source, save(state), membership.listing)


def _chosen(record: StudyRecord, choice: PathChoice, weights: Callable[[str], Path | None]) -> _Found:
    study = record.specification
    assert study is not None
    request = study.requested(MultiPathRequest)
    assert request is not None
    if choice.task not in study.tasks:
        raise StudyError(f'The study has no task "{choice.task[:64]}". Choose from: {", ".join(study.tasks)}.')
    names = [network.name for network in request.networks]
    if choice.network and choice.network not in names:
        raise StudyError(f'The study has no network "{choice.network[:60]}". Choose from: {", ".join(names)}.')
    exits = request.exit_names(study.backbone.blocks)
    if choice.exit and choice.exit not in exits:
        raise StudyError(f'The study has no exit "{choice.exit[:60]}". Choose from: {", ".join(exits)}.')
    if choice.seed is not None and choice.seed not in request.seeds:
        raise StudyError(f"No network is trained from seed {choice.seed}. Choose from: {_listed(request.seeds)}.")
    number, place = study.tasks.index(choice.task), names.index(choice.network) if choice.network else 0
    assigned = request.networks[place].exits_of(len(study.tasks), len(exits))[number]
    exit_ = exits.index(choice.exit) if choice.exit else assigned
    if exit_ != assigned and (choice.network or not request.matrix):
        raise StudyError(
            f'"{names[place]}" has "{choice.task}" at the exit "{exits[assigned]}" and not at "{exits[exit_]}". '
            "Name that exit, or let the study train its matrix and name no network."
        )
    for seed in request.seeds if choice.seed is None else (choice.seed,):
        run = network_runs(study, seed)[place] if exit_ == assigned else matrix_run(study, seed)
        file = weights(run.key)
        if file is not None and file.is_file():
            return _Found(run, exit_, file)
    raise StudyError(
        "The trained weights of this path are not on this machine. Train the study here with: "
        f"{keep_weights_command(record.name, record.command)}."
    )


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds[:20]))


def _network(found: _Found, tasks: tuple[Task, ...], size: tuple[int, int]) -> MultiPathNetwork:
    run = found.run
    if isinstance(run, PathMatrixRun):
        places = all_places(len(tasks), len(run.exits))
    else:
        places = tuple(Place(task, exit_) for task, exit_ in enumerate(run.assign))
    network = build_multipath(run.backbone.without_weights, run.exits, places, tasks, size, run.seed)
    try:
        network.load_state_dict(load_file(found.file))
    except (OSError, SafetensorError, RuntimeError):
        raise StudyError(f'The trained weights of "{run.label}" are damaged. Train it again.') from None
    return network.eval()


def _alone(
    network: MultiPathNetwork, place: int, backbone: BackboneSpecification, size: tuple[int, int]
) -> tuple[BlockSource, TreeNetwork]:
    """Return the source of a path, and the path as a network of one block and one head, called as in that source."""
    with torch.random.fork_rng(devices=[]):
        made = written_network(backbone, size)
    constants: dict[str, str] = {}

    def named(target: str) -> str:
        # Modules of a traced network are called as there; the chain of blocks puts a number before.
        plain = target.partition(".")[2] if backbone.is_traced else target
        if plain and attribute(made.network, plain) is not None:
            return plain
        return constants.setdefault(target, f"constant_{len(constants)}")

    last = network.places[place].exit
    stages = [stage for stage in network.stages[: last + 1] if isinstance(stage, Stage)]
    body = joined(stages, named)
    source = source_of_blocks([body], made, shrink=backbone.shrinks_stem)
    tree = TreeNetwork([body], Layout.all_shared(1, 1), [network.heads[place]])
    return source, tree


def _metrics(found: _Found, task: Task, results: Results) -> list[tuple[int, dict[str, dict[str, Metrics]]]]:
    result, run = results.get(found.run.key), found.run
    if result is None or not result.is_done:
        return []
    if isinstance(run, MultiPathRun):
        return [(run.seed, {split: dict(tasks) for split, tasks in result.metrics.items()})]
    payload = run.payload_of(result, MatrixPayload)
    return [(run.seed, {split: {task.name: tasks[task.name][found.exit]} for split, tasks in payload.metrics.items()})]


def _exit_entry(end: Exit, last: Exit) -> dict[str, object]:
    return {
        "name": end.name,
        "params": end.params,
        "macs": end.macs,
        "share": end.params / last.params,
        "output_shape": list(end.output_shape),
    }
