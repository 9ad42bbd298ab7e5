"""A deep virtual network of a study whose trained weights are kept here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from core.errors import StudyError
from core.families.virtual.network import VirtualNetwork, build_virtual
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.request import VirtualRequest
from core.families.virtual.runs import SequenceRun, VirtualRun, network_runs
from core.networks.study_blocks import blocks_of
from core.runs.result import Environment, Metrics, RunResult
from core.studies.bundled import keep_weights_command
from core.studies.record import StudyRecord
from core.studies.weights_file import origin_of
from core.tasks import Task

# Split → task → metric → value.
SplitMetrics = dict[str, dict[str, Metrics]]


@dataclass(frozen=True, slots=True)
class KeptNetwork:
    """One trained network.

    Args:
        name: What the study calls it.
        run: What it is.
        tasks: In index order.
        size: Height and width of its pictures.
        result: What the run measured, where it is known.
        file: Its weights.
    """

    name: str
    run: VirtualRun | SequenceRun
    tasks: tuple[Task, ...]
    size: tuple[int, int]
    result: RunResult | None
    file: Path = field(repr=False)

    def network(self) -> VirtualNetwork:
        """Return the network with its trained weights, in evaluation mode.

        Raises:
            StudyError: The file is damaged, or of another network.
            BackboneError: The backbone can't be made.
        """
        run = self.run
        with torch.random.fork_rng(devices=[]):
            blocks: list[nn.Module] = blocks_of(run.backbone.without_weights, self.size)
            found = build_virtual(blocks, self.tasks, run.division, run.orders, self.size, run.seed, run.backbone.heads)
        try:
            found.load_state_dict(load_file(self.file))
        except (OSError, SafetensorError, RuntimeError):
            raise StudyError(f'The trained weights of "{run.label}" are damaged. Train it again.') from None
        # As it was trained; other orders of memory round differently.
        return found.eval().to(memory_format=torch.channels_last)

    @property
    def environment(self) -> Environment | None:
        """Where it was trained; None where that is not known."""
        origin = origin_of(self.file)
        return origin.environment if origin else self.result.environment if self.result else None

    @property
    def is_own(self) -> bool:
        """Whether the result is of these very weights: the same run may have been trained twice."""
        origin = origin_of(self.file)
        return origin is not None and self.result is not None and dict(origin.metrics) == dict(self.result.metrics)

    def metrics(self, task: str, level: int) -> list[tuple[int, SplitMetrics]]:
        """Return the seed, and what a task's level reached; nothing where it is not known."""
        if self.result is None or not self.result.is_done:
            return []
        payload = self.run.payload_of(self.result, VirtualPayload)
        return [(self.run.seed, {split: {task: tasks[task][level]} for split, tasks in payload.metrics.items()})]


def kept_network(
    record: StudyRecord,
    results: Mapping[str, RunResult],
    weights: Callable[[str], Path | None],
    *,
    name: str | None = None,
    seed: int | None = None,
) -> KeptNetwork:
    """Return a network of a study whose weights are kept.

    Args:
        record: The study.
        results: Run key → result, for the measured metrics.
        weights: Returns the file of a run's trained weights; None, or one that does not exist, where they are not kept.
        name: What the study calls it; the first one by default.
        seed: Of its training; the first one whose weights are kept by default.

    Raises:
        StudyError: The study has no such network, or its weights are not kept here.
    """
    study = record.specification
    request = None if study is None else study.requested(VirtualRequest)
    if study is None or request is None:
        raise StudyError(f'"{record.name}" requests no deep virtual networks. Choose a study that has [virtual].')
    names = [network.name for network in request.networks]
    if name is not None and name not in names:
        raise StudyError(f'The study has no network "{name[:60]}". Choose from: {", ".join(names)[:300]}.')
    if seed is not None and seed not in request.seeds:
        listed = ", ".join(map(str, request.seeds[:20]))
        raise StudyError(f"No network is trained from seed {seed}. Choose from: {listed}.")
    place = 0 if name is None else names.index(name)
    height, width = record.backbone.input_shape[1:]
    for each in request.seeds if seed is None else (seed,):
        run = network_runs(study, each)[place]
        file = weights(run.key)
        if file is not None and file.is_file():
            return KeptNetwork(names[place], run, record.tasks, (height, width), results.get(run.key), file)
    raise StudyError(
        f'The trained weights of the network "{names[place]}" are not on this machine. Train the study here with: '
        f"{keep_weights_command(record.name, record.command)}."
    )
