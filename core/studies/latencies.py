"""How long the blocks of a study's networks take, all timed in turns on one machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.backbones import Backbone
from core.backbones.division import MOST_UNITS
from core.runs.backbone_specification import BackboneSpecification
from core.runs.frozen import Frozen

Array = NDArray[np.float64]
# Family and name of the blocks of the study's own backbone.
OWN = "", ""


class TimedBlocks(Frozen):
    """Blocks that are timed one by one: those of a study's backbone, or of a network whose time is no sum over them.

    Args:
        family: Whose network it is; empty for the study's backbone.
        name: What its family calls it.
        backbone: Its blocks.
        units: Into how many units its channels are divided; 0 where all are there.
        base: Share of the channels that every level has.
        level: How many units more than one it has.
    """

    family: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=120)] = ""
    backbone: BackboneSpecification
    units: Annotated[int, Field(ge=0, le=MOST_UNITS)] = 0
    base: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    level: Annotated[int, Field(ge=0, lt=MOST_UNITS)] = 0


@dataclass(frozen=True, slots=True, eq=False)
class Latencies:
    """What was measured of blocks.

    Args:
        quartiles: (family, name) → seconds for one input, ``[n_blocks, 3]``: lower quartile, median, upper quartile.
        repeats: Turns; every block is run once in each.
        machine: Operating system and processor.
        instructions: CPU instruction set that was used.
        threads: That torch computed with.
        measured: On which day, as in 2026-11-28.
    """

    quartiles: Mapping[tuple[str, str], Array] = field(repr=False)
    repeats: int
    machine: str
    instructions: str
    threads: int
    measured: str

    def seconds(self, family: str, name: str) -> Array | None:
        """Return the median seconds of each block, ``[n_blocks]``; None where the network was not timed."""
        found = self.quartiles.get((family, name))
        return None if found is None else found[:, 1]

    def total(self, family: str, name: str) -> float | None:
        """Return the seconds that all blocks of a network take together; None where it was not timed."""
        seconds = self.seconds(family, name)
        return None if seconds is None else float(seconds.sum())

    def on(self, backbone: Backbone) -> Backbone:
        """Return a backbone whose blocks take what was measured."""
        seconds = self.seconds(*OWN)
        if seconds is None or len(seconds) != backbone.n_blocks:
            return backbone
        timed = zip(backbone.blocks, seconds.tolist(), strict=True)
        return replace(backbone, blocks=tuple(replace(block, latency=found) for block, found in timed))

    @property
    def spread(self) -> float:
        """How far quartiles of a network's blocks add up to another time than their medians, at most; a fraction."""
        totals = np.array([found.sum(axis=0) for found in self.quartiles.values()])
        return float((np.abs(totals[:, [0, 2]] - totals[:, [1]]) / totals[:, [1]]).max())

    @property
    def words(self) -> str:
        """Return how, where and when it was measured, as a sentence."""
        used = f", {self.instructions}" if self.instructions else ""
        return (
            "Milliseconds: a network takes the sum of the blocks that it runs. Each block was timed "
            f"{self.repeats} times, in turn with all others; shown are medians, and quartiles add up to within "
            f"{100 * self.spread:.0f} % of them. "
            f"{self.threads} thread{'' if self.threads == 1 else 's'}{used}, on {self.machine}, {self.measured}."
        )
