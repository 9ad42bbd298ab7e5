"""How long levels take on this machine: the plain network of every level in turn, so that all meet the same machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import torch
from torch import nn

from core.backbones.division import Division
from core.errors import BackboneError
from core.families.virtual.timing_run import MOST_PICTURES, VirtualTimingPayload, VirtualTimingRun
from core.networks.export import profile_of
from core.networks.narrow import NarrowChain, check_units, weights_of
from core.networks.study_blocks import blocks_of
from core.runs.result import RunResult
from core.training.build import seeded
from core.training.turns import REPEATS, Look, measurement, seconds_in_turn
from core.training.workplace import Workplace


@dataclass(frozen=True, slots=True)
class LevelLadder:
    """The plain networks of all levels of one network, without heads.

    Args:
        levels: From the smallest, as blocks; the last one is the whole network.
        picture: Shape of a picture, ``[channels, height, width]``.
    """

    levels: tuple[nn.Sequential, ...]
    picture: tuple[int, ...]

    @property
    def params(self) -> tuple[int, ...]:
        """Parameters of each level, norms and biases included."""
        return tuple(sum(parameter.numel() for parameter in level.parameters()) for level in self.levels)

    @property
    def macs(self) -> tuple[int, ...]:
        """Multiply-accumulates of each level on one picture."""
        example = torch.zeros(1, *self.picture)
        return tuple(profile_of([*level], example, name="level").macs for level in self.levels)

    def seconds(self, *, batch: int = 1, repeats: int = REPEATS, look: Look | None = None) -> list[float] | None:
        """Return the median seconds of each level for one batch, ``[n_levels]``; None where it was stopped.

        Args:
            batch: Pictures that are answered at once.
            repeats: Runs of each level, after one that is not counted.
            look: Called after each repeat.

        Raises:
            BackboneError: A number is out of range.
        """
        if not 1 <= batch <= MOST_PICTURES:
            raise BackboneError(f"{batch} pictures were requested at once. Choose 1 to {MOST_PICTURES}.")
        pictures = torch.rand(batch, *self.picture, generator=torch.Generator().manual_seed(0))
        pictures = pictures.to(memory_format=torch.channels_last)
        return seconds_in_turn(self.levels, pictures, repeats=repeats, look=look)


def level_ladder(blocks: Sequence[nn.Module], division: Division, size: tuple[int, int]) -> LevelLadder:
    """Return the plain networks of all levels; which units they have makes no difference to their time.

    Args:
        blocks: Of the whole network; they are copied.
        division: How channels are divided.
        size: Height and width of the pictures.

    Raises:
        FamilyError: The blocks can't be cut into these units.
    """
    picture = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    pictures, weights = check_units(blocks, division, picture), weights_of(blocks)
    levels = [
        NarrowChain(blocks, division, range(level + 1), pictures).dense(weights).eval()
        for level in range(division.n_units)
    ]
    # As deployed networks are held.
    return LevelLadder(tuple(level.to(memory_format=torch.channels_last) for level in levels), (3, *size))


def measure_run(run: VirtualTimingRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a measurement of levels.

    Args:
        run: Which network and units.
        place: Who receives progress.

    Raises:
        BackboneError: The network can't be made.
        FamilyError: It can't be cut into these units.
    """

    def measure(look: Look) -> VirtualTimingPayload | None:
        with seeded(0, "blocks"):
            blocks = blocks_of(run.backbone.without_weights, run.size)
        found = level_ladder(blocks, run.division, run.size)
        seconds = found.seconds(batch=run.batch, repeats=run.repeats, look=look)
        if seconds is None:
            return None
        return VirtualTimingPayload(
            network=run.backbone.name,
            units=run.units,
            base=run.base,
            batch=run.batch,
            seconds=tuple(seconds),
            repeats=run.repeats,
            measured=datetime.now(UTC).date().isoformat(),
        )

    return measurement(run, place, measure), None
