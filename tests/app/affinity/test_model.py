import numpy as np
import pytest

from app.affinity.model import (
    affinity_view,
    against_own,
    is_quick,
    is_uncertain,
    mean_losses,
    n_draws,
    sureness,
)
from app.affinity.place import pair_shown
from core.affinity.distance import proportions
from core.affinity.evidence import Evidence, Origin, evidence_of_effects, evidence_of_losses, with_eigenvector
from core.affinity.gradient import GradientEffects
from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import Eigenvector

TASKS = ("a", "b", "c")


def planted(apart, *, n_samples=300, n_seeds=2, noise=0.4, seed=0):
    """Give losses that rise with how far apart target and source are, ``[n_depths, n_tasks, n_tasks]``."""
    apart = np.asarray(apart, dtype=float)
    rng = np.random.default_rng(seed)
    values = (1 + apart)[None, ..., None] * rng.lognormal(0, noise, (n_seeds, *apart.shape, n_samples))
    names = tuple("abcdefghijklmnopqrstuvwxyz"[: apart.shape[1]])
    return RecombinedLosses(names, tuple(range(n_seeds)), values.astype(np.float32))


DRIFT = np.array([[0, 0.1, 0.9], [0.1, 0, 0.9], [0.9, 0.9, 0]]) * np.array([0.1, 0.5, 1.0])[:, None, None]


def test_wins_against_the_own_encoder_are_shares_with_ties_half():
    values = np.array([[1.0, 2.0, 3.0, np.nan], [2.0, 2.0, 1.0, np.nan]])
    losses = RecombinedLosses(("a", "b"), (0,), np.stack([values, values]).astype(np.float32)[None, None])
    wins = against_own(losses)
    assert wins[0].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert mean_losses(losses)[0].round(6).tolist() == [[2.0, 1.666667]] * 2


def test_equal_encoders_win_half_and_a_missing_one_leaves_a_hole():
    losses = planted(np.zeros((2, 3, 3)), noise=0.0)
    losses.values[:, 1, 0, 2] = np.nan
    wins = against_own(losses)
    assert np.argwhere(np.isnan(wins)).tolist() == [[1, 0, 2]]
    assert set(wins[~np.isnan(wins)].tolist()) == {0.5}
    assert np.argwhere(np.isnan(mean_losses(losses))).tolist() == [[1, 0, 2]]


def test_proportions_are_those_of_the_evidence_over_any_leading_axes():
    evidence = evidence_of_losses(planted(DRIFT))
    np.testing.assert_allclose(proportions(np.stack([evidence.affinity] * 2))[1], evidence.normalised())
    np.testing.assert_allclose(np.diagonal(evidence.normalised(), axis1=1, axis2=2), 1.0)


def test_the_closest_pair_is_that_of_the_depth_that_is_shown():
    values = np.stack([np.eye(3), np.eye(3), np.full((3, 3), np.nan)])
    values[0, 0, 2] = values[0, 2, 0] = values[1, 1, 2] = values[1, 2, 1] = 0.5
    view = affinity_view(Evidence(Origin.FILE, TASKS, values))
    assert [view.closest(depth) for depth in range(3)] == [(0, 2), (1, 2), (0, 1)]
    assert [pair_shown(view, depth) for depth in range(2)] == [(0, 2), (1, 2)]


def test_what_is_far_apart_is_sure_and_what_is_chance_is_marked():
    far = affinity_view(evidence_of_losses(planted(DRIFT)))
    sure = sureness(far, np.random.default_rng(0))
    assert not is_uncertain(far, sure)[-1, 0, 1]
    inside = (sure.certainty.low <= far.normalised) & (far.normalised <= sure.certainty.high)
    assert inside.mean() > 0.8
    chance = affinity_view(evidence_of_losses(planted(np.zeros((1, 4, 4)), n_samples=40)))
    marked = is_uncertain(chance, sureness(chance, np.random.default_rng(0)))
    assert marked.sum() >= 6
    assert not np.diagonal(marked, axis1=1, axis2=2).any()


def test_without_losses_nothing_is_known_of_sureness_and_nothing_is_marked():
    view = affinity_view(Evidence(Origin.FEATURES, TASKS, np.ones((2, 3, 3))))
    assert sureness(view, np.random.default_rng(0)) is None
    assert not is_uncertain(view, None).any()


def test_depths_that_are_not_wholly_measured_have_no_interval():
    losses = planted(DRIFT)
    losses.values[:, 0, 0, 1] = np.nan
    sure = sureness(affinity_view(evidence_of_losses(losses)), np.random.default_rng(0))
    assert np.isnan(sure.certainty.low[0]).all()
    assert not np.isnan(sure.certainty.low[1:]).any()


def test_the_other_eigenvector_judges_the_same_losses_more_mildly():
    evidence = evidence_of_losses(planted(DRIFT))
    raw = with_eigenvector(evidence, Eigenvector.RAW)
    assert raw.losses is evidence.losses
    assert raw.normalised()[-1, 0, 2] > evidence.normalised()[-1, 0, 2]
    assert with_eigenvector(evidence, Eigenvector.AHP) is evidence
    tensor = Evidence(Origin.FILE, TASKS, evidence.affinity)
    assert with_eigenvector(tensor, Eigenvector.RAW) is tensor


@pytest.mark.parametrize(
    ("n_tasks", "n_samples", "quick", "draws"),
    [(3, 500, True, 200), (20, 500, False, 200), (40, 300, False, 200), (40, 500, False, 40)],
)
def test_many_tasks_are_drawn_in_the_background_and_less_often(n_tasks, n_samples, quick, draws):
    losses = RecombinedLosses(
        tuple(f"task {i}" for i in range(n_tasks)),
        (0,),
        np.broadcast_to(np.float32(1), (1, 16, n_tasks, n_tasks, n_samples)),
    )
    assert (is_quick(losses), n_draws(losses)) == (quick, draws)


def test_gradient_affinity_has_intervals_over_seeds_and_of_one_seed_none():
    values = np.stack([[[[2.0, help_], [help_, 2.0]]] for help_ in (0.4, 0.6, 0.5)])
    view = affinity_view(evidence_of_effects(GradientEffects(("a", "b"), (0, 1, 2), values)))
    sure = sureness(view, np.random.default_rng(0))
    assert sure is not None
    # Student's quantile of two degrees of freedom times the standard error of .2, .3 and .25.
    half = 2.92 * 0.05 / np.sqrt(3)
    assert view.normalised[0, 0, 1] == pytest.approx(0.25)
    np.testing.assert_allclose([sure.certainty.low[0, 0, 1], sure.certainty.high[0, 0, 1]], [0.25 - half, 0.25 + half],
                               atol=0.02)  # fmt: skip
    alone = affinity_view(evidence_of_effects(GradientEffects(("a", "b"), (0,), values[:1])))
    assert sureness(alone, np.random.default_rng(0)) is None
