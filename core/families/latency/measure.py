"""How long blocks take on this machine: every block of every network in turn, so that all meet the same machine."""

from collections.abc import Sequence
from datetime import UTC, datetime

import torch
from torch import nn

from core.backbones.division import Division
from core.families.latency.runs import LatencyPayload, LatencyRun
from core.networks.narrow import NarrowChain, check_units, weights_of
from core.networks.state import evaluating
from core.networks.study_blocks import blocks_of
from core.runs.result import RunResult
from core.studies.latencies import TimedBlocks
from core.training.build import seeded
from core.training.turns import Call, Look, measurement, quartiles_in_turn
from core.training.workplace import Workplace


def measure_run(run: LatencyRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a measurement of latency.

    Args:
        run: Which blocks.
        place: Who receives progress.

    Raises:
        BackboneError: A network can't be made.
        FamilyError: One can't be cut into units.
    """

    def measure(look: Look) -> LatencyPayload | None:
        calls = [_calls(network_blocks(network, run.size), run.size) for network in run.networks]
        quartiles = quartiles_in_turn([call for each in calls for call in each], repeats=run.repeats, look=look)
        if quartiles is None:
            return None
        left = iter(map(tuple, quartiles.tolist()))
        found = tuple(tuple(next(left) for _ in each) for each in calls)
        return LatencyPayload(seconds=found, measured=datetime.now(UTC).date().isoformat())

    return measurement(run, place, measure), None


def network_blocks(network: TimedBlocks, size: tuple[int, int]) -> list[nn.Module]:
    """Return the blocks of a network that is timed, with random weights.

    Args:
        network: Which one.
        size: Height and width of the pictures.

    Raises:
        BackboneError: It can't be made.
        FamilyError: It can't be cut into units.
    """
    with seeded(0, "blocks"):
        blocks = blocks_of(network.backbone, size)
    if not network.units:
        return blocks
    division = Division(network.units, network.base)
    reading = check_units(blocks, division, torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0)))
    narrow = NarrowChain(blocks, division, range(network.level + 1), reading)
    return [*narrow.dense(weights_of(blocks))]


def _calls(blocks: Sequence[nn.Module], size: tuple[int, int]) -> list[Call]:
    """Return every block with what it is given where the blocks run on one picture."""
    x, found = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0)), []
    for block in blocks:
        found.append((block, x))
        with evaluating(block), torch.inference_mode():
            x = block(x)
    return found
