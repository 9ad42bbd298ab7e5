import itertools
import math

import numpy as np
import pytest

from core.layouts.enumeration import enumerate_layouts
from core.selection.alpha_path import cheapest_trees
from core.selection.branched import BranchedCase
from core.selection.splits import pair_of_group, pair_rows, split_of

TASKS = ("*seg*", "normals", "depth")
PAIRS = list(itertools.combinations(range(3), 2))
FAR = np.array([[0, 0.2, 0.6], [0.2, 0, 0.5], [0.6, 0.5, 0]])


def view_of(keep=11):
    far = FAR * np.array([0.1, 0.5, 1.0])[:, None, None]
    return cheapest_trees(TASKS, BranchedCase(far, (2, 1, 0)), width=3, keep=keep)


@pytest.fixture(scope="module")
def view():
    return view_of()


@pytest.mark.parametrize("alpha", [0.0, 0.02, 0.05, 0.1, 0.2, 5.0])
@pytest.mark.parametrize("pair", PAIRS)
def test_together_is_the_cheapest_tree_that_has_both_together(view, alpha, pair):
    split = split_of(view, alpha, pair)
    assert split.shown.cost == pytest.approx(view.step(alpha).cost(alpha))
    if split.together is None:
        assert split.shared == 3
        return
    least = min(
        view.case.tree(layout, alpha).cost
        for layout in enumerate_layouts(3, 3)
        if layout.branch_points()[pair] > split.shared
    )
    assert split.together.cost == pytest.approx(least)
    assert split.together.cost >= split.shown.cost - 1e-12


@pytest.mark.parametrize("pair", PAIRS)
def test_they_join_at_the_alpha_that_is_said(view, pair):
    split = split_of(view, 0.02, pair)
    assert split.joins_at > 0.02
    joined = view.step(split.joins_at * (1 + 1e-9)).tree.layout
    before = view.step(split.joins_at * (1 - 1e-9)).tree.layout
    assert joined.branch_points()[pair] > split.shared >= before.branch_points()[pair]


def test_a_pair_is_shared_for_the_alphas_that_the_path_says(view):
    for pair in PAIRS:
        for row in pair_rows(view, 0.05, pair):
            for step in view.steps:
                middle = step.start + 1e-9 if step.end == math.inf else (step.start + step.end) / 2
                inside = any(a <= middle and (b is None or middle < b) for a, b in row.shared_for)
                assert inside == (step.tree.layout.branch_points()[pair] >= row.block)
        assert [row.distance for row in pair_rows(view, 0.05, pair)] == pytest.approx(view.case.distances[:, *pair])


def test_a_click_on_a_branch_asks_about_the_nearest_task_beside_it(view):
    layout = view.steps[0].tree.layout
    assert pair_of_group(view, layout, 0, (2,)) == (1, 2)
    assert pair_of_group(view, layout, 2, (0,)) == (0, 1)
    shared = view.steps[-1].tree.layout
    assert pair_of_group(view, shared, 0, (0, 1, 2)) == (0, 1)
