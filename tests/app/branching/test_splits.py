import itertools
import math

import numpy as np
import pytest

from app.affinity_source.evidence import Evidence, Origin
from app.branching.model import branching_view
from app.branching.splits import number, pair_of_group, pair_rows, signed, split_of, split_sentences
from core.affinity.distance import Distance
from core.layouts.enumeration import enumerate_layouts

TASKS = ("*seg*", "normals", "depth")
PAIRS = list(itertools.combinations(range(3), 2))
FAR = np.array([[0, 0.2, 0.6], [0.2, 0, 0.5], [0.6, 0.5, 0]])


def view_of(keep=11):
    alike = 1 - FAR * np.array([0.1, 0.5, 1.0])[:, None, None]
    return branching_view(Evidence(Origin.FILE, TASKS, alike), Distance.COSINE, (2, 1, 0), width=3, keep=keep)


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


def test_the_sentences_have_the_numbers_and_escape_names(view):
    split = split_of(view, 0.05, (0, 2))
    first, second, *_ = split_sentences(split, TASKS, 3)
    assert r"\*seg\*" in first
    assert f"{split.distance:.3f}" in first
    assert f"{split.together.cost:.4g}" in second
    assert signed(split.together.cost - split.shown.cost) in second


def test_tasks_that_never_part_are_said_to_share_all(view):
    (sentence,) = split_sentences(split_of(view, 50.0, (0, 1)), TASKS, 3)
    assert "never part" in sentence
    assert "Below α" in sentence


def test_no_larger_alpha_is_no_number(view):
    split = split_of(view, 0.05, (0, 2))
    without = type(split)(*(getattr(split, name) for name in split.__slots__[:8]), math.inf, 0.0)
    assert "No larger α" in " ".join(split_sentences(without, TASKS, 3))


def test_beyond_the_exact_search_both_groups_are_joined_in_the_tree_shown():
    split = split_of(view_of(keep=2), 0.05, (0, 2))
    assert not split.is_best
    assert split.together.layout.branch_points()[0, 2] > split.shared
    assert "With their two groups joined" in split_sentences(split, TASKS, 3)[1]


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


def test_numbers_are_short_and_rounding_is_no_difference():
    assert (number(0.0712345), number(0), number(0.00012)) == ("0.0712", "0", "1.20e-04")
    assert (signed(0.01234), signed(-0.2), signed(1e-12)) == ("+0.0123", "−0.2", "±0")
