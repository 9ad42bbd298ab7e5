import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import AffinityError
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.selection.beam import beam_tree
from core.selection.branched import BranchedCase, ExactSearch, alpha_path, best_tree


@st.composite
def cases(draw, *, ties=False):
    n_tasks, n_depths = draw(st.sampled_from([(2, 1), (2, 3), (3, 1), (3, 3), (4, 2), (4, 3), (5, 2)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    shape = (n_depths, n_tasks, n_tasks)
    far = rng.integers(0, 4, shape) / 4 if ties else rng.random(shape)
    far = np.maximum(far, far.transpose(0, 2, 1))
    far[:, range(n_tasks), range(n_tasks)] = 0
    return BranchedCase(far, tuple(rng.integers(0, 4, n_depths).tolist()))


def brute(case, alpha):
    trees = [case.tree(layout, alpha) for layout in enumerate_layouts(case.n_tasks, case.n_depths)]
    least = min(tree.cost for tree in trees)
    best = [tree for tree in trees if tree.cost <= least + 1e-9]
    return least, min(tree.layout.n_groups for tree in best)


@settings(max_examples=80, deadline=None)
@given(st.one_of(cases(), cases(ties=True)), st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.3, 1.0]))
def test_the_exact_tree_is_the_cheapest_of_all_with_fewest_branches(case, alpha):
    found = best_tree(case, alpha)
    least, branches = brute(case, alpha)
    assert found.cost == pytest.approx(least, abs=1e-9)
    assert found.layout.n_groups == branches


@settings(max_examples=60, deadline=None)
@given(st.one_of(cases(), cases(ties=True)), st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.3, 1.0]))
def test_looking_through_refinements_and_handing_costs_along_merges_agree(case, alpha):
    # Without any step allowed, costs are handed along merges.
    looked, handed = ExactSearch(case).best(alpha), ExactSearch(case, most_steps=0).best(alpha)
    assert looked == handed


@pytest.mark.parametrize("most_steps", [0, 10**6])
@settings(max_examples=30, deadline=None)
@given(cases(), st.sampled_from([0.0, 0.05, 0.3]), st.data())
def test_tasks_that_must_share_do_and_no_cheaper_tree_has_them_together(most_steps, case, alpha, data):
    depth = data.draw(st.integers(0, case.n_depths - 1))
    pair = data.draw(st.sampled_from([(i, j) for j in range(case.n_tasks) for i in range(j)]))
    found = ExactSearch(case, most_steps=most_steps).best(alpha, together=(depth, pair))
    assert found.branch_points()[pair] > depth
    least = min(
        case.tree(layout, alpha).cost
        for layout in enumerate_layouts(case.n_tasks, case.n_depths)
        if layout.branch_points()[pair] > depth
    )
    assert case.tree(found, alpha).cost == pytest.approx(least, abs=1e-9)


def test_a_known_cost_changes_the_way_and_not_the_answer():
    rng = np.random.default_rng(5)
    far = rng.random((4, 8, 8))
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(8), range(8)] = 0
    case = BranchedCase(far, (3, 2, 1, 0))
    search = ExactSearch(case)
    for alpha in (0.0, 0.01, 0.03, 0.1):
        tree = case.tree(search.best(alpha), alpha)
        assert search.best(alpha, upper=tree.cost) == search.best(alpha, upper=tree.cost * 2 + 1) == tree.layout


def test_the_terms_of_every_depth_add_up():
    rng = np.random.default_rng(1)
    far = rng.random((3, 4, 4))
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(4), range(4)] = 0
    case = BranchedCase(far, (2, 1, 0))
    layout = Layout.parse("0,1,2,3|0,1;2,3|0;1;2,3")
    clustering, complexity = case.terms(layout)
    tree = case.tree(layout, 0.1)
    assert clustering.sum() == pytest.approx(tree.clustering)
    assert complexity.tolist() == [0.0, 2.0, 2.0]
    assert tree.complexity == 4.0


@settings(max_examples=40, deadline=None)
@given(cases())
def test_the_path_has_the_cheapest_tree_for_every_alpha(case):
    path = alpha_path(case)
    starts = [start for start, _ in path]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert path[-1][1].layout.n_groups == case.n_depths
    for alpha in (0.0, 0.013, 0.11, 0.4, 2.0, *starts):
        shown = [tree for start, tree in path if start <= alpha + 1e-12][-1]
        assert shown.clustering + alpha * shown.complexity == pytest.approx(best_tree(case, alpha).cost, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(cases(), st.sampled_from([0.0, 0.05, 0.3]), st.integers(1, 4))
def test_the_beam_never_beats_the_exact_tree_and_wider_is_never_worse(case, alpha, width):
    exact, narrow, wide = best_tree(case, alpha), beam_tree(case, alpha, width=width), beam_tree(case, alpha, width=8)
    assert narrow.cost >= exact.cost - 1e-9
    assert wide.cost <= narrow.cost + 1e-9
    assert case.tree(narrow.layout, alpha).cost == pytest.approx(narrow.cost)


def test_an_unbounded_beam_is_exact_for_few_tasks():
    rng = np.random.default_rng(3)
    far = rng.random((2, 3, 3))
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(3), range(3)] = 0
    case = BranchedCase(far, (1, 0))
    assert beam_tree(case, 0.05, width=30).cost == pytest.approx(best_tree(case, 0.05).cost)


def test_the_cost_by_hand():
    far = np.zeros((2, 3, 3))
    far[0] = [[0, 0.2, 0.6], [0.2, 0, 0.4], [0.6, 0.4, 0]]
    far[1] = [[0, 0.1, 0.9], [0.1, 0, 0.8], [0.9, 0.8, 0]]
    tree = BranchedCase(far, (1, 0)).tree(Layout.parse("0,1,2|0,1;2"), 0.5)
    # Depth 0: one cluster, largest 0.6. Depth 1: (0.1 + 0)/2, one more branch at 2⁰.
    assert tree.clustering == pytest.approx(0.65)
    assert tree.complexity == 1.0
    assert tree.cost == pytest.approx(1.15)


def test_without_complexity_all_split_for_nothing_and_with_much_all_is_shared():
    rng = np.random.default_rng(0)
    far = rng.random((3, 6, 6)) + 0.1
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(6), range(6)] = 0
    case = BranchedCase(far, (2, 1, 0))
    free = best_tree(case, 0.0)
    assert (free.cost, free.layout) == (0.0, Layout.all_split(6, 3))
    assert best_tree(case, 100.0).layout == Layout.all_shared(6, 3)


def test_a_task_more_than_eight_is_clustered_by_spectra():
    rng = np.random.default_rng(0)
    side = np.arange(12) % 2
    far = np.where(side[:, None] == side, 0.05, 0.9) + rng.random((12, 12)) * 0.01
    far = (far + far.T) / 2
    np.fill_diagonal(far, 0)
    tree = beam_tree(BranchedCase(np.stack([far, far]), (1, 0)), 0.05)
    assert tree.layout.partitions[1] == ((0, 2, 4, 6, 8, 10), (1, 3, 5, 7, 9, 11))


@pytest.mark.parametrize(
    ("far", "downs", "alpha", "part"),
    [
        (np.zeros((2, 3, 3)), (1,), 0.1, "2 depths, but 1 numbers"),
        (np.zeros((2, 3, 3)), (1, -1), 0.1, "not between 0 and 32"),
        (np.zeros((3, 3, 2)), (1, 0, 0), 0.1, "Depth comes first"),
        (np.zeros((1, 3, 3)) - 1, (0,), 0.1, "below 0"),
        (np.zeros((1, 3, 3)), (0,), -1.0, "α is -1"),
        (np.zeros((1, 3, 3)), (0,), float("nan"), "α is nan"),
        (np.zeros((1, 3, 3)), (0,), 1e308, "from 0 to 1e\\+12"),
        (np.ones((1, 3, 3)), (0,), 0.1, "task 0 to itself at depth 0 is 1"),
        (1e300 * (1 - np.eye(3))[None], (0,), 0.1, "Use a larger unit"),
        (np.zeros((1, 12, 12)), (0,), 0.1, "at most 11"),
    ],
)
def test_bad_input_is_one_sentence(far, downs, alpha, part):
    with pytest.raises(AffinityError, match=part):
        best_tree(BranchedCase(far, downs), alpha)
