"""What a layout costs, in every unit, and which question each figure answers."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.backbones import Backbone
from core.errors import BackboneError, LayoutError
from core.layouts import Layout


class Unit(StrEnum):
    """A unit of cost."""

    PARAMETERS = "parameters"
    MACS = "macs"
    BYTES = "bytes"
    LATENCY = "latency"

    @property
    def question(self) -> str:
        """Which question a figure in this unit answers."""
        return _QUESTIONS[self]


_QUESTIONS = {
    Unit.PARAMETERS: "stored: parameters of everything",
    Unit.BYTES: "stored: float32 bytes of everything",
    Unit.MACS: "all tasks on one input: multiply-accumulates, one per multiply-add",
    Unit.LATENCY: "all tasks on one input: seconds, as the sum of the measured blocks",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one layout. Heads are apart: they are never shared.

    Args:
        params: Parameters stored, without heads.
        macs: Multiply-accumulates for all tasks on one input, without heads.
        latency: Seconds for all tasks on one input, or None where no block was timed.
        active_macs: Multiply-accumulates when only one task is asked for: its own path.
        head_params: Parameters of all heads.
        head_macs: Multiply-accumulates of all heads.
    """

    params: int
    macs: int
    latency: float | None
    active_macs: int
    head_params: int = 0
    head_macs: int = 0

    @property
    def bytes(self) -> int:
        """Float32 bytes stored, without heads."""
        return 4 * self.params


def block_costs(backbone: Backbone, unit: Unit) -> NDArray[np.float64]:
    """Give the cost of one copy of each block, ``[n_blocks]``.

    Raises:
        BackboneError: Latency is asked for and a block was never timed.
    """
    if unit is Unit.LATENCY:
        if backbone.latency is None:
            raise BackboneError(f'"{backbone.name}" has blocks without a measured latency. Choose another unit.')
        return np.array([block.latency for block in backbone.blocks], dtype=np.float64)
    field = {Unit.PARAMETERS: "params", Unit.MACS: "macs", Unit.BYTES: "bytes"}[unit]
    return np.array([getattr(block, field) for block in backbone.blocks], dtype=np.float64)


def layout_cost(layout: Layout, costs: NDArray[np.float64]) -> float:
    """Give Σ_b (groups at b) · cost_b.

    Args:
        layout: A layout of ``n_blocks`` blocks.
        costs: Cost of one copy of each block, ``[n_blocks]``.

    Raises:
        LayoutError: Layout and costs have different numbers of blocks.
    """
    if layout.n_blocks != len(costs):
        raise LayoutError(f"The layout has {layout.n_blocks} blocks, the backbone {len(costs)}. Use the same blocks.")
    return float(np.dot(np.asarray(layout.group_counts, dtype=np.float64), costs))


def cost_of(layout: Layout, backbone: Backbone, head_params: int = 0, head_macs: int = 0) -> Cost:
    """Give the cost of ``layout`` on ``backbone`` in every unit.

    Args:
        layout: A layout with as many blocks as the backbone.
        backbone: The blocks.
        head_params: Parameters of all heads together.
        head_macs: Multiply-accumulates of all heads together.
    """
    if layout.n_blocks != backbone.n_blocks:
        raise LayoutError(f"The layout has {layout.n_blocks} blocks, {backbone.name} has {backbone.n_blocks}.")
    counts = layout.group_counts
    times = [block.latency for block in backbone.blocks]
    return Cost(
        params=sum(n * block.params for n, block in zip(counts, backbone.blocks, strict=True)),
        macs=sum(n * block.macs for n, block in zip(counts, backbone.blocks, strict=True)),
        latency=None
        if any(t is None for t in times)
        else float(sum(n * t for n, t in zip(counts, times, strict=True) if t is not None)),
        active_macs=backbone.macs,
        head_params=head_params,
        head_macs=head_macs,
    )
