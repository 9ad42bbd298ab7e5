"""Where a network can branch and what each block costs, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.ui.formatting import units_of
from core.backbones import Backbone
from core.backbones.backbone import equal_runs
from core.costs import Unit, block_costs
from core.layouts.counting import count_layouts

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BackboneView:
    """A backbone and the blocks its branching points are merged to.

    Args:
        whole: All blocks between the branching points that were found.
        starts: Blocks of ``whole`` at which a merged block starts; rising from 0.
    """

    whole: Backbone
    starts: tuple[int, ...]

    @cached_property
    def merged(self) -> Backbone:
        """The backbone with the blocks between chosen branching points joined."""
        return self.whole.merged(self.starts)

    @property
    def n_blocks(self) -> int:
        """Blocks after merging."""
        return len(self.starts)

    @cached_property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """First block and end of every merged block."""
        return tuple(zip(self.starts, (*self.starts[1:], self.whole.n_blocks), strict=True))

    def n_layouts(self, n_tasks: int) -> int:
        """Return the number of layouts of so many tasks on the merged blocks."""
        return count_layouts(n_tasks, self.n_blocks)

    @property
    def units(self) -> list[Unit]:
        """Units in which the backbone has figures above zero."""
        return units_of(self.whole)


def equal_starts(backbone: Backbone, n_blocks: int) -> tuple[int, ...]:
    """Return where merged blocks of nearly equal MACs start; of nearly equal parameters where MACs are unknown.

    Args:
        backbone: The blocks.
        n_blocks: How many remain, 1 to the number of blocks.
    """
    sizes = [block.macs for block in backbone.blocks] if backbone.macs else [block.params for block in backbone.blocks]
    return tuple(equal_runs(sizes, n_blocks))


def picked_starts(picked: Sequence[object], n_blocks: int) -> tuple[int, ...]:
    """Return the starts that a hand-made choice of branching points means; what does not exist is dropped.

    Args:
        picked: Block indices from 1, in any order.
        n_blocks: Blocks there are.

    >>> picked_starts([4, 2, 99], 6)
    (0, 2, 4)
    """
    return (0, *sorted({at for at in picked if isinstance(at, int) and 0 < at < n_blocks}))


def cumulative(backbone: Backbone, unit: Unit) -> Array:
    """Return the share of the whole that the first b blocks hold, ``[n_blocks + 1]``, percent."""
    costs = block_costs(backbone, unit)
    total = float(costs.sum()) or 1.0
    shares: Array = 100 * np.concatenate([[0.0], np.cumsum(costs)]) / total
    return shares


def remark(backbone: Backbone) -> str:
    """Return how parameters and MACs are distributed over depth, in a sentence; empty where one is unknown.

    >>> from core.backbones import Block
    >>> remark(Backbone("b", (Block("x", 10, 60), Block("y", 30, 20), Block("z", 60, 20))))
    'The first block of 3 has 60 % of the MACs and 10 % of the parameters.'
    """
    if not (backbone.params and backbone.macs) or backbone.n_blocks < 2:
        return ""
    macs, params = cumulative(backbone, Unit.MACS), cumulative(backbone, Unit.PARAMETERS)
    half = min(int(np.argmax(macs >= 50 - 1e-9)), backbone.n_blocks - 1)
    n = backbone.n_blocks
    first = f"The first block of {n} has" if half == 1 else f"The first {half} of {n} blocks have"
    return f"{first} {macs[half]:.0f} % of the MACs and {params[half]:.0f} % of the parameters."
