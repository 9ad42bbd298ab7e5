import itertools
import math

import numpy as np
import pytest

from app.branching.model import branching_view
from app.branching.split_words import number, signed, split_sentences
from core.affinity.distance import Distance
from core.affinity.evidence import Evidence, Origin
from core.selection.splits import split_of

TASKS = ("*seg*", "normals", "depth")
PAIRS = list(itertools.combinations(range(3), 2))
FAR = np.array([[0, 0.2, 0.6], [0.2, 0, 0.5], [0.6, 0.5, 0]])


def view_of(keep=11):
    alike = 1 - FAR * np.array([0.1, 0.5, 1.0])[:, None, None]
    return branching_view(Evidence(Origin.FILE, TASKS, alike), Distance.COSINE, (2, 1, 0), width=3, keep=keep)


@pytest.fixture(scope="module")
def view():
    return view_of()


def test_the_sentences_have_the_numbers_and_escape_names(view):
    split = split_of(view, 0.05, (0, 2))
    first, second, *_ = split_sentences(split, TASKS, 3)
    assert r"\*seg\*" in first
    assert f"{split.distance:.3f}" in first
    assert f"{split.together.cost:.4g}" in second
    assert signed(split.together.cost - split.shown.cost) in second


def test_the_sentences_of_a_drawing_are_text(view):
    split = split_of(view, 0.05, (0, 2))
    plain, marked = (" ".join(split_sentences(split, TASKS, 3, plain=way)) for way in (True, False))
    assert plain.startswith("*seg* and depth ")
    assert "**" not in plain
    assert "**" in marked


def test_tasks_that_never_part_are_said_to_share_all(view):
    (sentence,) = split_sentences(split_of(view, 50.0, (0, 1)), TASKS, 3)
    assert "never branch" in sentence
    assert "Below α" in sentence


def test_no_larger_alpha_is_no_number(view):
    split = split_of(view, 0.05, (0, 2))
    without = type(split)(*(getattr(split, name) for name in split.__slots__[:8]), math.inf, 0.0)
    assert "no larger α" in " ".join(split_sentences(without, TASKS, 3))


def test_beyond_the_exact_search_both_groups_are_joined_in_the_tree_shown():
    split = split_of(view_of(keep=2), 0.05, (0, 2))
    assert not split.is_best
    assert split.together.layout.branch_points()[0, 2] > split.shared
    assert "With their two groups merged" in split_sentences(split, TASKS, 3)[1]


def test_numbers_are_short_and_rounding_is_no_difference():
    assert (number(0.0712345), number(0), number(0.00012)) == ("0.0712", "0", "1.20e-04")
    assert (signed(0.01234), signed(-0.2), signed(1e-12)) == ("+0.0123", "−0.2", "±0")
