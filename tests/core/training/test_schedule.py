from itertools import pairwise

import pytest

from core.training.schedule import SCHEDULES, one_cycle

STEPS = [step / 100 for step in range(101)]


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_rates_lie_between_zero_and_the_peak_and_reach_it(name):
    rates = [SCHEDULES[name](step) for step in STEPS]
    assert min(rates) > 0
    assert max(rates) == pytest.approx(1)
    assert rates[-1] < 0.02


def test_one_cycle_rises_to_30_percent_and_then_falls():
    rates = [one_cycle(step) for step in STEPS]
    assert all(a < b for a, b in pairwise(rates[:31]))
    assert all(a > b for a, b in pairwise(rates[30:]))
