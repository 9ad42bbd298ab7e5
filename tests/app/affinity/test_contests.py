import numpy as np

from app.affinity.contests import contests
from core.affinity.recombined import RecombinedLosses


def losses(own, other):
    """Give losses of two tasks from one seed where both targets have the same on their own and the other's blocks."""
    values = np.array([[own, other], [other, own]], dtype=np.float32)
    return RecombinedLosses(("a", "b"), (0,), values[None, None])


def test_samples_are_ranked_by_how_much_they_differ_and_ties_belong_to_nobody():
    (first, second) = contests(losses([1, 1, 1, 5, 1], [4, 2, 1, 1, 0.5]), 0, (0, 1), n=2)
    assert (first.target, first.source, second.target) == (0, 1, 1)
    assert (first.own_better, first.own_gap) == ((0, 1), (3.0, 1.0))
    assert (first.other_better, first.other_gap) == ((3, 4), (4.0, 0.5))


def test_an_encoder_that_never_wins_has_no_pictures():
    (first, _) = contests(losses([1, 1], [2, 3]), 0, (0, 1))
    assert first.own_better == (1, 0)
    assert (first.other_better, first.other_gap) == ((), None)


def test_what_is_not_measured_is_no_contest():
    found = losses([1, 1], [2, 3])
    found.values[:, :, 1, 0] = np.nan
    assert [contest.target for contest in contests(found, 0, (0, 1))] == [0]
