"""Prepare a study once before its runs: tasks, profile of the backbone, example pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.backbones import Backbone, Block
from core.data import store
from core.data.dataset import Dataset, Samples
from core.data.file_digests import Progress
from core.data.fingerprint import with_fingerprint
from core.data.gallery import NO_LABEL, gallery, gallery_of
from core.data.label_warnings import dataset_warnings, reading_remarks
from core.data.pretrained import with_weights_fingerprint
from core.networks.study_blocks import blocks_and_names
from core.networks.tracing import measured_latency
from core.networks.tree import count_parameters
from core.networks.zoo import with_zoo_fingerprint
from core.own_code.permission import permitted_roots
from core.studies.chosen_metrics import with_chosen_metrics
from core.studies.code_permission import used_code, with_code
from core.studies.family import families
from core.studies.record import StudyRecord
from core.studies.several_specification import DatasetSpecification, SetSpecification, SeveralSpecification
from core.studies.specification import BackboneSpecification, StudySpecification
from core.studies.study import Gallery
from core.tasks import Task
from core.training.augment import check_augmentation
from core.training.task_loss import check_some_task, check_task

N_EXAMPLES = 8
N_OF_EACH = 2


def prepare_study(
    specification: StudySpecification,
    *,
    data: Dataset | None = None,
    command: str = "",
    base: Path | None = None,
    progress: Progress | None = None,
    warn: Callable[[str], None] | None = None,
) -> tuple[StudyRecord, Dataset | None]:
    """Return a study's record, ready to be stored, and its loaded data set; none where there are several.

    Args:
        specification: What is requested.
        data: The data set, where it is loaded already.
        command: Shell command that repeats it.
        base: Folder that a relative path to the data starts from; the working directory by default.
        progress: Called now and then with the number of the data's files read and of all.
        warn: Called with every doubt about the labels and the requests, as a sentence.

    Raises:
        CodeError: It uses code of its author that is missing, or not permitted here.
        DataError: The data can't be read, the data set has no such task, or too few pictures for what is requested.
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
        FamilyError: A branch can't be as wide or deep as requested.
    """
    # Before any key is computed: a run is identified by the content of files, not by their paths.
    for part in used_code(specification):
        specification = with_code(specification, permitted_roots(part.needs_permission))
    marked = with_fingerprint(specification.dataset, base=base, progress=progress)
    backbone = with_zoo_fingerprint(with_weights_fingerprint(specification.backbone, base=base))
    specification = specification.model_copy(update={"dataset": marked, "backbone": backbone})
    if warn is not None:
        for sentence in (each for family in families() for each in family.warnings(specification)):
            warn(sentence)
    if isinstance(specification.dataset, SeveralSpecification):
        return _of_several(specification, specification.dataset, command, warn), None
    dataset = store.load(specification.dataset) if data is None else data
    _warn(specification.dataset, dataset, specification.tasks, warn)
    _check_training(specification, [dataset.task(name) for name in specification.tasks])
    _check_families(specification, {"": dataset}, warn)
    record = StudyRecord(
        name=specification.name,
        task_names=specification.tasks,
        backbone=profile(specification.backbone, dataset.size),
        specification=specification,
        tasks=tuple(with_chosen_metrics(dataset.task(name), specification.metrics) for name in specification.tasks),
        gallery=gallery(specification.dataset, N_EXAMPLES, data=dataset).of_tasks(specification.tasks),
        title=specification.title,
        description=specification.description,
        command=command,
    )
    return record, dataset


def _check_families(
    specification: StudySpecification, loaded: Mapping[str, Dataset], warn: Callable[[str], None] | None
) -> None:
    """Raise errors before training that families can detect, and tell their doubts."""
    for family in families():
        if family.checked_by and family.sections.keys() & specification.requests.keys():
            module, _, function = family.checked_by.partition(":")
            doubts: Sequence[str] | None = getattr(import_module(module), function)(specification, loaded)
            for sentence in doubts or ():
                if warn is not None:
                    warn(sentence)


def _check_training(specification: StudySpecification, tasks: Sequence[Task]) -> None:
    """Raise what of the training settings does not fit the tasks, or does nothing to any of them."""
    check_some_task(tasks, specification.training)
    for task in tasks:
        check_task(task, specification.training)
        check_augmentation(task, specification.training.augment)


def _warn(
    asked: DatasetSpecification, dataset: Dataset, tasks: Sequence[str], warn: Callable[[str], None] | None
) -> None:
    if warn is not None:
        for sentence in (*reading_remarks(asked), *dataset_warnings(dataset, tasks)):
            warn(sentence)


def _of_several(
    specification: StudySpecification,
    several: SeveralSpecification,
    command: str,
    warn: Callable[[str], None] | None,
) -> StudyRecord:
    loaded = [(each, store.load(each.dataset)) for each in several.sets]
    for each, data in loaded:
        _warn(each.dataset, data, (each.task,), warn)
    _check_training(specification, [replace(data.task(each.task), name=each.name) for each, data in loaded])
    _check_families(specification, {each.name: data for each, data in loaded}, warn)
    return StudyRecord(
        name=specification.name,
        task_names=specification.tasks,
        backbone=profile(specification.backbone, (several.size, several.size)),
        specification=specification,
        tasks=tuple(
            with_chosen_metrics(replace(data.task(each.task), name=each.name), specification.metrics)
            for each, data in loaded
        ),
        gallery=_examples(loaded, several.size),
        title=specification.title,
        description=specification.description,
        command=command,
    )


def _examples(loaded: Sequence[tuple[SetSpecification, Dataset]], size: int) -> Gallery:
    """Return two examples of every set, one of each first; they are labelled in their own task alone."""
    inputs: dict[int, NDArray[np.uint8]] = {}
    labels = {each.name: [NO_LABEL] * (N_OF_EACH * len(loaded)) for each, _ in loaded}
    for place, (each, data) in enumerate(loaded):
        few = Samples(data.test.pictures[:N_OF_EACH], {each.task: data.test.targets[each.task][:N_OF_EACH]})
        found = gallery_of(few, (data.task(each.task),), data.class_names)
        for turn, picture in enumerate(found.inputs):
            inputs[turn * len(loaded) + place] = np.asarray(Image.fromarray(picture).resize((size, size)))
            for words in found.labels.values():
                labels[each.name][turn * len(loaded) + place] = words[turn]
    shown = np.stack([inputs[place] for place in sorted(inputs)])
    return Gallery(shown, {}, {name: tuple(texts[place] for place in sorted(inputs)) for name, texts in labels.items()})


def profile(specification: BackboneSpecification, size: tuple[int, int]) -> Backbone:
    """Return the blocks of a study's backbone with parameters, MACs, shapes and the latency on this machine's CPU.

    Args:
        specification: Which backbone.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
    """
    modules, names = blocks_and_names(specification, size)
    picture = torch.zeros(1, 3, *size)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        latencies = measured_latency(modules, picture)
    finally:
        torch.set_num_threads(threads)
    blocks, x = [], picture
    for name, module, latency in zip(names, modules, latencies, strict=True):
        x, macs = _counted(module, x)
        blocks.append(Block(name, count_parameters(module), macs, tuple(x.shape[1:]), latency))
    title, builder = specification.name.removeprefix("torchvision:"), ""
    if title == "small-residual":
        title, builder = f"{title}, width {specification.width}", specification.small_builder
    return Backbone(title, tuple(blocks), (3, *size), f"torch {torch.__version__}", builder=builder)


def _counted(module: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, int]:
    module.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        out = module(x)
    # torch counts a multiply-add as two operations.
    return out, counter.get_total_flops() // 2
