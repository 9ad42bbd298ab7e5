from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.affinity import Similarity
from core.costs import layout_cost
from core.estimators.baselines import dissimilarity
from core.families.layouts.baselines import Method
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.measured import Oracle


def similarity(n_blocks=3, seed=0):
    values = np.random.default_rng(seed).uniform(-0.5, 0.9, (n_blocks, 3, 3))
    values = (values + values.transpose(0, 2, 1)) / 2
    values[:, range(3), range(3)] = 1.0
    return Similarity(values, 0, 200)


@pytest.fixture(scope="module")
def trained(scene_of):
    """Give the study of which every layout was trained, with similarities."""
    found = scene_of("trained").trained
    view = replace(found.view, study=replace(found.view.study, similarity=similarity()))
    return TrainedView(view, found.oracle)


def only(trained, layouts):
    """Give the view with an oracle of some layouts."""
    places = [trained.place(layout) for layout in layouts]
    oracle = trained.oracle
    return TrainedView(
        trained.view,
        Oracle(tuple(layouts), oracle.seeds, oracle.validation[:, places], oracle.test[:, places]),
    )


def baseline(trained, method):
    return next(found for found in trained.baselines if found.method is method)


def test_ours_comes_first_with_the_correlation_of_the_page(trained):
    assert [found.method for found in trained.baselines] == list(Method)
    assert trained.baselines[0].spearman == trained.agreement.spearman


def test_what_to_share_is_judged_by_its_total_dissimilarity(trained):
    totals = [dissimilarity(layout, trained.view.study.similarity.distances) for layout in trained.oracle.layouts]
    found = baseline(trained, Method.WHAT_TO_SHARE)
    expected = stats.spearmanr(-np.array(totals), trained.scores).statistic
    assert found.spearman.weighted.value == pytest.approx(expected)
    expected = stats.spearmanr(-np.array(totals), trained.means.mean(axis=1)).statistic
    assert found.spearman.mean.value == pytest.approx(expected)
    assert found.spearman.mean.low <= found.spearman.mean.value <= found.spearman.mean.high


def test_task_grouping_knows_only_layouts_that_never_branch(trained):
    found = baseline(trained, Method.GROUPING)
    layouts = [trained.oracle.layouts[place] for place in found.places]
    assert set(layouts) == {Layout(layout.partitions * 3) for layout in enumerate_layouts(3, 1)}
    places = list(found.places)
    expected = stats.spearmanr(trained.predicted[places], trained.scores[places]).statistic
    assert found.spearman.weighted.value == pytest.approx(expected)


@pytest.mark.parametrize("budget", [0.34, 0.5, 0.6, 0.75, 0.9, 1.0])
def test_each_takes_what_it_likes_best_of_what_fits(trained, budget):
    limit = budget * trained.view.independent
    fitting = [x for x in trained.oracle.layouts if layout_cost(x, trained.view.costs) <= limit * (1 + 1e-9)]
    distances = trained.view.study.similarity.distances
    likes = {
        Method.OURS: (fitting, trained.view.score.score),
        Method.WHAT_TO_SHARE: (fitting, lambda layout: -dissimilarity(layout, distances)),
        Method.GROUPING: ([x for x in fitting if len(set(x.partitions)) == 1], trained.view.score.score),
    }
    for method, (candidates, liking) in likes.items():
        chosen = trained.chosen_by(baseline(trained, method), limit)
        assert chosen.layout in candidates
        assert liking(chosen.layout) == pytest.approx(max(map(liking, candidates)))
        assert chosen.score == pytest.approx(trained.scores[trained.place(chosen.layout)])


def test_ours_takes_the_layout_the_page_shows(trained):
    for budget in (0.4, 0.6, 0.8, 1.0):
        limit = budget * trained.view.independent
        assert trained.chosen_by(trained.baselines[0], limit).layout == trained.view.best(limit).layout


def test_with_every_layout_affordable_what_to_share_prefers_independent_networks(trained):
    chosen = trained.chosen_by(baseline(trained, Method.WHAT_TO_SHARE), trained.view.independent)
    assert chosen.layout == Layout.all_split(3, 3)


def test_nothing_is_taken_below_the_cheapest_layout(trained):
    limit = 0.3 * trained.view.independent
    assert all(trained.chosen_by(found, limit) is None for found in trained.baselines)


def test_tasks_that_are_equally_alike_let_the_cheaper_layout_win(trained):
    alike = Similarity(np.ones((3, 3, 3)), 0, 200)
    view = TrainedView(replace(trained.view, study=replace(trained.view.study, similarity=alike)), trained.oracle)
    found = baseline(view, Method.WHAT_TO_SHARE)
    assert found.spearman.weighted.value is None
    assert view.chosen_by(found, trained.view.independent).layout == Layout.all_shared(3, 3)


def test_without_similarities_what_to_share_ranks_nothing(scene_of):
    found = scene_of("trained").trained
    what_to_share = baseline(found, Method.WHAT_TO_SHARE)
    assert (what_to_share.places, what_to_share.spearman) == ((), None)
    assert found.chosen_by(what_to_share, found.view.independent) is None


def test_few_groupings_are_not_correlated_but_still_choose(trained):
    branching = [layout for layout in trained.oracle.layouts if len(set(layout.partitions)) > 1][:5]
    few = only(trained, [*branching, Layout.all_shared(3, 3), Layout.all_split(3, 3)])
    found = baseline(few, Method.GROUPING)
    assert found.spearman is None
    assert few.chosen_by(found, 0.5 * few.view.independent).layout == Layout.all_shared(3, 3)
    two = only(trained, branching[:2])
    assert [found.spearman for found in two.baselines] == [None, None, None]
    none = only(trained, branching)
    assert none.chosen_by(baseline(none, Method.GROUPING), none.view.independent) is None
