import pytest

from app.jobs.next_training import _as_on_pages, goal_of
from app.plane.scene import Scene
from core.costs import Unit
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import budget_view
from core.studies.advice import Advice


@pytest.mark.parametrize("estimator", [Estimator.BAYES, Estimator.PAPER])
def test_a_layout_is_as_sure_on_train_as_on_the_other_pages(study_of, estimator):
    scene = Scene(budget_view(study_of("trained"), "svde", Unit.MACS, estimator), None)
    layout, goal = scene.view.front[0].layout, goal_of(scene, 0.6)
    found = _as_on_pages(scene, Advice(layout, 1.0, 0.1, 2.0, ()), goal)
    # What to train next is always told with Bayes: other estimators have another answer.
    same = scene.view.certainty.near(layout, 0.6, goal.tolerance)
    assert found.probability == (same if estimator is Estimator.BAYES else 2.0)
