"""What the specification of a run says about its result: so many samples, steps and parameters, and not others."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from core.runs.result import Split


@dataclass(frozen=True, slots=True)
class SplitSize:
    """How many samples a split has, as far as that is known without reading the data.

    Args:
        least: At least so many.
        most: At most so many.
    """

    least: int
    most: int

    def __contains__(self, n: int) -> bool:
        """Return whether a number of samples is possible."""
        return self.least <= n <= self.most

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.most:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"


@dataclass(frozen=True, slots=True)
class ResultBounds:
    """Bounds of a result; empty and None where the specification says nothing.

    Args:
        data: Task → what it is evaluated on; runs of equal data have the same samples.
        samples: Split → task → number of samples.
        most_steps: Most optimiser steps.
        block_params: Parameters of all copies of blocks, without heads.
        most_block_params: At most so many, where they are not known exactly.
        size: Height and width of the pictures.
        losses: What the losses of its curve are called besides its tasks.
    """

    data: Mapping[str, Hashable] = field(default_factory=dict)
    samples: Mapping[Split, Mapping[str, SplitSize]] = field(default_factory=dict)
    most_steps: int | None = None
    block_params: int | None = None
    most_block_params: int | None = None
    size: tuple[int, int] | None = None
    losses: frozenset[str] = frozenset()
