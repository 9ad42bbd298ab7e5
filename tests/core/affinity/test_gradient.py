import numpy as np
import pytest
from scipy import stats

from core.affinity.gradient import GradientEffects
from core.errors import AffinityError


def test_affinity_is_the_mean_of_both_directions_in_proportion_to_own_effects():
    effects = GradientEffects(("a", "b"), (0, 1), np.array([[[[4.0, 1.0], [3.0, 1.0]]], [[[1.0, -1.0], [0.0, 1.0]]]]))
    np.testing.assert_allclose(effects.of_seeds()[:, 0, 0, 1], [1.0, -0.5])
    np.testing.assert_allclose(effects.affinity(), [[[1.0, 0.25], [0.25, 1.0]]])
    np.testing.assert_allclose(effects.mean(), [[[2.5, 0.0], [1.5, 1.0]]])


def test_a_block_that_does_not_help_its_own_task_has_no_affinity():
    effects = GradientEffects(("a", "b"), (0,), np.array([[[[0.0, 1.0], [1.0, 1.0]]]]))
    assert np.isnan(effects.affinity()[0, 0, 1])
    assert effects.draws(5, np.random.default_rng(0)) is None


def test_draws_have_students_interval_in_each_cell():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 2, 3, 3)) * 0.1 + 5 * np.eye(3)
    effects = GradientEffects(("a", "b", "c"), (0, 1, 2, 3), values)
    draws, found = effects.draws(40_000, rng), effects.of_seeds()
    assert draws is not None
    half = stats.t.ppf(0.95, 3) * found.std(axis=0, ddof=1) / 2
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    np.testing.assert_allclose(high - low, 2 * half, rtol=0.05, atol=1e-12)
    np.testing.assert_allclose((low + high) / 2, effects.affinity(), atol=0.1 * half.max())


def test_effects_of_another_shape_are_refused():
    with pytest.raises(AffinityError, match="2 tasks from 1 seeds"):
        GradientEffects(("a", "b"), (0,), np.zeros((1, 3, 2, 3)))
    with pytest.raises(AffinityError, match="infinite"):
        GradientEffects(("a", "b"), (0,), np.full((1, 3, 2, 2), np.inf))
