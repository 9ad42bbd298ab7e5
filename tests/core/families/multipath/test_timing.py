"""Paths measured on this machine."""

import pytest
import torch
from torch import nn

from core.errors import BackboneError, StudyError
from core.families.multipath.exits import PRESETS
from core.families.multipath.ladder import ladder
from core.families.multipath.network import backbone_ladder
from core.families.multipath.stages import stages_of
from core.families.multipath.timing import ladder_seconds, measure_run, path_seconds
from core.families.multipath.timing_run import PathTimingPayload, PathTimingRun
from core.runs.result import RunState
from core.runs.settings import BackboneSpecification
from core.training.workplace import Workplace

SMALL = PathTimingRun(
    backbone=BackboneSpecification(width=2), exits=("0", "2.conv1", "4"), size=(16, 16), repeats=3, asked=7
)


class Counted(nn.Module):
    """A block that counts how often it runs."""

    def __init__(self, n: int, log: list[int]) -> None:
        super().__init__()
        self.conv, self.n, self.log = nn.Conv2d(3, 3, 1), n, log
        self.conv.register_forward_hook(lambda *_: log.append(n))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def test_paths_take_turns_and_none_runs_what_lies_behind_its_exit():
    log: list[int] = []
    found = backbone_ladder([Counted(n, log) for n in range(3)], ("0", "1", "2"), (8, 8))
    stages = stages_of(found)
    log.clear()
    assert len(path_seconds(stages, torch.zeros(1, 3, 8, 8), repeats=2)) == 3
    # One round that is not counted, and two that are, in any order of the paths.
    turns = [log[n : n + 6] for n in range(0, 18, 6)]
    assert all(sorted(turn) == [0, 0, 0, 1, 1, 2] for turn in turns)


def test_a_measurement_is_stopped_after_a_repeat():
    found = backbone_ladder([nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)], ("0", "1"), (8, 8))
    seen: list[tuple[int, int]] = []

    def look(repeat: int, repeats: int) -> bool:
        seen.append((repeat, repeats))
        return repeat < 2

    assert ladder_seconds(found, repeats=5, look=look) is None
    assert seen == [(1, 5), (2, 5)]
    with pytest.raises(BackboneError, match="0 repeats"):
        ladder_seconds(found, repeats=0)


def test_modes_and_gradients_stay_as_they_are():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3)).train()
    before = network[1].running_mean.clone()
    ladder_seconds(ladder(network, torch.zeros(2, 3, 8, 8), ("0", "2")), repeats=1)
    assert all(module.training for module in network.modules())
    assert torch.equal(network[1].running_mean, before)


def test_a_run_measures_the_paths_of_a_study_and_says_where(tmp_path):
    result, weights = measure_run(SMALL, Workplace(tmp_path))
    assert (result.state, weights) == (RunState.DONE, None)
    payload = PathTimingPayload.model_validate(result.payload)
    assert payload.exits == SMALL.exits
    assert len(payload.seconds) == 3
    assert payload.repeats == 3
    assert result.environment.machine
    SMALL.check(result)
    with pytest.raises(StudyError, match="other paths"):
        SMALL.model_copy(update={"exits": ("0", "4")}).check(result)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_network_of_the_paper_can_be_measured(preset, tmp_path):
    size = PRESETS[preset].size
    run = PathTimingRun(preset=preset, exits=PRESETS[preset].exits, size=(size, size), repeats=1, asked=0)
    result, _ = measure_run(run, Workplace(tmp_path))
    assert len(PathTimingPayload.model_validate(result.payload).seconds) == len(run.exits)


@pytest.mark.parametrize("wrong", [{"preset": "resnet18-5"}, {"backbone": None}, {"exits": ("0", "99")}])
def test_a_run_of_no_network_or_of_two_is_refused(wrong, tmp_path):
    document = {**SMALL.model_dump(), **wrong}
    if "exits" in wrong:
        with pytest.raises(BackboneError, match="99"):
            measure_run(PathTimingRun.model_validate(document), Workplace(tmp_path))
        return
    with pytest.raises(ValueError, match="a preset, or of a backbone"):
        PathTimingRun.model_validate(document)
