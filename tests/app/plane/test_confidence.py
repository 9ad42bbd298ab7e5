"""How sure a plane is of what it recommends, and what it says where noise hides every gain."""

import base64
import json
import zlib

import numpy as np
import pytest

from app.overview.model import recommendation
from app.plane.confidence import CHEAPEST_OF_ALL, TRAIN_MORE, caution, not_told_apart
from app.plane.scene import Scene
from app.ui.formatting import share
from core.backbones import Backbone, Block
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.estimators.basis import basis_of
from core.estimators.prediction import Estimator, score
from core.families.layouts.predictions import budget_view
from core.studies.measured import LayoutResults
from core.studies.study import Study


def unpacked(text: str) -> list:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def noisy_study(values: np.ndarray) -> Study:
    """A study of three tasks and three blocks with these gains, ``[n_seeds, 3, 3, 4]``."""
    values[:, range(3), range(3)] = 0
    tasks = ("one", "two", "three")
    backbone = Backbone("net", tuple(Block(f"b{number}", 10, 10) for number in range(3)))
    return Study(
        "s", "S", "", tasks, backbone, results={"table": LayoutResults(TwoTaskTable.from_samples(tasks, values))}
    )


def test_confidence_is_the_same_wherever_it_is_shown(scene_of):
    scene = scene_of("five")
    for percentage in (30, 45, 60, 100):
        advice = scene.recommended(percentage / 100)
        layout = scene.front[advice.place].layout
        picked = scene.entry(layout, budget=percentage / 100, tolerance=0.3)
        sent = unpacked(scene.confidences(0.3))[percentage - 1]
        assert sent == [picked.sure, picked.sureNote]
        expected = share(scene.view.certainty.share(layout, percentage / 100))
        assert picked.sure == ("within noise" if advice.is_cheaper else expected)
        near = share(scene.view.certainty.near(layout, percentage / 100, 0.3))
        assert f"within 0.3 points of the best in {near}" in picked.sureNote
        overview = recommendation(scene.view, None, percentage / 100, 0.3)
        assert overview.confidence == (
            picked.sure,
            f"{'' if advice.is_cheaper else 'best; '}{near} within 0.3 points",
        )
        assert f"within 0.3 points of the best in {near}" in overview.how_sure
    # Without a tolerance there is one number.
    assert "points" not in str(unpacked(scene.confidences(0.0)))


def test_below_the_cheapest_layout_and_without_seeds_there_is_no_confidence(scene_of):
    scene = scene_of("five")
    cheapest = scene.view.fraction(scene.front[0].cost)
    sent = unpacked(scene.confidences(0.2))
    assert [found is None for found in sent] == [percentage / 100 < cheapest for percentage in range(1, 101)]
    assert set(unpacked(scene_of("trained", shown=True).confidences(0.2))) == {None}


def test_where_noise_hides_every_gain_the_page_says_so_and_recommends_the_cheapest():
    # Two blocks gain .1 points and the third loses .01, with three seeds of a point or two up and down.
    shared = np.array([0, 1, 2, 1.8])
    values = np.zeros((3, 3, 3, 4)) + shared * np.array([1.5, -1.0, -0.35])[:, None, None, None]
    found = noisy_study(values)
    scene = Scene(budget_view(found, "uniform", Unit.PARAMETERS), None)
    said = scene.advice(len(scene.front) - 1)
    assert scene.recommended(1.0).place == 0 < scene.recommended(1.0).best
    assert CHEAPEST_OF_ALL in said
    assert "includes 0" in said
    overview = recommendation(scene.view, None, 1.0)
    assert CHEAPEST_OF_ALL in overview.why_not_best
    assert "includes 0" in overview.what_you_get


def test_noise_does_not_make_a_predicted_loss_equal_to_single_task_networks():
    # Every block loses two points, and seeds differ by ten times that.
    values = np.zeros((3, 3, 3, 4)) + np.arange(4) * np.array([20.0, -20.0, -6.0])[:, None, None, None]
    values[..., 0] = 0
    scene = Scene(budget_view(noisy_study(values), "uniform", Unit.PARAMETERS), None)
    whole, half = scene.recommended(1.0), scene.recommended(0.5)
    assert scene.front[0].score < -5 < scene.front[whole.place].score + 5
    assert scene.front[whole.place].score >= 0
    # Where single-task networks do not fit and all that fits is predicted to lose, a cheaper one that may lose more
    # does not stand for the best.
    assert 0 < half.place == half.best


def test_where_noise_hides_much_more_training_is_asked_for():
    assert not_told_apart("8.0", 50.0).endswith(TRAIN_MORE)
    assert TRAIN_MORE not in not_told_apart("0.1", 0.3)


def test_layouts_that_equal_the_cheapest_may_all_gain_more_than_noise():
    # Sharing gains four points in every seed; how much is shared makes no difference that seeds don't hide.
    values = np.zeros((3, 3, 3, 4)) + 4 + np.arange(4) * np.array([-0.25, 0.24, 0.0])[:, None, None, None]
    values[..., 0] = 0
    scene = Scene(budget_view(noisy_study(values), "uniform", Unit.PARAMETERS), None)
    advice = scene.recommended(1.0)
    assert advice.place == 0
    said = scene.advice(advice.best)
    assert (CHEAPEST_OF_ALL in said) == advice.is_cheaper
    assert "includes 0" not in said
    assert scene.figures(scene.front[0].layout).score_low > 1


def test_where_gains_exceed_noise_nothing_is_said_of_it():
    rng = np.random.default_rng(3)
    values = np.zeros((3, 3, 3, 4)) + 2 * np.array([0, 3, 2, 1]) + 0.01 * rng.normal(size=(3, 3, 3, 4))
    values[..., 0] = 0
    scene = Scene(budget_view(noisy_study(values), "uniform", Unit.PARAMETERS), None)
    best = scene.recommended(1.0)
    assert best.place == best.best
    assert scene.advice(best.best) == ""


def test_one_seed_has_a_posterior_and_says_that_it_is_one():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1, 3, 3, 4))
    values[..., 0] = 0
    study = noisy_study(values)
    scene = Scene(budget_view(study, "uniform", Unit.PARAMETERS, Estimator.BAYES), None)
    assert scene.knows_noise
    sent = [found for found in unpacked(scene.confidences(0.2)) if found]
    assert sent
    assert all("one seed" in note or value == "within noise" for value, note in sent)
    assert "1 seed" in scene.provenance
    overview = recommendation(scene.view, None, 1.0, 0.2)
    assert "One seed: how much seeds differ is assumed, not seen." in overview.how_sure


@pytest.mark.parametrize("estimator", Estimator)
def test_every_number_of_a_plane_follows_the_estimator(study_of, estimator):
    study = study_of("scenes")
    scene = Scene(budget_view(study, "uniform", Unit.PARAMETERS, estimator), None)
    filled, weights = basis_of(study.table, "uniform", estimator)
    for choice, entry in zip(scene.front, scene.entries, strict=True):
        expected = score(filled.values, weights.values, choice.layout, estimator)
        assert entry.score == pytest.approx(expected)
        assert scene.figures(choice.layout).score == pytest.approx(expected)
    assert scene.provenance.startswith(f"{estimator} estimator, ")
    limit = scene.view.limit(0.6)
    regret = scene.view.regret(limit)
    best = scene.view.best(limit)
    points = best.layout.branch_points()
    assert all(regret[i, j, points[i, j]] == pytest.approx(0) for i, j in ((0, 1), (0, 2), (1, 2)))
    # Pairs are shown as they were measured.
    np.testing.assert_allclose(scene.view.pairs, basis_of(study.table, "uniform", Estimator.PAPER)[0].values)


def test_an_estimator_whose_intervals_leave_out_new_seeds_says_so(study_of):
    study = study_of("scenes")
    for estimator in Estimator:
        view = budget_view(study, "uniform", Unit.PARAMETERS, estimator)
        said = recommendation(view, None, 1.0, 0.2).how_sure
        assert ("leave out new seeds" in said) == (estimator is not Estimator.BAYES)
        assert caution(view) in said
