"""Which networks noise can't tell apart, and which may stand for which."""

import numpy as np

from core.plane.noise import cheapest_equal, without_harm, zero_inside


def test_differences_are_taken_seed_by_seed():
    base = np.array([5.0, -5.0, 0.0])  # what a seed does to both cancels
    assert not zero_inside(np.array([[1.0, 1.1, 0.9]]))[0]
    assert zero_inside((base + 1)[None])[0]
    assert not zero_inside(np.array([[1.0, np.nan, 1.0]]) * np.array([1.0, 1.0, 1.0]))[0]
    assert not zero_inside(np.array([[0.0, np.nan, np.nan]]))[0]
    assert cheapest_equal(np.array([[1, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=bool)) == [0, 1, 0]


def test_no_network_that_may_lose_stands_for_one_that_may_lose_less():
    alike, scores, lows = np.ones((4, 4), dtype=bool), np.array([-6.8, -0.1, 0.0, 1.2]), (-57.0, -0.15, -1.0, -9.0)
    allowed = without_harm(alike, scores, lows.__getitem__)
    # −0.1 loses .15 at most, and −6.8 fifty-seven.
    assert cheapest_equal(allowed) == [0, 1, 1, 1]
    assert cheapest_equal(without_harm(alike, scores, (-57.0, -30.0, -1.0, -9.0).__getitem__)) == [0, 1, 2, 2]
    assert cheapest_equal(without_harm(alike, scores - 2, lows.__getitem__)) == [0, 1, 1, 1]
    same = (-9.0, -9.1, -9.0, -9.0).__getitem__
    assert cheapest_equal(without_harm(alike, scores - 2, same)) == [0] * 4
