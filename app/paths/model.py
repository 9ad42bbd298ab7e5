"""A backbone as a ladder with exits: what the path to each of them holds, computes and takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.families.multipath.exit_words import exit_words
from core.backbones import Backbone
from core.costs import Unit, block_costs
from core.families.multipath.exits import PRESETS
from core.families.multipath.payload import ExitRecord
from core.families.multipath.place import spread
from core.families.multipath.points import path_costs
from core.families.multipath.recorded import recorded_exits
from core.families.multipath.results import MultiPathResults
from core.studies.study import Study

PRESET_TITLES = {
    "resnet18-5": "ResNet-18, five exits (Multi-path, Table 2)",
    "resnet18-3": "ResNet-18, three exits (Multi-path, Table 3)",
    "mobilenetv2-0.5-3": "MobileNetV2 × 0.5, three exits (Multi-path, Table 3)",
}
_USUAL_EXITS = 5


@dataclass(frozen=True, slots=True)
class Rung:
    """One place where a path can end; all of its counts are those of the whole path, without a head.

    Args:
        name: On the screen.
        code: In files: number of a block, or path of a module.
        params: Parameters.
        macs: Multiply-accumulates of one input.
        seconds: For one input, where every block before it was timed; None otherwise.
        shape: Of what the head receives.
        published_params: As the multi-path paper counts, with what runs beside the path in its last block.
        published_macs: The multiply-accumulates counted that way.
    """

    name: str
    code: str
    params: int
    macs: int
    seconds: float | None
    shape: tuple[int, ...]
    published_params: int
    published_macs: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """A backbone with the places of possible exits, and the exits chosen.

    Args:
        name: Of the backbone.
        rungs: From the input; the last one is the end of the backbone.
        chosen: Places of the exits, rising; the last one is that of the last rung.
        usual: The exits at first.
    """

    name: str
    rungs: tuple[Rung, ...]
    chosen: tuple[int, ...]
    usual: tuple[int, ...]

    @property
    def last(self) -> int:
        """Place of the end of the backbone."""
        return len(self.rungs) - 1

    def with_exits(self, places: Sequence[int]) -> "Ladder":
        """Return the same with other exits; the end of the backbone is always one."""
        kept = sorted({place for place in places if 0 <= place < self.last})
        return Ladder(self.name, self.rungs, (*kept, self.last), self.usual)

    @property
    def exits(self) -> tuple[Rung, ...]:
        """The chosen exits, from the input."""
        return tuple(self.rungs[place] for place in self.chosen)

    @property
    def is_timed(self) -> bool:
        """Whether every path has a time."""
        return all(rung.seconds is not None for rung in self.rungs)


def preset_ladder(preset: str) -> Ladder:
    """Return a network of the multi-path paper with the exits that the paper gives it.

    Args:
        preset: One of ``PRESETS``.
    """
    found = recorded_exits(preset)
    names = [each.name for each in found]
    last = names.index(PRESETS[preset].exits[-1])
    rungs = tuple(_rung(each, each.name, None) for each in found[: last + 1])
    usual = tuple(names.index(name) for name in PRESETS[preset].exits)
    return Ladder(PRESET_TITLES[preset].split(",")[0], rungs, usual, usual)


def backbone_ladder(backbone: Backbone) -> Ladder:
    """Return a backbone whose paths can end behind each of its blocks."""
    usual = tuple(dict.fromkeys(spread(min(_USUAL_EXITS, backbone.n_blocks), backbone.n_blocks)))
    return Ladder(backbone.name, _ends(backbone), usual, usual)


def study_ladder(study: Study, results: MultiPathResults | None) -> Ladder:
    """Return the backbone of a study with the exits of its multi-path networks; five of its ends where it has none.

    Exits within a block are known once a network of the study is trained.

    Args:
        study: The study.
        results: Of its multi-path networks, or None.
    """
    plain = backbone_ladder(study.backbone)
    if results is None:
        return plain
    seconds = None if study.backbone.latency is None else path_costs(results.exits, study.backbone, Unit.LATENCY)
    measured = [
        _rung(exit_, exit_words(exit_.name), None if seconds is None else float(seconds[place]))
        for place, exit_ in enumerate(results.exits)
    ]
    names = {rung.name for rung in measured}
    rungs = sorted([*measured, *(rung for rung in plain.rungs if rung.name not in names)], key=_depth)
    wanted = {exit_words(name) for name in results.exit_names}
    usual = tuple(place for place, rung in enumerate(rungs) if rung.name in wanted or place == len(rungs) - 1)
    return Ladder(plain.name, tuple(rungs), usual, usual)


def _depth(rung: Rung) -> tuple[int, int]:
    return rung.macs, rung.params


def _ends(backbone: Backbone) -> tuple[Rung, ...]:
    params = np.cumsum([block.params for block in backbone.blocks]).tolist()
    macs = np.cumsum([block.macs for block in backbone.blocks]).tolist()
    timed = backbone.latency is not None
    seconds = np.cumsum(block_costs(backbone, Unit.LATENCY)).tolist() if timed else [None] * backbone.n_blocks
    return tuple(
        Rung(exit_words(str(place)), str(place), params[place], macs[place], seconds[place], block.output_shape,
             params[place], macs[place])
        for place, block in enumerate(backbone.blocks)
    )  # fmt: skip


def _rung(found: ExitRecord, name: str, seconds: float | None) -> Rung:
    return Rung(
        name,
        found.name,
        found.params,
        found.macs,
        seconds,
        found.output_shape,
        found.published_params,
        found.published_macs,
    )


def paths_frame(ladder: Ladder) -> pd.DataFrame:
    """Return one row for each path: what it holds, computes and takes; shares are of the last path, in percent."""
    whole, rows = ladder.rungs[-1], []
    for number, rung in enumerate(ladder.exits, start=1):
        rows.append(
            {
                "exit": number,
                "after": rung.name,
                "parameters": rung.params,
                "share of parameters": share_of(rung.params, whole.params),
                "MACs": rung.macs,
                "share of MACs": share_of(rung.macs, whole.macs),
                "ms": None if rung.seconds is None else 1000 * rung.seconds,
                "share as published": share_of(rung.published_params, whole.published_params),
                "MACs as published": rung.published_macs,
            }
        )
    frame = pd.DataFrame(rows)
    left_out = [] if ladder.is_timed else ["ms"]
    if counted_alike(ladder.rungs):
        left_out += ["share as published", "MACs as published"]
    return frame.drop(columns=left_out)


def counted_alike(rungs: Sequence[Rung]) -> bool:
    """Return whether the paper would count every path as it is counted here."""
    return all((rung.params, rung.macs) == (rung.published_params, rung.published_macs) for rung in rungs)


def share_of(part: float, whole: float) -> float:
    """Return a share in percent; NaN of nothing."""
    return 100 * part / whole if whole else float("nan")
