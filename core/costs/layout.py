"""Units of cost, the questions they answer, and what a layout costs."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.backbones import Backbone
from core.errors import BackboneError, LayoutError
from core.layouts import Layout


class Unit(StrEnum):
    """A unit of cost; the value is its code in files, addresses and on the command line."""

    PARAMETERS = "parameters"
    MACS = "macs"
    BYTES = "bytes"
    LATENCY = "latency"


class CostQuestion(StrEnum):
    """Which question a cost answers; families are compared on the same question only."""

    STORED = "stored"
    """Parameters or float32 bytes of everything that is kept."""
    ALL_TASKS = "all-tasks"
    """Multiply-accumulates or seconds for all tasks on one input."""
    ONE_TASK = "one-task"
    """Multiply-accumulates or seconds for one active task: its own path."""
    RESIDENT = "resident"
    """Bytes in memory while tasks are switched."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """Units in which the question has answers."""
        return _UNITS[self]

    @classmethod
    def usual(cls, unit: Unit) -> "CostQuestion":
        """Return the question that a figure in a unit answers by default."""
        return cls.ALL_TASKS if unit in (Unit.MACS, Unit.LATENCY) else cls.STORED


_UNITS = {
    CostQuestion.STORED: (Unit.PARAMETERS, Unit.BYTES),
    CostQuestion.ALL_TASKS: (Unit.MACS, Unit.LATENCY),
    CostQuestion.ONE_TASK: (Unit.MACS, Unit.LATENCY),
    CostQuestion.RESIDENT: (Unit.BYTES, Unit.PARAMETERS),
}


def block_costs(backbone: Backbone, unit: Unit) -> NDArray[np.float64]:
    """Return the cost of one copy of each block, ``[n_blocks]``.

    Raises:
        BackboneError: Latency is requested and a block was never timed.
    """
    if unit is Unit.LATENCY:
        if backbone.latency is None:
            raise BackboneError(f'"{backbone.name}" has blocks without a measured latency. Choose another unit.')
        return np.array([block.latency for block in backbone.blocks], dtype=np.float64)
    field = {Unit.PARAMETERS: "params", Unit.MACS: "macs", Unit.BYTES: "bytes"}[unit]
    return np.array([getattr(block, field) for block in backbone.blocks], dtype=np.float64)


def independent_cost(backbone: Backbone, n_tasks: int, question: CostQuestion, unit: Unit) -> float | None:
    """Return what one network per task costs without heads; None where the question has no answer in the unit.

    Everything that is *stored*, and *all tasks* on one input, take one network per task. *One active task* runs its
    own network, and that one alone is *resident* while tasks are switched.

    Args:
        backbone: Of every network; without measured latency seconds are None.
        n_tasks: Number of tasks T.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    if unit not in question.units or (unit is Unit.LATENCY and backbone.latency is None):
        return None
    one_network = question in (CostQuestion.ONE_TASK, CostQuestion.RESIDENT)
    return float(block_costs(backbone, unit).sum()) * (1 if one_network else n_tasks)


def layout_cost(layout: Layout, costs: NDArray[np.float64]) -> float:
    """Return Σ_b (groups at b) · cost_b.

    Args:
        layout: A layout of ``n_blocks`` blocks.
        costs: Cost of one copy of each block, ``[n_blocks]``.

    Raises:
        LayoutError: Layout and costs have different numbers of blocks.
    """
    if layout.n_blocks != len(costs):
        raise LayoutError(f"The layout has {layout.n_blocks} blocks, the backbone {len(costs)}. Use the same blocks.")
    return float(np.dot(np.asarray(layout.group_counts, dtype=np.float64), costs))
