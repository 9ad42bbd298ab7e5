from itertools import pairwise

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.costs import Unit
from core.errors import BackboneError, BudgetError
from core.estimators import TwoTaskTable
from core.families.layouts.predictions import CLOUD, SAMPLE, available_units, budget_view, differing_blocks
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.measured import LayoutResults
from core.studies.study import Study


@pytest.fixture(scope="session")
def view(scene_of):
    return scene_of("scenes").view


def test_the_front_is_what_no_layout_beats(view):
    every = [(view.cost(x), view.score.score(x)) for x in enumerate_layouts(3, 5)]
    kept = {
        (round(cost), round(score, 6))
        for cost, score in every
        if not any(c <= cost and s >= score - 1e-12 and (c < cost or s > score + 1e-9) for c, s in every)
    }
    assert {(round(choice.cost), round(choice.score, 6)) for choice in view.front} == kept
    assert all(a.cost < b.cost and a.score < b.score for a, b in pairwise(view.front))


def test_front_and_cloud_are_all_layouts_once(view):
    shown = [choice.layout for choice in (*view.front, *view.cloud)]
    assert len(shown) == view.n_layouts == 51
    # Layouts of equal cost and score stand for each other on the front, so nothing is there twice.
    assert len(set(shown)) == 51


@pytest.mark.parametrize(("name", "most"), [("five", CLOUD), ("ten", SAMPLE)])
def test_a_large_study_shows_a_sample(scene_of, name, most):
    view = scene_of(name).view
    cloud = [choice.layout for choice in view.cloud]
    assert most * 0.9 < len(cloud) <= most
    assert len({*cloud, *(choice.layout for choice in view.front)}) == len(cloud) + len(view.front)
    for choice in view.cloud[:20]:
        assert (choice.score, choice.cost) == (view.score.score(choice.layout), view.cost(choice.layout))


def test_a_sample_and_the_resampled_tables_are_the_same_every_time(study_of, scene_of):
    view, again = scene_of("five").view, budget_view(study_of("five"), "uniform", Unit.PARAMETERS)
    assert view.cloud == again.cloud
    assert np.array_equal(view.draws, again.draws)


@pytest.mark.parametrize("budget", [0.34, 0.5, 0.6, 1.0])
def test_the_best_within_a_budget_is_the_first_of_the_top(view, budget):
    limit = budget * view.independent
    best, top = view.best(limit), view.top(limit, 5).choices
    assert best == top[0]
    assert all(choice.cost <= limit * (1 + 1e-9) for choice in top)
    assert [choice.score for choice in top] == sorted((choice.score for choice in top), reverse=True)


def test_below_the_cheapest_nothing_fits(view):
    assert view.best(view.front[0].cost * 0.99) is None
    with pytest.raises(BudgetError, match="cheapest"):
        view.top(view.front[0].cost * 0.99, 3)


def test_a_budget_that_is_just_the_cost_of_a_layout_keeps_it(view):
    for choice in view.front:
        assert view.best(view.fraction(choice.cost) * view.independent).layout == choice.layout


def test_independent_networks_are_the_whole_cost_and_the_zero(view):
    split = Layout.all_split(3, 5)
    assert view.fraction(view.cost(split)) == pytest.approx(1.0)
    known = view.figures(split)
    assert known.score == known.score_low == known.score_high == 0.0


def test_figures_are_weighted_and_lie_in_their_intervals(view):
    for choice in view.front:
        known = view.figures(choice.layout)
        assert known.score == pytest.approx(float(view.weights.values @ known.estimates)) == pytest.approx(choice.score)
        assert (known.low <= known.high).all()
        assert known.score_low <= known.score_high


def test_a_table_without_seeds_has_intervals_of_no_width():
    values = np.zeros((2, 2, 3))
    values[0, 1, 1:], values[1, 0, 1:] = 1.0, 2.0
    backbone = Backbone("net", (Block("a", 1, 1), Block("b", 1, 1)))
    found = budget_view(
        Study("s", "S", "", ("x", "y"), backbone, results={"table": LayoutResults(TwoTaskTable(("x", "y"), values))}),
        "uniform",
        Unit.MACS,
    )
    known = found.figures(Layout.all_shared(2, 2))
    assert known.score_low == known.score == known.score_high == 1.5


def test_only_units_that_every_block_has_are_offered(study_of):
    assert set(available_units(study_of("scenes"))) == set(Unit)
    assert set(available_units(study_of("marked"))) == set(Unit) - {Unit.LATENCY}
    with pytest.raises(BackboneError):
        budget_view(study_of("marked"), "uniform", Unit.LATENCY)


def test_units_agree_where_they_must(scene_of):
    params, stored = (scene_of("five", unit).view for unit in (Unit.PARAMETERS, Unit.BYTES))
    assert [c.layout for c in params.front] == [c.layout for c in stored.front]
    assert [4 * c.cost for c in params.front] == [c.cost for c in stored.front]


def test_blocks_at_which_two_layouts_differ():
    one = Layout.parse("0,1,2 | 0,1;2 | 0,1;2 | 0;1;2")
    assert differing_blocks(one, one) == []
    assert differing_blocks(one, Layout.parse("0,1,2 | 0,1,2 | 0,1;2 | 0,1;2")) == [1, 3]
