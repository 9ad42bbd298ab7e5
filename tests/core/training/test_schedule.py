from itertools import pairwise

import pytest

from core.runs.result import CurvePoint
from core.runs.settings import TrainingSettings
from core.training.schedule import SCHEDULES, LearningRate, cosine, epoch_losses, one_cycle, plateau

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


def test_a_rate_falls_only_when_the_loss_has_stalled():
    falling = [0.98**epoch for epoch in range(40)]
    assert plateau(falling) == 1
    assert plateau([*falling, *falling[-1:] * 2]) == 1
    assert plateau([*falling, *falling[-1:] * 3]) == 0.1
    # Counting starts again, and it does not matter how high the loss jumps meanwhile.
    assert plateau([*falling, *falling[-1:] * 2, 5.0, 9.0, 9.0]) == 0.1
    assert plateau([*falling, *falling[-1:] * 2, 5.0, 9.0, 9.0, 9.0]) == 0.01
    assert plateau([*falling, 0.1, *falling[-1:] * 3]) == 0.1
    assert plateau([1.0] * 100) == 0.001


@pytest.mark.parametrize("factor", [1e-3, 1.0, 7.0])
def test_the_scale_of_the_loss_does_not_matter(factor):
    losses = [1.0, 0.8, 0.795, 0.9, 0.796, 0.6, 0.599, 0.598, 0.597, 0.5]
    assert [plateau([factor * loss for loss in losses[:n]]) for n in range(11)] == [
        plateau(losses[:n]) for n in range(11)
    ]


def test_losses_below_zero_fall_too():
    assert plateau([-1.0, -1.1, -1.2, -1.3, -1.4]) == 1
    assert plateau([-1.0, -1.0, -1.0, -1.0]) == 0.1


def test_the_loss_of_an_epoch_counts_every_step_once():
    # 70 steps an epoch, read every 50 steps and at the end of each epoch.
    curve = [
        CurvePoint(step=50, losses={"a": 1.0, "b": 2.0}),
        CurvePoint(step=70, losses={"a": 0.0, "b": 1.0}),
        CurvePoint(step=100, losses={"a": 0.5, "b": 0.5}),
        CurvePoint(step=140, losses={"a": 0.25, "b": 0.0}),
        CurvePoint(step=150, losses={"a": 9.0, "b": 9.0}),
    ]
    assert epoch_losses(curve, 70, 2) == pytest.approx([(50 * 3 + 20) / 70, (30 + 40 * 0.25) / 70])


def test_a_rate_depends_on_the_epochs_before_and_on_nothing_else():
    curve = [CurvePoint(step=10 * epoch, losses={"a": 1.0}) for epoch in range(1, 13)]
    settings = TrainingSettings(schedule="plateau", learning_rate=0.1, epochs=12)
    one_by_one = LearningRate(settings, 120, 10)
    rates = [one_by_one.at(step, curve) for step in range(120)]
    assert rates == [LearningRate(settings, 120, 10).at(step, curve) for step in range(120)]
    # Four epochs without a lower loss than the first, then three at a time.
    assert [rates[10 * epoch] for epoch in range(12)] == pytest.approx(
        [0.1] * 4 + [0.01] * 3 + [0.001] * 3 + [1e-4] * 2
    )


def test_warming_up_rises_to_the_peak_and_the_schedule_follows():
    settings = TrainingSettings(schedule="cosine", warm_up=0.2, learning_rate=1.0)
    rate = LearningRate(settings, 100, 10)
    found = [rate.at(step, []) for step in range(100)]
    assert found[0] == pytest.approx(0.04)
    assert found[20] == max(found) == 1.0
    assert all(one < other for one, other in pairwise(found[:21]))
    assert all(one > other for one, other in pairwise(found[20:]))
    assert found[60] == pytest.approx(cosine(0.5))
