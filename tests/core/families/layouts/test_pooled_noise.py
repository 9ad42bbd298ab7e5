"""Pooled noise: coverage by simulation, the limits that are known in closed form, and what has no noise."""

import numpy as np
import pytest

from core.families.layouts.pooled_noise import PooledNoise
from core.plane.interval import t_half_widths


def gains_of(rng, n_seeds, n_layouts, *, seed=1.0, own=1.0):
    """Draw gains whose true means are 0."""
    common = seed * rng.standard_normal((n_seeds, 1))
    return common + own * rng.standard_normal((n_seeds, n_layouts))


@pytest.mark.parametrize("seed", [0.0, 0.5, 3.0])
def test_intervals_hold_as_often_as_they_say(seed):
    rng, held, between, widths, alone = np.random.default_rng(0), [], [], [], []
    for _ in range(1500):
        gains = gains_of(rng, 2, 12, seed=seed)
        noise = PooledNoise(gains)
        held.append(abs(gains[:, 0].mean()) <= noise.half_widths[0])
        between.append(abs(gains[:, 0].mean() - gains[:, 1].mean()) <= noise.between(0, 1))
        widths.append(noise.half_widths[0])
        alone.append(float(t_half_widths(gains)[0]))
    # Too wide where both parts matter, never too narrow.
    assert 0.88 <= np.mean(held) <= 0.98
    assert 0.87 <= np.mean(between) <= 0.93
    if not seed:
        assert np.mean(widths) < 0.5 * np.mean(alone)


def test_without_a_common_part_it_is_the_pooled_t_interval_of_many():
    gains = gains_of(np.random.default_rng(1), 3, 4000, seed=0.0)
    # Quantile .95 of the normal, of a mean over three seeds of deviation 1.
    assert PooledNoise(gains).half_widths == pytest.approx(1.645 / np.sqrt(3), rel=0.05)


def test_what_all_layouts_have_in_common_has_the_freedom_of_the_seeds():
    common = np.array([[1.0], [4.0]])
    gains = common + np.linspace(0, 5, 6)
    noise = PooledNoise(gains)
    assert noise.half_widths == pytest.approx(t_half_widths(gains))
    # It cancels between layouts.
    assert noise.between(0, 1) == pytest.approx(0.0, abs=1e-9)
    assert not noise.within_noise()[0, 1]


def test_single_task_networks_have_no_noise_and_are_left_out_of_that_of_others():
    gains = gains_of(np.random.default_rng(2), 2, 8)
    noise, more = PooledNoise(gains), PooledNoise(np.hstack([gains, np.zeros((2, 3))]))
    assert more.half_widths[:8] == pytest.approx(noise.half_widths)
    assert (more.half_widths[8:] == 0).all()
    assert more.between(0, 8) == pytest.approx(noise.half_widths[0])
    assert more.within_noise()[8, 9]


def test_one_seed_and_one_layout_say_what_they_can():
    assert np.isinf(PooledNoise(np.ones((1, 4))).half_widths).all()
    alone = np.array([[1.0], [2.0]])
    assert PooledNoise(alone).half_widths == pytest.approx(t_half_widths(alone))
