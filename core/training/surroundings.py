"""What a study is about, found out once before its runs: tasks, the backbone's profile, example pictures."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.backbones import Backbone, Block
from core.data import store
from core.data.dataset import Dataset
from core.data.fingerprint import with_fingerprint
from core.data.gallery import gallery
from core.networks.study_blocks import blocks_of
from core.networks.tracing import measured_latency
from core.networks.tree import count_parameters
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification

N_EXAMPLES = 8


def surroundings(
    specification: StudySpecification, *, data: Dataset | None = None, command: str = "", base: Path | None = None
) -> tuple[StudyRecord, Dataset]:
    """Give a study's record, ready to be stored, and its loaded data set.

    Args:
        specification: What is asked.
        data: The data set, where it is loaded already.
        command: How the study is made, as people may repeat it.
        base: Folder that a relative path to the data starts from; the working directory by default.

    Raises:
        DataError: The data can't be read, or the data set has no such task.
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
    """
    # Before any key is made: a run on files is a run on what they hold, not on where they lie.
    specification = specification.model_copy(update={"dataset": with_fingerprint(specification.dataset, base=base)})
    dataset = store.load(specification.dataset) if data is None else data
    record = StudyRecord(
        name=specification.name,
        task_names=specification.tasks,
        backbone=profile(specification.backbone, dataset.size),
        specification=specification,
        tasks=tuple(dataset.task(name) for name in specification.tasks),
        gallery=gallery(specification.dataset, N_EXAMPLES, data=dataset).of_tasks(specification.tasks),
        title=specification.title,
        description=specification.description,
        command=command,
    )
    return record, dataset


def profile(specification: BackboneSpecification, size: tuple[int, int]) -> Backbone:
    """Give the blocks of a study's backbone with parameters, MACs, shapes and the latency on this machine's CPU.

    Args:
        specification: Which backbone.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
    """
    modules = blocks_of(specification, size)
    picture = torch.zeros(1, 3, *size)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        latencies = measured_latency(modules, picture)
    finally:
        torch.set_num_threads(threads)
    names = _names(modules)
    blocks, x = [], picture
    for name, module, latency in zip(names, modules, latencies, strict=True):
        x, macs = _counted(module, x)
        blocks.append(Block(name, count_parameters(module), macs, tuple(x.shape[1:]), latency))
    title, builder = specification.name.removeprefix("torchvision:"), ""
    if title == "small-residual":
        title, builder = f"{title}, width {specification.width}", f"small_residual(width={specification.width})"
    return Backbone(title, tuple(blocks), (3, *size), f"torch {torch.__version__}", builder=builder)


def _counted(module: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, int]:
    module.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        out = module(x)
    # torch counts a multiply-add as two operations.
    return out, counter.get_total_flops() // 2


def _names(modules: Sequence[nn.Module]) -> list[str]:
    kinds = [type(module).__name__.lower() for module in modules]
    return ["stem" if b == 0 else f"{kind} {b}" for b, kind in enumerate(kinds)]
