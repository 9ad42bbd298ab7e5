"""One level of a task of a trained deep virtual network as files: a plain network, weights, manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import torch
from safetensors.torch import save
from torch import fx, nn

from core.backbones import Backbone
from core.backbones.source import BlockSource, standalone_source
from core.errors import FamilyError, StudyError
from core.families.virtual.kept import KeptNetwork
from core.families.virtual.task_facts import TaskFacts
from core.layouts import Layout
from core.networks.block_source import source_of_blocks
from core.networks.export import profile_of
from core.networks.tree import TreeNetwork
from core.networks.written_network import written_network
from core.runs.result import RunResult
from core.runs.settings import BackboneSpecification
from core.studies import manifest_entries as entries
from core.studies.manifest import DivisionEntry, Manifest
from core.studies.network_files import network_files
from core.studies.record import StudyRecord
from core.tasks import Kind

FAMILY: Final = "virtual"


def exported_level(
    record: StudyRecord, kept: KeptNetwork, results: Mapping[str, RunResult], task: str, level: int | None = None
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest of one level, and name → content of all its files, the manifest last.

    Args:
        record: The study.
        kept: One of its networks.
        results: Run key → result, for the measured metrics.
        task: Name of the task.
        level: From 0; the last one by default.

    Raises:
        StudyError: There is no such task or level, or the weights are damaged.
        BackboneError: The backbone can't be written down.
    """
    number, level = place_of(kept, task, level)
    network = kept.network()
    *blocks, head = network.dense((number, level))
    tree = TreeNetwork(blocks, Layout.all_shared(1, len(blocks)), [head]).eval()
    facts, size = TaskFacts.of(record, kept, results), kept.size
    with torch.random.fork_rng(devices=[]):
        builder, source = _blocks_source(kept.run.backbone, blocks, size)
    names = [block.name for block in record.backbone.blocks]
    profile = profile_of(
        blocks, torch.zeros(1, 3, *size), name=f"{record.backbone.name}, level {level}", names=names, builder=builder
    )
    manifest = Manifest(
        family=FAMILY,
        study=record.name,
        backbone=entries.backbone_entry(
            profile,
            size=size,
            stem=stem_of(kept.run.backbone),
            heads=kept.run.backbone.heads,
            **entries.made_by(kept.run.backbone),
        ),
        units=[list(network.units((number, level)))],
        division=DivisionEntry(units=kept.run.units, base=kept.run.base),
        tasks=(facts.entry(number, level),),
        preprocessing=facts.preprocessing(number),
        splits=facts.splits(number),
        environment=kept.environment,
        created_with=entries.created_with(),
    )
    text = _source(profile, manifest, source)
    state = {name: tensor.contiguous() for name, tensor in tree.state_dict().items()}
    return network_files(manifest, text, save(state), facts.listing)


def place_of(kept: KeptNetwork, task: str, level: int | None) -> tuple[int, int]:
    """Return the numbers of a task and a level.

    Args:
        kept: The network.
        task: Name of the task.
        level: From 0; None for the last.

    Raises:
        StudyError: The network has no such task or level.
    """
    names = [each.name for each in kept.tasks]
    if task not in names:
        raise StudyError(f'The study has no task "{task[:64]}". Choose from: {", ".join(names)[:300]}.')
    last = kept.run.units - 1
    if level is not None and not 0 <= level <= last:
        raise StudyError(f"There is no level {str(level)[:40]}. Choose 0 to {last}.")
    return names.index(task), last if level is None else level


def stem_of(backbone: BackboneSpecification) -> str:
    """Return the stem that a manifest names: own networks have none to choose."""
    return "small" if backbone.shrinks_stem else "original"


def _blocks_source(
    backbone: BackboneSpecification, blocks: Sequence[nn.Module], size: tuple[int, int]
) -> tuple[str, BlockSource | None]:
    """Return what makes narrow blocks: an expression, or their source where none makes them."""
    if not backbone.is_traced:
        stem = next(layer for layer in blocks[0].modules() if isinstance(layer, nn.Conv2d))
        return backbone.model_copy(update={"width": stem.out_channels}).small_builder, None
    made = written_network(backbone, size)
    return "", source_of_blocks(blocks, made, shrink=backbone.shrinks_stem, widths=widths_of(blocks))


def widths_of(blocks: Sequence[nn.Module]) -> dict[str, tuple[int, int]]:
    """Return module of the network → channels that come out and go in, of blocks that were cut out of one.

    Raises:
        FamilyError: A block was not.
    """
    found = {}
    for block in blocks:
        if not isinstance(block, fx.GraphModule):
            raise FamilyError(f"A {type(block).__name__} was not cut out of a network, so it has no source.")
        paths = {str(node.target): str(node.meta.get("network_path", node.target)) for node in block.graph.nodes}
        for name, layer in block.named_modules():
            path = _path(name, paths)
            if isinstance(layer, nn.Conv2d):
                found[path] = (layer.out_channels, layer.in_channels)
            elif isinstance(layer, nn.Linear):
                found[path] = (layer.out_features, layer.in_features)
            elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                found[path] = (layer.num_features, layer.num_features)
    return found


def _path(name: str, paths: Mapping[str, str]) -> str:
    """Return where a module of a block is in the network: there, or below what the block calls there."""
    above = name
    while above and above not in paths:
        above = above.rpartition(".")[0]
    return f"{paths[above]}{name[len(above) :]}" if above else name


def _source(profile: Backbone, manifest: Manifest, blocks: BlockSource | None) -> str:
    (task,), steps = manifest.tasks, manifest.preprocessing
    if blocks is not None:
        # Weights of torchvision are of the whole network.
        blocks = replace(blocks, start="")
    return standalone_source(
        profile,
        [[[0]]] * profile.n_blocks,
        [task.name],
        outputs=[task.n_outputs],
        kinds=[Kind(task.kind)],
        classes={task.name: task.classes},
        blocks=blocks,
        preprocessing=None if steps is None else steps.model_dump(mode="json"),
        about=manifest.about(),
        dense=manifest.backbone.heads,
    )
