"""What the lesson on exits and units says in words is true of its studies."""

import numpy as np

from app.lessons.values.exits_and_units import (
    ADDED,
    BEST,
    DOUBLED,
    PAPER,
    REVERSED,
    STATED,
    TAUGHT,
    cost,
    gains,
    least_imbalance,
    network,
    orders,
    paths,
    reached,
    view,
    virtual,
)
from app.ui.seed_means import Mean
from app.virtual.accuracy_model import difference
from core.families.virtual.totals import unit_totals


def ends(name, other):
    apart = network(name).gains["test"] - network(other).gains["test"]
    return Mean.of(apart.mean(axis=1)).interval


def test_the_answer_is_chosen_within_the_papers_cost_and_better_when_trained():
    found = view().within(cost(PAPER))
    assert found is not None
    assert found.exits == network(BEST).assign
    assert cost(BEST) <= cost(PAPER) == cost(REVERSED)
    assert ends(BEST, PAPER)[0] > 0
    assert reached(REVERSED).value < reached(PAPER).value < 0
    assert reached(BEST).interval[1] < 0


def test_the_last_block_brings_the_fine_question_little_and_the_third_the_coarse_one_much():
    assert gains()[2, 4] - gains()[2, 3] < 1 < gains()[0, 2] - gains()[0, 1]
    assert paths().exits[4].macs - paths().exits[3].macs > paths().exits[4].macs / 4


def test_the_common_order_is_unfair_and_better_on_the_first_level_only():
    common, nearest = orders("common"), orders("nearest")
    apart = difference(common, nearest, "test")
    assert np.ptp(unit_totals(common.orders)) > np.ptp(unit_totals(nearest.orders))
    assert apart[0].interval[0] > 0
    assert apart[-1].interval[0] < 0 < apart[-1].interval[1]
    alone = (common.gains["test"] - virtual().alone.gains["test"]).mean(axis=1)[:, 0]
    assert Mean.of(alone).interval[0] > 0
    # 30 uses of four units: seven or eight each at best.
    assert least_imbalance() == 1 / 7.5


def test_the_stated_weight_switches_teachers_off_and_only_the_larger_sum_is_beyond_its_control():
    assert STATED.weights == network(PAPER).loss.weights == (1.0, 0.0)
    assert ends(ADDED, DOUBLED)[0] < 0 < ends(ADDED, DOUBLED)[1]
    assert ends(TAUGHT, DOUBLED)[0] > 0
