from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from core.affinity import Similarity
from core.costs import Unit, block_costs, layout_cost
from core.estimators.baselines import dissimilarity
from core.estimators.prediction import Estimator
from core.families.layouts.baselines import Method
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.selection.greedy import greedy_cuts
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


AFFINITY = 1 - similarity(seed=1).values


def baseline(trained, method, unit=None):
    return next(found for found in trained.baselines(AFFINITY) if found.method is method and unit in (None, found.unit))


def test_ours_comes_first_with_the_correlation_of_the_page(trained):
    ways = trained.baselines(AFFINITY)
    assert list(dict.fromkeys(found.method for found in ways)) == list(Method)
    assert [found.unit for found in ways if found.method is Method.LOW_COST] == ["parameters", "macs", "latency"]
    ours = (trained.agreement.spearman, trained.agreement.strata, trained.agreement.regret)
    assert (ways[0].spearman, ways[0].strata, ways[0].regret) == ours


def test_low_cost_ranks_the_cheapest_first_in_each_unit(trained):
    for unit in ("parameters", "macs"):
        found = baseline(trained, Method.LOW_COST, unit)
        costs = np.array(
            [layout_cost(x, block_costs(trained.view.study.backbone, Unit(unit))) for x in trained.oracle.layouts]
        )
        assert found.spearman.weighted.value == pytest.approx(stats.spearmanr(-costs, trained.scores).statistic)
        # Within layouts of similar cost it has nothing to say.
        assert found.strata is None


def test_a_random_layout_loses_what_all_lose_on_average(trained):
    found = baseline(trained, Method.RANDOM)
    n = len(trained.oracle.layouts)
    chosen = trained.oracle.validation @ trained.view.weights.values
    test = trained.oracle.test @ trained.view.weights.values
    lost = [test[1 - s, chosen[s].argmax()] - test[1 - s].mean() for s in (0, 1)]
    assert found.regret.value == pytest.approx(np.mean(lost))
    orders = [stats.spearmanr(np.arange(n), np.random.default_rng(s).permutation(n)).statistic for s in range(400)]
    assert found.spearman.weighted.high == pytest.approx(np.quantile(orders, 0.95), abs=0.06)
    assert trained.chosen_by(found, trained.view.independent) is None


def test_greedy_cuts_take_the_cut_that_predicts_the_most(trained):
    found = baseline(trained, Method.GREEDY)
    score = trained.view.score
    path = [trained.oracle.layouts[place] for place in found.places]
    assert path[0] == Layout.all_shared(3, 3)
    assert path[-1] == Layout.all_split(3, 3)
    for before, after in pairwise(path):
        assert after in set(before.cuts())
        assert score.score(after) == pytest.approx(max(score.score(cut) for cut in before.cuts()))


def test_affinity_ranks_by_the_distances_of_recombined_networks(trained):
    found = baseline(trained, Method.AFFINITY)
    totals = [dissimilarity(layout, AFFINITY) for layout in trained.oracle.layouts]
    expected = stats.spearmanr(-np.array(totals), trained.scores).statistic
    assert found.spearman.weighted.value == pytest.approx(expected)
    assert next(way for way in trained.baselines() if way.method is Method.AFFINITY).places == ()


@pytest.mark.parametrize("estimator", Estimator)
def test_every_method_follows_the_estimator_of_the_page(trained, estimator):
    view = budget_view(trained.view.study, "uniform", Unit.PARAMETERS, estimator)
    found = TrainedView(view, trained.oracle)
    # Of the table alone: what learned from these layouts can't be judged by them.
    predicted = [view.table_score.score(layout) for layout in trained.oracle.layouts]
    ours = found.baselines()[0]
    assert ours.scores.tolist() == pytest.approx(predicted)
    greedy = next(each for each in found.baselines() if each.method is Method.GREEDY)
    path = set(greedy_cuts(view.table_score))
    assert {trained.oracle.layouts[place] for place in greedy.places} == path & set(trained.oracle.layouts)
    for method in (Method.GREEDY, Method.GROUPING):
        way = next(each for each in found.baselines() if each.method is method)
        assert way.scores.tolist() == pytest.approx([predicted[place] for place in way.places])


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
        assert trained.chosen_by(trained.baselines()[0], limit).layout == trained.view.best(limit).layout


def test_with_every_layout_affordable_what_to_share_prefers_independent_networks(trained):
    chosen = trained.chosen_by(baseline(trained, Method.WHAT_TO_SHARE), trained.view.independent)
    assert chosen.layout == Layout.all_split(3, 3)


def test_nothing_is_taken_below_the_cheapest_layout(trained):
    limit = 0.3 * trained.view.independent
    assert all(trained.chosen_by(found, limit) is None for found in trained.baselines())


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
    assert {found.spearman for found in two.baselines()} == {None}
    none = only(trained, branching)
    assert none.chosen_by(baseline(none, Method.GROUPING), none.view.independent) is None
