import numpy as np
import pytest
from scipy import stats

from core.affinity.evidence import Evidence, Origin
from core.affinity.gradient import GradientEffects
from core.errors import AffinityError


def test_affinity_is_the_mean_of_both_directions_in_proportion_to_own_effects():
    effects = GradientEffects(("a", "b"), (0, 1), np.array([[[[4.0, 1.0], [3.0, 1.0]]], [[[4.0, -1.0], [0.0, 3.0]]]]))
    np.testing.assert_allclose(effects.of_seeds()[:, 0, 0, 1], [1.0, -0.5 / np.sqrt(12)])
    np.testing.assert_allclose(effects.mean(), [[[4.0, 0.0], [1.5, 2.0]]])
    np.testing.assert_allclose(effects.affinity(), [[[1.0, 0.75 / np.sqrt(8)], [0.75 / np.sqrt(8), 1.0]]])


def test_a_block_that_does_not_help_its_own_task_has_no_affinity():
    effects = GradientEffects(("a", "b"), (0,), np.array([[[[0.0, 1.0], [1.0, 1.0]]]]))
    assert np.isnan(effects.affinity()[0, 0, 1])
    with pytest.raises(AffinityError, match="did not help a itself"):
        Evidence(Origin.GRADIENTS, effects.tasks, effects.affinity(), effects=effects).distances()
    assert effects.draws(5, np.random.default_rng(0)) is None


def test_seeds_move_affinities_as_their_share_of_the_mean_does():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 2, 3, 3)) * 0.1 + 5 * np.eye(3) + 1
    effects = GradientEffects(("a", "b", "c"), (0, 1, 2, 3), values)
    for seed, expected in enumerate(effects.deviations()):
        weights = np.full(4, 0.25)
        weights[seed] += 1e-6
        weights -= 1e-6 / 4
        moved = GradientEffects(effects.tasks, (0,), np.einsum("s,sbij->bij", weights, values)[None]).affinity()
        np.testing.assert_allclose((moved - effects.affinity()) / 1e-6, expected, atol=1e-6)


def test_draws_have_students_interval_in_each_cell():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 2, 3, 3)) * 0.1 + 5 * np.eye(3)
    effects = GradientEffects(("a", "b", "c"), (0, 1, 2, 3), values)
    draws = effects.draws(40_000, rng)
    assert draws is not None
    half = stats.t.ppf(0.95, 3) * effects.deviations().std(axis=0, ddof=1) / 2
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    np.testing.assert_allclose(high - low, 2 * half, rtol=0.05, atol=1e-12)
    np.testing.assert_allclose((low + high) / 2, effects.affinity(), atol=0.1 * half.max())


def test_effects_of_another_shape_are_refused():
    with pytest.raises(AffinityError, match="2 tasks from 1 seeds"):
        GradientEffects(("a", "b"), (0,), np.zeros((1, 3, 2, 3)))
    with pytest.raises(AffinityError, match="infinite"):
        GradientEffects(("a", "b"), (0,), np.full((1, 3, 2, 2), np.inf))
