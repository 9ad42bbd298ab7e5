from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import svg

printable = st.text(st.characters(exclude_categories=["C"]))


@given(printable, printable)
def test_whatever_is_written_is_read_back_as_text(words, label):
    root = ElementTree.fromstring(svg.canvas(100, 50, svg.text(1, 2, words), label or "x"))
    assert root.attrib["aria-label"] == (label or "x")
    assert "".join(root.itertext()) == words
    assert len(list(root)) == 1


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 8))
def test_ticks_are_round_rising_inside_the_range_and_few(low, span, about):
    high = low + span
    found = svg.ticks(low, high, about)
    assert len(found) <= about + 2
    assert all(low - span * 1e-6 - 1e-9 <= tick <= high + span * 1e-6 + 1e-9 for tick in found)
    assert found == sorted(found)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-2.3, 6.1), (0.19, 1.03), (-0.001, 0.002), (-40, 12)])
def test_ordinary_ranges_get_at_least_three_ticks(low, high):
    found = svg.ticks(low, high)
    assert len(found) >= 3
    steps = [b - a for a, b in pairwise(found)]
    assert max(steps) == pytest.approx(min(steps))


def test_a_range_of_nothing_has_a_tick_at_most():
    assert len(svg.ticks(2.0, 2.0)) <= 1


@given(printable, st.integers(1, 30))
def test_shortened_words_fit_and_say_that_they_were_longer(words, characters):
    short = svg.shortened(words, characters)
    assert len(short) <= max(characters, 2)
    assert short == words or short.endswith("…")


def test_forty_tasks_look_different():
    looks = {(svg.task_colour(task), svg.task_dash(task)) for task in range(40)}
    assert len(looks) == 40
