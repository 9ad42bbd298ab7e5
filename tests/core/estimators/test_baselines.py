from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.costs.layout import layout_cost
from core.errors import AffinityError, LayoutError
from core.estimators import (
    dissimilarity,
    dissimilarity_ranking,
    grouping_front,
    is_grouping,
    score,
    task_groupings,
)
from core.layouts import Layout, enumerate_layouts

BELL = [1, 1, 2, 5, 15, 52, 203]


def distances(n_blocks, n_tasks, seed=0):
    raw = np.random.default_rng(seed).random((n_blocks, n_tasks, n_tasks))
    raw = (raw + raw.transpose(0, 2, 1)) / 2
    raw[:, np.arange(n_tasks), np.arange(n_tasks)] = 0.0
    return raw


def test_the_total_is_the_mean_over_groups_of_the_largest_distance():
    d = distances(2, 4)
    layout = Layout.parse("0,1,2;3 | 0,1;2;3")
    first = (max(d[0, 0, 1], d[0, 0, 2], d[0, 1, 2]) + 0) / 2
    second = (d[1, 0, 1] + 0 + 0) / 3
    assert dissimilarity(layout, d) == pytest.approx(first + second)


@settings(deadline=None)
@given(st.integers(0, 99))
def test_independent_networks_always_come_first(seed):
    layouts = list(enumerate_layouts(3, 2))
    order = dissimilarity_ranking(layouts, distances(2, 3, seed))
    assert layouts[order[0]] == Layout.all_split(3, 2)
    totals = [dissimilarity(layouts[place], distances(2, 3, seed)) for place in order]
    assert totals == sorted(totals)
    assert totals[0] == 0


@pytest.mark.parametrize("n_tasks", [1, 2, 3, 4, 5])
def test_groupings_are_the_layouts_with_one_partition(n_tasks):
    found = task_groupings(n_tasks, 2)
    assert len(found) == BELL[n_tasks]
    assert found == [layout for layout in enumerate_layouts(n_tasks, 2) if is_grouping(layout)]


@settings(deadline=None)
@given(st.integers(0, 99))
def test_no_grouping_beats_the_front(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(-2, 3, size=(3, 3, 3)).astype(float)
    values[..., 0] = 0
    weights, costs = np.full(3, 1 / 3), rng.integers(1, 3, size=2).astype(float)
    front = grouping_front(values, weights, costs)
    assert all(a.cost < b.cost and a.score < b.score for a, b in pairwise(front))
    for layout in task_groupings(3, 2):
        cost, value = layout_cost(layout, costs), score(values, weights, layout)
        assert any(g.cost <= cost and g.score >= value - 1e-9 for g in front)


@pytest.mark.parametrize(
    ("d", "words"),
    [
        (np.zeros((4, 4, 2)), "Depth comes first"),
        (np.zeros((1, 4, 4)), "one table per block"),
        (-distances(2, 4), "negative"),
        (np.triu(distances(2, 4)), "not symmetric"),
    ],
)
def test_what_are_no_distances_is_refused(d, words):
    with pytest.raises(AffinityError, match=words):
        dissimilarity(Layout.all_shared(4, 2), d)


def test_too_many_groupings_are_refused():
    with pytest.raises(LayoutError, match="11 tasks"):
        task_groupings(11, 2)
