"""The score of a layout from a table of what groups earn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layouts import Layout

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TabledScore:
    """A score that is nothing but the table of what groups earn.

    Args:
        gains: ``[n_blocks, 2^n_tasks]``, on a grid on which sums are exact.
        constant: Score of single-task networks.
        span: Greatest absolute value that any layout's score could have.
    """

    gains: Array
    constant: float
    span: float

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return int(self.gains.shape[1]).bit_length() - 1

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return len(self.gains)

    @property
    def ceiling(self) -> float:
        """Upper bound of every layout's score."""
        return self.span

    def score(self, layout: Layout) -> float:
        """Return the score of a layout."""
        masks = (
            (block, sum(1 << task for task in group))
            for block, groups in enumerate(layout.partitions)
            for group in groups
        )
        return self.constant + float(sum(self.gains[place] for place in masks))
