"""Leaving early by confidence: thresholds from validation, arithmetic on test."""

import numpy as np
import pytest

from core.families.multipath.leaving import (
    NEVER,
    chosen_thresholds,
    confidence_of,
    leaving_curve,
    leaving_exits,
)


def test_confidence_is_the_probability_of_the_answer():
    found = confidence_of(np.array([[0.0, np.log(3.0)], [1000.0, 0.0], [2.0, 2.0]]))
    assert found == pytest.approx([0.75, 1.0, 0.5])


CONFIDENCE = np.array([[0.9, 0.8, 0.7, 0.6], [0.5, 0.5, 0.9, 0.9]])
RIGHT = np.array([[True, True, False, True], [True, True, True, False]])


@pytest.mark.parametrize(
    ("wanted", "threshold"), [(1.0, 0.8), (0.75, 0.6), (0.7, 0.6), (0.8, 0.8), (1.01, NEVER), (0.0, 0.6)]
)
def test_the_lowest_threshold_that_keeps_the_share_is_chosen(wanted, threshold):
    assert chosen_thresholds(CONFIDENCE, RIGHT, wanted) == (threshold,)


def test_equal_confidences_leave_together():
    confidence = np.array([[0.8, 0.8, 0.8], [1, 1, 1]])
    right = np.array([[True, False, False], [True, True, True]])
    assert chosen_thresholds(confidence, right, 0.5) == (NEVER,)


def test_later_exits_choose_among_those_who_are_still_there():
    confidence = np.array([[0.9, 0.2, 0.2], [0.1, 0.8, 0.7], [1.0, 1.0, 1.0]])
    right = np.array([[True, False, False], [False, True, False], [True, True, True]])
    assert chosen_thresholds(confidence, right, 1.0) == (0.9, 0.8)


def test_a_picture_leaves_at_the_first_exit_that_is_sure():
    exits = leaving_exits(np.array([[0.9, 0.1, 0.1], [0.9, 0.9, 0.1], [0.0, 0.0, 0.0]]), (0.8, 0.8))
    assert exits.tolist() == [0, 1, 2]


def test_the_curve_counts_what_leaves_where():
    both = (CONFIDENCE, RIGHT)
    curve = leaving_curve(both, both, [10, 30], wanted=(0.75, 1.0, 1.01))
    assert [point.shares for point in curve] == [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)]
    assert [point.macs for point in curve] == [10, 20, 30]
    assert [point.accuracy for point in curve] == [0.75, 0.75, 0.75]
    # Thresholds of validation, pictures of test.
    other = (np.array([[0.95, 0.5], [0.5, 0.5]]), np.array([[False, True], [True, True]]))
    (point,) = leaving_curve(both, other, [10, 30], wanted=(1.0,))
    assert (point.thresholds, point.shares, point.accuracy) == ((0.8,), (0.5, 0.5), 0.5)


def test_who_leaves_is_as_often_right_on_validation_as_wanted():
    rng = np.random.default_rng(0)
    confidence = rng.random((3, 400))
    right = rng.random((3, 400)) < confidence
    spent = []
    for point in leaving_curve((confidence, right), (confidence, right), [1, 2, 3]):
        exits = leaving_exits(confidence, point.thresholds)
        for exit_ in range(2):
            left = exits == exit_
            assert not left.any() or right[exit_, left].mean() >= point.wanted - 1e-9
        assert sum(point.shares) == pytest.approx(1)
        spent.append(point.macs)
    # The last thresholds let nobody leave early.
    assert spent[-1] == 3
    assert spent[0] == min(spent)
