"""What a run of gradient affinity returns besides metrics."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.runs.run import Payload

# A step that takes the whole loss away has effect 1.
Effect = Annotated[float, Field(ge=-1e6, le=1e6)]
Row = Annotated[tuple[Effect, ...], Field(max_length=40)]
Table = Annotated[tuple[Row, ...], Field(max_length=40)]


class GradientPayload(Payload):
    """Effects of steps, the mean over the training.

    Args:
        effects: By which share of itself a step of one task on one block lowers the loss of another,
            ``[n_blocks, n_tasks (of the step), n_tasks (of the loss)]``.
        measured: At how many steps.
    """

    effects: Annotated[tuple[Table, ...], Field(min_length=1, max_length=40)]
    measured: int = Field(ge=1, lt=2**53)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the effects; of other length than 3 where rows differ."""
        widths = {len(row) for table in self.effects for row in table}
        heights = {len(table) for table in self.effects}
        return (len(self.effects), *heights, *widths)

    def values(self) -> NDArray[np.float64]:
        """Return the effects as an array."""
        return np.array(self.effects, dtype=np.float64)
