"""What a deep virtual network holds, and how well each task's level answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.families.virtual.network import Place, VirtualNetwork
from core.families.virtual.payload import LevelRecord
from core.networks.state import evaluating
from core.networks.tree import count_parameters
from core.networks.work import MacCounter
from core.runs.result import Metrics, Split
from core.training.answers import answers
from core.training.evaluation import SPLITS, Evaluation, TaskEvaluation
from core.training.metrics import Measure
from core.training.task_data import TaskData

# Split → task → metrics on each level.
OfSplits = dict[Split, dict[str, tuple[Metrics, ...]]]


class Chosen(nn.Module):
    """Some tasks' levels of a network, which they share.

    Args:
        network: Of all tasks and levels.
        places: Those that answer.
    """

    def __init__(self, network: VirtualNetwork, places: Sequence[Place]) -> None:
        super().__init__()
        self.network, self.places = network, list(places)

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Return number of the place → output."""
        return dict(enumerate(self.network(x, self.places).values()))


def measured(network: VirtualNetwork, data: TaskData, n_tasks: int | None = None) -> tuple[OfSplits, Evaluation]:
    """Return the metrics of each level, and the evaluation of the last levels.

    Args:
        network: In evaluation mode afterwards.
        data: Each task is measured on its own data set.
        n_tasks: How many tasks, the first ones; all by default.
    """
    known = len(data.tasks) if n_tasks is None else n_tasks
    metrics: OfSplits = {}
    found = Evaluation()
    for split in SPLITS:
        metrics[split] = {}
        for part, numbers in data.parts(split):
            for number, target in zip(numbers, part.targets, strict=True):
                if number >= known:
                    continue
                task, names = data.tasks[number], data.own(number).class_names
                places = network.places_of(number)
                levels, last = [Measure(task) for _ in places], TaskEvaluation(task)
                for rows, outputs in answers(Chosen(network, places), part):
                    truth = target[rows]
                    for level, output in zip(levels, outputs, strict=True):
                        level.add(output, truth)
                    last.add(outputs[-1], truth)
                metrics[split][task.name] = tuple(level.metrics() for level in levels)
                found.take(split, last, target, names.get(task.name, ()))
    return metrics, found


def records_of(network: VirtualNetwork, size: tuple[int, int]) -> tuple[tuple[LevelRecord, ...], ...]:
    """Return what each task's level holds and computes, ``[n_tasks][n_levels]``.

    Args:
        network: Left in the mode it was in.
        size: Height and width of the pictures.
    """
    return tuple(
        tuple(_record(network, place, size) for place in network.places_of(task)) for task in range(network.shape[0])
    )


def _record(network: VirtualNetwork, place: Place, size: tuple[int, int]) -> LevelRecord:
    chain, head = network.part(place)
    return LevelRecord(
        shared_params=network.shared_params(place),
        own_params=count_parameters(chain),
        head_params=count_parameters(head),
        macs=macs_of(chain, size, [*network.weights]),
    )


def macs_of(body: nn.Module, size: tuple[int, int], *more: object) -> int:
    """Return the multiply-accumulates of a network on one picture.

    Args:
        body: Left in the mode it was in.
        size: Height and width of the picture.
        more: What it takes besides a picture.
    """
    device = next(body.parameters()).device
    counter = MacCounter()
    with evaluating(body), torch.no_grad(), counter:
        body(torch.zeros(1, 3, *size, device=device), *more)
    return counter.macs


def pieces_of(network: VirtualNetwork) -> dict[str, Any]:
    """Return how many weights lie between which units, as fields of a payload.

    Channels are told by which levels use them: a unit's channels are those that a level has and the level below it,
    in some task's order, has not. The weights of common channels are those that no level is without.
    """
    n_units = network.division.n_units
    # Units of a weight's row and column; the last place is that of the common channels.
    grid, pictures = np.zeros((n_units + 1, n_units + 1), dtype=np.int64), np.zeros(n_units + 1, dtype=np.int64)
    for number, weight in enumerate(network.weights):
        each = weight[0, 0].numel()
        rows = _counts(network, f"rows_{number}", weight.shape[0])
        if len(network.part((0, 0))[0].get_buffer(f"columns_{number}")) == weight.shape[1]:
            pictures += rows * weight.shape[1] * each
        else:
            grid += np.outer(rows, _counts(network, f"columns_{number}", weight.shape[1])) * each
    return {
        "pieces": tuple(map(tuple, grid[:n_units, :n_units].tolist())),
        "common_params": int(grid[n_units, n_units]),
        "edges": tuple((grid[:n_units, n_units] + grid[n_units, :n_units]).tolist()),
        "picture_params": tuple(pictures.tolist()),
    }


def _counts(network: VirtualNetwork, buffer: str, n_channels: int) -> NDArray[np.int64]:
    """Return how many channels of a layer each unit has; the last number is that of the common ones."""
    n_units = network.division.n_units
    counts = np.zeros(n_units + 1, dtype=np.int64)
    # The first task's order names every unit but its first one directly: what a level adds.
    order, before = network.orders[0], 0
    for level, unit in enumerate(order):
        channels = len(network.part((0, level))[0].get_buffer(buffer))
        counts[unit], before = channels - before, channels
    # Units are equally large, so what the first level has beyond one unit is common.
    common = int(counts[order[0]] - counts[order[1]])
    counts[order[0]] -= common
    counts[n_units] = common
    assert counts.sum() == n_channels
    return counts
