from collections import Counter

import numpy as np
import pytest

from core.costs import layout_cost
from core.errors import LayoutError
from core.layouts import Layout, count_layouts, enumerate_layouts, sample_layouts

SIZES = [(1, 1), (1, 3), (2, 1), (2, 4), (3, 3), (4, 2), (4, 3), (5, 1), (5, 2)]


def closure(n_tasks, n_blocks):
    found = {Layout.all_shared(n_tasks, n_blocks)}
    fresh = list(found)
    while fresh:
        fresh = list({below for layout in fresh for below in layout.cuts()} - found)
        found.update(fresh)
    return found


@pytest.mark.parametrize(("n_tasks", "n_blocks"), SIZES)
def test_is_the_closure_of_cuts_of_all_shared(n_tasks, n_blocks):
    """Theorem 3.1 of the tree-structured recommender; and the order is the layouts' own."""
    assert list(enumerate_layouts(n_tasks, n_blocks)) == sorted(closure(n_tasks, n_blocks))


@pytest.mark.parametrize(("n_tasks", "n_blocks"), [*SIZES, (6, 4), (7, 3), (9, 1)])
def test_has_as_many_rows_as_counted(n_tasks, n_blocks):
    table = enumerate_layouts(n_tasks, n_blocks)
    assert len(table) == count_layouts(n_tasks, n_blocks) == len(np.unique(table.ids, axis=0))


def test_rows_are_found_counted_and_priced_like_layouts():
    table, costs = enumerate_layouts(4, 3), np.array([1.0, 2.5, 7.0])
    assert [table.index(layout) for layout in table] == list(range(len(table)))
    assert [tuple(row) for row in table.group_counts.tolist()] == [layout.group_counts for layout in table]
    assert table.costs(costs).tolist() == [layout_cost(layout, costs) for layout in table]
    for index in (0, 17, len(table) - 1):
        shared = sum(table.together[p].astype(int) for p in table.ids[index])
        assert np.array_equal(shared, table[index].branch_points())


def test_a_layout_of_another_size_is_refused():
    with pytest.raises(LayoutError, match="same size"):
        enumerate_layouts(3, 2).index(Layout.all_shared(3, 3))


def test_too_many_layouts_name_the_exact_search():
    with pytest.raises(LayoutError, match=r"26,740,775,306 layouts.*exact search"):
        enumerate_layouts(10, 5)
    with pytest.raises(LayoutError, match="nothing to enumerate"):
        enumerate_layouts(3, 0)


def test_samples_are_uniform():
    table, n = enumerate_layouts(3, 3), 4400
    seen = Counter(sample_layouts(3, 3, n, np.random.default_rng(1)))
    assert set(seen) == set(table)
    expected = n / len(table)
    chi_square = sum((seen[layout] - expected) ** 2 / expected for layout in table)
    # 21 degrees of freedom: mean 21, standard deviation 6.5.
    assert len(table) == 22
    assert chi_square < 21 + 4 * 6.5


def test_samples_of_huge_families_are_layouts_and_repeat_with_the_seed():
    first = sample_layouts(40, 16, 3, np.random.default_rng(0))
    assert first == sample_layouts(40, 16, 3, np.random.default_rng(0))
    assert all((layout.n_tasks, layout.n_blocks) == (40, 16) for layout in first)
    assert len(set(first)) == 3
    with pytest.raises(LayoutError):
        sample_layouts(0, 1, 1, np.random.default_rng(0))
