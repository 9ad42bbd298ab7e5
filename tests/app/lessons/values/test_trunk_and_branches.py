"""What the lesson on trunk and branches says in words is true of its backbone, measurements and study."""

import numpy as np

from app.families.treednn.scores import difference, mean, values_of
from app.lessons.values.trunk_and_branches import (
    EARLY,
    N_BRANCHES,
    backbone,
    cut_at,
    deep_cut,
    results,
    switch_at,
    times,
)
from core.costs import CostQuestion
from core.families.treednn.costs import response
from core.families.treednn.published import CASE


def test_early_blocks_hold_little_and_compute_much():
    blocks = backbone().blocks
    params = np.array([block.params for block in blocks[:16]]).sum() / sum(block.params for block in blocks)
    macs = np.array([block.macs for block in blocks[:16]]).sum() / sum(block.macs for block in blocks)
    found = cut_at(16)
    assert params < 0.1 < 0.4 < macs
    assert found.params.relative == (N_BRANCHES - 1) / N_BRANCHES * params
    assert found.macs(CostQuestion.ONE_TASK).relative == 0


def test_a_switch_is_slower_than_its_bytes_say_and_loading_does_not_follow_bytes():
    deep = switch_at(deep_cut())
    whole, branch = times(deep)
    assert branch.first_output > response(whole.first_output, deep.loaded_share)
    assert branch.first_output - branch.load > branch.first_output / 2
    # Whichever branch, and whichever whole network of either row, it is compared with.
    wholes = [each.whole.warm for found in (deep, switch_at(16)) for each in found.report.branches]
    branches = [each.branch.warm for each in deep.report.branches]
    slowest, fastest = max(each.first_output for each in wholes), min(each.load for each in wholes)
    assert min(each.first_output for each in branches) > response(slowest, deep.loaded_share)
    assert max(each.load for each in branches) < deep.loaded_share * fastest / 2


def test_the_worst_branch_has_lost_before_its_trunk_is_frozen():
    worst = min(results().branches, key=lambda each: mean(difference(each)))
    alone, joint, own = (mean(each) for each in values_of(worst).values())
    assert joint <= own < alone


def test_the_slip_promises_more_the_less_is_shared():
    assert EARLY.trunk < CASE.trunk
    assert EARLY.gain_as_printed > CASE.gain_as_printed
    assert CASE.gain + CASE.tree == CASE.separate != CASE.gain_as_printed + CASE.tree
