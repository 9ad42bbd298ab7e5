"""The levels of one network for ``branchwise virtual``: what each holds, computes and takes."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

from app.command.output import aligned
from core.backbones.division import Division
from core.families.virtual.totals import densities

if TYPE_CHECKING:
    from core.families.virtual.timing import LevelLadder

MOST_THREADS: Final = 256
MOST_SIDE: Final = 1024


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of one network, from the smallest.

    Args:
        division: How channels are divided.
        params: Parameters of each, without head.
        macs: Multiply-accumulates of each on one picture.
        ladder: Their plain networks.
        seconds: Of each, where it was measured.
        how: With how many pictures, repeats and threads, and where; empty where nothing was measured.
    """

    division: Division
    params: tuple[int, ...]
    macs: tuple[int, ...]
    ladder: "LevelLadder" = field(repr=False)
    seconds: tuple[float, ...] = ()
    how: dict[str, Any] = field(default_factory=dict)

    def timed(self, *, batch: int, repeats: int, n_threads: int) -> Self:
        """Return the same levels with their times on this machine."""
        from core.training.environment import machine, threads

        with threads(n_threads):
            seconds = self.ladder.seconds(batch=batch, repeats=repeats)
        assert seconds is not None
        how = {"batch": batch, "repeats": repeats, "threads": n_threads, "machine": machine()}
        return replace(self, seconds=tuple(seconds), how=how)

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        shares = densities(self.division.n_units, self.division.base).tolist()
        found = [
            {"density": share, "params": params, "macs": macs}
            for share, params, macs in zip(shares, self.params, self.macs, strict=True)
        ]
        for each, seconds in zip(found, self.seconds, strict=False):
            each["seconds"] = seconds
        return {"params": self.params[-1], "levels": found, **({"timed": self.how} if self.how else {})}

    def lines(self) -> list[str]:
        """Return what is printed otherwise."""
        shares = densities(self.division.n_units, self.division.base).tolist()
        rows = [
            [str(level), f"{100 * share:.4g} %", f"{params:,}", f"{macs:,}"]
            for level, (share, params, macs) in enumerate(zip(shares, self.params, self.macs, strict=True))
        ]
        header = ["level", "density", "parameters", "MACs"]
        if not self.seconds:
            return [aligned(header, rows, left=[])]
        rows = [[*row, f"{1000 * seconds:.3f}"] for row, seconds in zip(rows, self.seconds, strict=True)]
        how, batch, n_threads = self.how, self.how["batch"], self.how["threads"]
        return [
            aligned([*header, "ms"], rows, left=[]),
            f"Times: medians of {how['repeats']} runs of each level on {batch} picture{'' if batch == 1 else 's'}, "
            f"{n_threads} thread{'' if n_threads == 1 else 's'}, on {how['machine']}.",
        ]


def levels_of(backbone: str | None, width: int | None, division: Division, size: int) -> Levels:
    """Return the levels of a network.

    Args:
        backbone: Its name.
        width: Its width, where it has one.
        division: How channels are divided.
        size: Height and width of its pictures.

    Raises:
        BackboneError: There is no such network.
        FamilyError: It can't be cut into these units.
    """
    from core.families.virtual.timing import level_ladder
    from core.networks.named_blocks import named_blocks

    ladder = level_ladder(named_blocks(backbone, width, (size, size)), division, (size, size))
    return Levels(division, ladder.params, ladder.macs, ladder)
