"""What the runs of deep virtual networks return besides metrics."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from core.bounded_number import Count, Value
from core.runs.frozen import Frozen
from core.runs.result import Split
from core.runs.run import Payload

Name = Annotated[str, Field(max_length=64)]
Metrics = dict[str, Value]
# Task → metrics on each of its levels.
OfTasks = Annotated[dict[Name, Annotated[tuple[Metrics, ...], Field(max_length=64)]], Field(max_length=40)]


class LevelRecord(Frozen):
    """What the network of a task's level holds and computes.

    Args:
        shared_params: Weights of convolutions and linear layers, which other tasks and levels use, too.
        own_params: Norms and biases of this task's level alone.
        head_params: Its head.
        macs: Multiply-accumulates on one picture, without the head.
    """

    shared_params: Count
    own_params: Count
    head_params: Count
    macs: Count

    @property
    def params(self) -> int:
        """Parameters of the plain network that does the same, head included."""
        return self.shared_params + self.own_params + self.head_params


Records = Annotated[
    tuple[Annotated[tuple[LevelRecord, ...], Field(max_length=64)], ...], Field(min_length=1, max_length=40)
]


class VirtualPayload(Payload):
    """What a deep virtual network returns.

    Args:
        records: ``[n_tasks][n_levels]``.
        pieces: Weights of each piece of the grid, over all layers but those that read the picture,
            ``[n_units][n_units]``, from the unit of the column to that of the row.
        common_params: Weights that every level has: of common channels to common channels, over the same layers.
        edges: Weights between the common channels and each unit, in both directions, over the same layers,
            ``[n_units]``.
        picture_params: Weights from the picture to each unit, ``[n_units]``; the last number is that of the common
            channels, ``[n_units + 1]``.
        steps: Optimiser steps in which the network of each task's level learned, ``[n_tasks][n_levels]``.
        metrics: Split → task → metrics on each level.
        stages: In sequence: split → for each task that was learned, in its turn → the metrics of all tasks up to it.
    """

    records: Records
    pieces: Annotated[tuple[Annotated[tuple[Count, ...], Field(max_length=64)], ...], Field(max_length=64)]
    common_params: Count
    edges: Annotated[tuple[Count, ...], Field(max_length=64)]
    picture_params: Annotated[tuple[Count, ...], Field(max_length=65)]
    steps: Annotated[tuple[Annotated[tuple[Count, ...], Field(max_length=64)], ...], Field(max_length=40)]
    metrics: dict[Split, OfTasks]
    stages: dict[Split, Annotated[tuple[OfTasks, ...], Field(max_length=40)]] = Field(default_factory=dict)

    @property
    def shared_params(self) -> int:
        """Weights of the whole network, stored once."""
        return self.params_of(range(len(self.pieces)))

    def params_of(self, units: Sequence[int]) -> int:
        """Return the weights between some units, and what all levels have."""
        pieces = sum(self.pieces[row][column] for row in units for column in units)
        own = sum(self.edges[unit] + self.picture_params[unit] for unit in units)
        return pieces + own + self.common_params + self.picture_params[-1]


class NarrowPayload(Payload):
    """What the network of a level returns that was trained alone.

    Args:
        record: What it holds and computes; no other network uses its weights.
    """

    record: LevelRecord
