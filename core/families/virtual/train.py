"""Train a deep virtual network from its run, and measure it."""

import time
from dataclasses import dataclass
from typing import Any

import torch

from core.families.single.tasks_work import Output, TasksWork, all_finite, task_data
from core.families.virtual.drawn_levels import steps_of
from core.families.virtual.measure import OfSplits, measured, pieces_of, records_of
from core.families.virtual.network import VirtualNetwork, build_virtual
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.runs import SequenceRun, VirtualRun
from core.families.virtual.trainer import VirtualTrainer
from core.networks.study_blocks import blocks_of
from core.training.build import seeded
from core.training.environment import threads
from core.training.evaluation import Evaluation
from core.training.loop import End
from core.training.task_data import TaskData
from core.training.workplace import Workplace


@dataclass(slots=True)
class _Work(TasksWork):
    """One joint training."""

    run: VirtualRun

    @classmethod
    def of(cls, run: VirtualRun, place: Workplace) -> "_Work":
        return cls(run, place, task_data(run, place), time.perf_counter())

    def trainer(self, network: VirtualNetwork) -> VirtualTrainer:
        return VirtualTrainer(
            on_device(network, self.data.device),
            self.data.tasks,
            self.run.training,
            self.run.seed,
            train=self.data.joint("train"),
            validation=self.data.joint("validation"),
            sizes=self.data.sizes,
            levels=self.run.levels,
        )


def train_virtual(run: VirtualRun, place: Workplace) -> Output:
    """Return the result of a deep virtual network that is trained jointly, and its weights.

    Shared weights begin as the blocks of every network of the seed. All levels are measured, also those that never
    learned: their weights are parts of those that did, their norms as at first with statistics of the training
    pictures, their heads as drawn.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        BranchwiseError: The data set has no such task, or the network can't be built.
    """
    work = _Work.of(run, place)
    with threads(run.settings.threads):
        network = untrained(run, work.data)
        trainer = work.trainer(network)
        outcome = work.trained(trainer)
        metrics: OfSplits = {}
        found, payload = Evaluation(), None
        if outcome.end is End.DONE:
            trained = outcome.network
            assert isinstance(trained, VirtualNetwork)
            metrics, found = measured(trained, work.data)
        finite = all_finite(metrics)
        if metrics and finite:
            steps = steps_of(run.levels, run.shape, run.seed, outcome.step)
            payload = payload_of(network, work.data.size, steps, metrics)
    return work.result(outcome, trainer.n_steps, found, payload, heads_of(network), finite=finite)


def untrained(run: VirtualRun | SequenceRun, data: TaskData) -> VirtualNetwork:
    """Return the network of a run with the initial weights of its seed.

    Args:
        run: Which blocks, units, orders and seed.
        data: What its tasks are, and the size of the pictures.

    Raises:
        BackboneError: The backbone can't be made, or a head doesn't fit.
        FamilyError: It can't be cut into these units.
    """
    with seeded(run.seed, "blocks"):
        blocks = blocks_of(run.backbone, data.size)
    return build_virtual(blocks, data.tasks, run.division, run.orders, data.size, run.seed, run.backbone.heads)


def on_device(network: VirtualNetwork, device: torch.device) -> VirtualNetwork:
    """Return a network where it is trained, in the memory order that convolutions want."""
    found: Any = network
    moved: VirtualNetwork = found.to(device=device, memory_format=torch.channels_last)
    return moved


def payload_of(
    network: VirtualNetwork,
    size: tuple[int, int],
    steps: list[list[int]],
    metrics: OfSplits,
    stages: dict[str, tuple[Any, ...]] | None = None,
) -> VirtualPayload:
    """Return what a network returns besides the metrics of its last levels.

    Args:
        network: What is counted.
        size: Height and width of the pictures.
        steps: In how many steps each level learned, ``[n_tasks][n_levels]``.
        metrics: Of each level.
        stages: In sequence: of each level after each task.
    """
    return VirtualPayload.model_validate(
        {
            "records": records_of(network, size),
            **pieces_of(network),
            "steps": tuple(map(tuple, steps)),
            "metrics": metrics,
            "stages": stages or {},
        }
    )


def heads_of(network: VirtualNetwork) -> int:
    """Return the parameters of all heads."""
    return sum(parameter.numel() for parameter in network.heads.parameters())
