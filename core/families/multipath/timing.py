"""How long paths take on this machine: every path in turn, so that all meet the same machine."""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import torch
from torch import Tensor

from core.errors import BackboneError
from core.families.multipath.exits import PRESETS
from core.families.multipath.ladder import Ladder, ladder, preset_network
from core.families.multipath.network import backbone_ladder
from core.families.multipath.stages import Stage, joined, stages_of
from core.families.multipath.timing_run import MOST_REPEATS, PathTimingPayload, PathTimingRun
from core.networks.state import evaluating
from core.networks.study_blocks import blocks_of
from core.runs.result import Environment, RunResult, RunState
from core.training.build import seeded
from core.training.environment import device_of, environment_of, threads
from core.training.workplace import Workplace

REPEATS = 20
# Called after each repeat with those made and those in all; false stops the measurement.
Look = Callable[[int, int], bool]


def measure_run(run: PathTimingRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a measurement of paths.

    Args:
        run: Which network and exits.
        place: Who receives progress.

    Raises:
        BackboneError: The network can't be made, or has no such exits.
    """
    begun, environment = time.perf_counter(), environment_of(device_of(run.settings), run.settings.threads)
    if place.should_stop is not None and place.should_stop():
        return _cancelled(environment), None

    def look(repeat: int, repeats: int) -> bool:
        if place.progress is not None:
            place.progress(repeat, repeats, {})
        return repeat == repeats or place.should_stop is None or not place.should_stop()

    with threads(run.settings.threads):
        seconds = ladder_seconds(_ladder(run), repeats=run.repeats, look=look)
    if seconds is None:
        return _cancelled(environment), None
    payload = PathTimingPayload(
        network=run.network,
        exits=run.exits,
        seconds=tuple(seconds),
        repeats=run.repeats,
        measured=datetime.now(UTC).date().isoformat(),
    )
    return RunResult(
        state=RunState.DONE,
        seconds=time.perf_counter() - begun,
        environment=environment,
        payload=payload.model_dump(mode="json"),
    ), None


def _cancelled(environment: Environment) -> RunResult:
    return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment)


def _ladder(run: PathTimingRun) -> Ladder:
    if run.backbone is None:
        return ladder(preset_network(PRESETS[run.preset]), torch.zeros(2, 3, *run.size), run.exits)
    with seeded(0, "blocks"):
        blocks = blocks_of(run.backbone, run.size)
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
    if not 1 <= repeats <= MOST_REPEATS:
        raise BackboneError(f"{repeats} repeats were requested. Choose 1 to {MOST_REPEATS}.")
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
    times: list[list[float]] = [[] for _ in paths]
    with torch.inference_mode():
        for repeat in range(repeats + 1):
            for path, found in zip(paths, times, strict=True):
                with evaluating(path):
                    begin = time.perf_counter()
                    path(picture)
                    found.append(time.perf_counter() - begin)
            if look is not None and repeat and not look(repeat, repeats):
                return None
    return [statistics.median(found[1:]) for found in times]
