import numpy as np
import pytest

from app.ui.layout_words import group_words, layout_sentence
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts, sample_layouts

TASKS = ["seg", "normals", "depth", "edges"]


@pytest.mark.parametrize(("n_tasks", "n_blocks"), [(2, 3), (3, 5), (4, 3)])
def test_sentences_tell_layouts_of_up_to_four_splits_apart(n_tasks, n_blocks):
    layouts = list(enumerate_layouts(n_tasks, n_blocks))
    said = [layout_sentence(layout, TASKS) for layout in layouts]
    assert len(set(said)) == len(layouts)
    assert all(text[0].isupper() and not text.endswith((".", ";")) for text in said)


def test_the_two_extremes_have_names_of_their_own():
    assert layout_sentence(Layout.all_shared(3, 4), TASKS).startswith("Fully shared")
    assert layout_sentence(Layout.all_split(3, 4), TASKS).startswith("Single-task networks")


@pytest.mark.parametrize("size", [(40, 8), (10, 16)])
def test_sentences_of_large_layouts_stay_short(size):
    tasks = [f"task {i}" for i in range(size[0])]
    for layout in sample_layouts(*size, 20, np.random.default_rng(0)):
        assert len(layout_sentence(layout, tasks)) < 600


def test_a_large_group_is_counted():
    assert group_words((0, 1, 2, 3, 4), list("abcde")) == "5 tasks"
