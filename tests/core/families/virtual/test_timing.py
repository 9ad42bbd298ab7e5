"""Levels measured on this machine."""

import pytest
import torch

from core.backbones.division import Division
from core.errors import BackboneError, FamilyError, StudyError
from core.families.virtual.timing import level_ladder, measure_run
from core.families.virtual.timing_run import VirtualTimingPayload, VirtualTimingRun, level_times
from core.networks.small import small_residual
from core.runs.result import RunState
from core.runs.settings import BackboneSpecification
from core.training.workplace import Workplace

RUN = VirtualTimingRun(backbone=BackboneSpecification(width=4), units=2, size=(16, 16), repeats=2, asked=7)


def test_levels_are_plain_networks_of_their_units():
    blocks = small_residual(8)
    found = level_ladder(blocks, Division(4), (16, 16))
    expected = [
        sum(p.numel() for block in small_residual(2 * (level + 1)) for p in block.parameters()) for level in range(4)
    ]
    assert list(found.params) == expected
    x = torch.rand(2, 3, 16, 16)
    whole = torch.nn.Sequential(*blocks).eval()
    with torch.no_grad():
        assert torch.equal(found.levels[-1](x), whole(x.to(memory_format=torch.channels_last)))


def test_levels_take_turns_and_a_measurement_is_stopped_after_a_repeat():
    found, log, seen = level_ladder(small_residual(4), Division(2), (8, 8)), [], []
    for level, network in enumerate(found.levels):
        network.register_forward_hook(lambda _, inputs, __, level=level: log.append((level, len(inputs[0]))))

    def look(repeat, repeats):
        seen.append((repeat, repeats))
        return repeat < 2

    assert found.seconds(batch=3, repeats=5, look=look) is None
    assert seen == [(1, 5), (2, 5)]
    # One round that is not counted, and two that are, in any order of the levels.
    assert [{*log[n : n + 2]} for n in (0, 2, 4)] == 3 * [{(0, 3), (1, 3)}]


@pytest.mark.parametrize("wrong", [{"repeats": 0}, {"repeats": 201}, {"batch": 0}, {"batch": 257}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(BackboneError, match=str(next(iter(wrong.values())))):
        level_ladder(small_residual(4), Division(2), (8, 8)).seconds(**wrong)


def test_a_run_measures_the_levels_of_a_study_and_says_where(tmp_path):
    result, weights = measure_run(RUN, Workplace(tmp_path))
    assert (result.state, weights) == (RunState.DONE, None)
    RUN.check(result)
    with pytest.raises(StudyError, match="other levels"):
        RUN.model_copy(update={"batch": 2}).check(result)
    found = level_times([result], Division(2))
    assert found.payload == VirtualTimingPayload.model_validate(result.payload)
    assert len(found.milliseconds) == 2
    assert result.environment.machine in found.words


def test_the_last_measurement_of_these_levels_counts(tmp_path):
    result, _ = measure_run(RUN, Workplace(tmp_path))
    later = result.model_copy(update={"payload": {**result.payload, "seconds": [1.0, 2.0]}})
    damaged = result.model_copy(update={"payload": {"seconds": "none"}})
    assert level_times([result, later, damaged], Division(2)).milliseconds == (1000.0, 2000.0)
    assert level_times([result], Division(2), batch=64) is None
    assert level_times([result], Division(2, 0.5)) is None
    assert level_times([], Division(2)) is None


def test_a_backbone_without_units_is_one_sentence(tmp_path):
    with pytest.raises(FamilyError, match="3 units need a multiple of 3"):
        measure_run(RUN.model_copy(update={"units": 3}), Workplace(tmp_path))
