"""How long paths take on this machine: every path in turn, so that all meet the same machine."""

from collections.abc import Sequence
from datetime import UTC, datetime

import torch
from torch import Tensor

from core.families.multipath.exits import PRESETS
from core.families.multipath.ladder import Ladder, ladder, preset_network
from core.families.multipath.network import backbone_ladder
from core.families.multipath.stages import Stage, joined, stages_of
from core.families.multipath.timing_run import PathTimingPayload, PathTimingRun
from core.networks.study_blocks import blocks_of
from core.runs.result import RunResult
from core.training.build import seeded
from core.training.turns import REPEATS, Look, measurement, seconds_in_turn
from core.training.workplace import Workplace


def measure_run(run: PathTimingRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a measurement of paths.

    Args:
        run: Which network and exits.
        place: Who receives progress.

    Raises:
        BackboneError: The network can't be made, or has no such exits.
    """

    def measure(look: Look) -> PathTimingPayload | None:
        seconds = ladder_seconds(_ladder(run), repeats=run.repeats, look=look)
        if seconds is None:
            return None
        return PathTimingPayload(
            network=run.network,
            exits=run.exits,
            seconds=tuple(seconds),
            repeats=run.repeats,
            measured=datetime.now(UTC).date().isoformat(),
        )

    return measurement(run, place, measure), None


def _ladder(run: PathTimingRun) -> Ladder:
    if run.backbone is None:
        return ladder(preset_network(PRESETS[run.preset]), torch.zeros(2, 3, *run.size), run.exits)
    with seeded(0, "blocks"):
        blocks = blocks_of(run.backbone.without_weights, run.size)
    return backbone_ladder(blocks, run.exits, run.size)


def ladder_seconds(found: Ladder, *, repeats: int = REPEATS, look: Look | None = None) -> list[float] | None:
    """Return the median seconds of each path for one picture, without heads, ``[n_exits]``; None where it was stopped.

    Args:
        found: A traced network of one input, and its exits.
        repeats: Runs of each path, after one that is not counted.
        look: Called after each repeat.

    Raises:
        BackboneError: The paths can't be run one by one, or the number of repeats is out of range.
    """
    return path_seconds(stages_of(found), found.trace.inputs.drawn(1, 0).tensors[0], repeats=repeats, look=look)


def path_seconds(
    stages: Sequence[Stage], picture: Tensor, *, repeats: int = REPEATS, look: Look | None = None
) -> list[float] | None:
    """Return the median seconds of each path, ``[n_stages]``; None where it was stopped.

    Args:
        stages: From the input.
        picture: A batch of one.
        repeats: Runs of each path, after one that is not counted.
        look: Called after each repeat.
    """
    paths = [joined(stages[: end + 1]) for end in range(len(stages))]
    return seconds_in_turn(paths, picture, repeats=repeats, look=look)
