from dataclasses import replace

import numpy as np
import pytest

from core.estimators.prediction import Estimator
from core.estimators.resampling import Spread
from core.families.layouts.pooled_noise import PooledNoise
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.measured import LayoutResults


@pytest.fixture(scope="session")
def trained(scene_of):
    return scene_of("trained").trained


def test_every_layout_has_the_mean_of_its_seeds_on_the_test_split(trained):
    assert {choice.layout for choice in trained.choices} == set(enumerate_layouts(3, 3))
    for place, choice in enumerate(trained.choices):
        seeds = trained.oracle.test[:, place]
        known = trained.figures(choice.layout)
        assert known.estimates == pytest.approx(seeds.mean(axis=0))
        assert known.score == pytest.approx(seeds.mean()) == pytest.approx(choice.score)
        for task in range(3):
            half = PooledNoise(trained.oracle.test[..., task]).half_widths[place]
            assert (known.low[task], known.high[task]) == pytest.approx(
                (seeds[:, task].mean() - half, seeds[:, task].mean() + half)
            )
        assert known.score_low <= known.score <= known.score_high


def test_its_front_is_what_no_trained_layout_beats(trained):
    points = [(choice.cost, choice.score) for choice in trained.choices]
    for choice in trained.front:
        assert not any(cost <= choice.cost and score > choice.score + 1e-9 for cost, score in points)
    best = max(score for _, score in points)
    assert trained.front[-1].score == pytest.approx(best)
    assert [choice.cost for choice in trained.front] == sorted(choice.cost for choice in trained.front)


def test_a_layout_that_was_not_trained_has_no_figures(trained):
    assert trained.place(Layout.all_shared(3, 4)) is None
    assert trained.figures(Layout.all_shared(3, 4)) is None


def test_predictions_stand_in_the_order_of_the_trained_layouts(trained):
    scores = [trained.view.figures(layout).score for layout in trained.oracle.layouts]
    assert trained.predicted == pytest.approx(np.array(scores))


def test_trained_layouts_judge_what_the_table_alone_predicts(trained):
    study = trained.view.study
    view = budget_view(study, "uniform", trained.view.unit, Estimator.BAYES)
    known = TrainedView(view, trained.oracle)
    untrained = replace(study, results={"layouts": replace(study.result(LayoutResults), oracle=None)})
    alone = budget_view(untrained, "uniform", trained.view.unit, Estimator.BAYES)
    assert known.predicted == pytest.approx([alone.score.score(layout) for layout in trained.oracle.layouts])
    # What is recommended takes in all that is known.
    learned = [view.score.score(layout) for layout in trained.oracle.layouts]
    assert learned != pytest.approx(known.predicted.tolist(), abs=0.01)
    assert (view.spread, alone.spread) == (Spread.TRAINED, Spread.POSTERIOR)


def test_independent_networks_are_the_zero_of_training_too(trained):
    known = trained.figures(Layout.all_split(3, 3))
    assert known.estimates == pytest.approx(np.zeros(3))


def test_agreement_is_the_same_every_time(trained):
    again = TrainedView(trained.view, trained.oracle)
    assert again.agreement == trained.agreement
    assert -1 <= trained.agreement.spearman.weighted.value <= 1


def test_one_seed_has_no_interval_and_equals_nothing(trained):
    oracle = replace(trained.oracle, seeds=(7,), validation=trained.oracle.validation[:1], test=trained.oracle.test[:1])
    alone = TrainedView(trained.view, oracle)
    assert not any(alone.figures(layout).has_interval for layout in oracle.layouts)
    assert alone.cheapest_equal == list(range(len(alone.front)))
