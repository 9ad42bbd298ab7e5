import numpy as np
import pytest

from core.estimators.two_sources import agreement, agreement_sentences


def table(n_depths, n_tasks, seed=0):
    values = np.random.default_rng(seed).random((n_depths, n_tasks, n_tasks))
    return values + values.transpose(0, 2, 1)


def test_the_order_alone_counts_and_the_diagonal_does_not():
    one = table(2, 5)
    other = np.sqrt(one)
    other[:, range(5), range(5)] = 99
    found = agreement(one, other)
    assert found.by_depth == pytest.approx((1.0, 1.0))
    assert agreement(one, -one).by_depth == pytest.approx((-1.0, -1.0))
    assert found.n_pairs == 10


def test_holes_are_left_out_and_too_few_pairs_give_nothing():
    one, other = table(2, 4), table(2, 4, 1)
    one[0, 0, 1:] = np.nan
    one[1] = np.nan
    found = agreement(one, other)
    assert found.by_depth[0] is not None
    assert found.by_depth[1] is None
    assert agreement(table(2, 2), table(2, 2)).by_depth == (None, None)


def test_resamples_give_an_interval_around_the_value():
    one, other = table(2, 6), table(2, 6, 1)
    draws = one + np.random.default_rng(0).normal(0, 0.05, (100, 2, 6, 6))
    found = agreement(one, other, draws)
    for low, value, high in zip(found.low, found.by_depth, found.high, strict=True):
        assert low < value < high


@pytest.mark.parametrize(
    ("n_tasks", "part"), [(2, "one pair has no order"), (3, "3 pairs have only a few"), (6, "Over the pairs of all")]
)
def test_it_is_said_how_much_the_numbers_can_tell(n_tasks, part):
    said = " ".join(agreement_sentences(agreement(table(3, n_tasks), table(3, n_tasks, 1)), "one", "the other"))
    assert part in said


def test_constant_affinities_have_no_order():
    flat = np.ones((2, 4, 4))
    said = agreement_sentences(agreement(flat, table(2, 4)), "one", "the other")
    assert said == ["At no depth do both sources know three pairs that have an order."]
