import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.federated import FederatedSampler, Length
from core.errors import DataError


@st.composite
def samplers(draw: st.DrawFn, length: Length = Length.LONGEST) -> FederatedSampler:
    sizes = tuple(draw(st.lists(st.integers(1, 60), min_size=1, max_size=6)))
    batch = draw(st.integers(len(sizes), 40))
    return FederatedSampler(sizes, batch, draw(st.integers(0, 5)), length)


@given(samplers())
def test_every_batch_is_exactly_as_large_as_asked(sampler: FederatedSampler) -> None:
    batches = list(sampler.epoch(0))
    assert len(batches) == sampler.steps
    for step, batch in enumerate(batches):
        assert batch.step == step
        assert len(batch) == sampler.batch_size
        assert tuple(map(len, batch.rows)) == sampler.rows_per_set


@given(samplers())
def test_every_row_of_every_set_is_seen_and_not_one_step_more_is_made(sampler: FederatedSampler) -> None:
    seen = [np.concatenate(parts) for parts in zip(*(b.rows for b in sampler.epoch(1)), strict=True)]
    for rows, size in zip(seen, sampler.sizes, strict=True):
        assert set(rows.tolist()) == set(range(size))
        # Whole passes: no row is seen a second time before all others were seen once.
        assert np.bincount(rows, minlength=size).max() - np.bincount(rows, minlength=size).min() <= 1
    assert any(
        (sampler.steps - 1) * rows < size for rows, size in zip(sampler.rows_per_set, sampler.sizes, strict=True)
    )


@given(samplers())
def test_the_remainder_goes_to_the_first_sets(sampler: FederatedSampler) -> None:
    rows = sampler.rows_per_set
    assert sum(rows) == sampler.batch_size
    assert list(rows) == sorted(rows, reverse=True)
    assert rows[0] - rows[-1] <= 1


def test_steps_are_those_of_the_set_that_takes_longest():
    # 3 + 3 + 2 of 8 rows: the second set takes 34 steps.
    assert FederatedSampler((9, 100, 20), 8).steps == math.ceil(100 / 3)
    assert FederatedSampler((9, 10, 100), 8).steps == 50


def test_shorter_sets_cycle_in_a_new_order_every_pass():
    sampler = FederatedSampler((300, 20), 2)
    (stream,) = sampler.streams(0)[1:]
    passes = stream.reshape(15, 20)
    assert all(sorted(one) == list(range(20)) for one in passes.tolist())
    assert len({tuple(one) for one in passes.tolist()}) == 15
    assert sampler.coverage == (1, 15)


@given(samplers())
def test_the_same_seed_draws_the_same_and_another_epoch_or_seed_does_not(sampler: FederatedSampler) -> None:
    again = FederatedSampler(sampler.sizes, sampler.batch_size, sampler.seed)
    for one, other in zip(sampler.streams(3), again.streams(3), strict=True):
        np.testing.assert_array_equal(one, other)


def test_epochs_seeds_and_sets_differ():
    sampler = FederatedSampler((50, 50), 10)
    streams = [*sampler.streams(0), *sampler.streams(1), *FederatedSampler((50, 50), 10, 1).streams(0)]
    assert len({tuple(stream) for stream in streams}) == 6


def test_a_set_s_order_does_not_depend_on_the_others():
    small, large = FederatedSampler((40, 10), 8), FederatedSampler((40, 30), 8)
    np.testing.assert_array_equal(small.streams(2)[0], large.streams(2)[0])


def test_an_epoch_goes_on_where_it_was_interrupted_and_tells_how_far_it_is():
    sampler, told = FederatedSampler((30, 7), 6), []
    whole = list(sampler.epoch(0))
    rest = list(sampler.epoch(0, start=4, progress=lambda *point: told.append(point)))
    for one, other in zip(whole[4:], rest, strict=True):
        assert one.step == other.step
        np.testing.assert_array_equal(np.concatenate(one.rows), np.concatenate(other.rows))
    assert told == [(step, 10) for step in range(5, 11)]


@given(samplers(Length.SHORTEST))
def test_shortest_ends_when_the_first_set_is_through(sampler: FederatedSampler) -> None:
    steps = [math.ceil(n / r) for n, r in zip(sampler.sizes, sampler.rows_per_set, strict=True)]
    assert sampler.steps == min(steps)
    assert all(len(batch) == sampler.batch_size for batch in sampler.epoch(0))
    through = steps.index(min(steps))
    rows = np.concatenate([batch.rows[through] for batch in sampler.epoch(0)])
    assert set(rows.tolist()) == set(range(sampler.sizes[through]))


def test_by_the_letter_of_the_paper_only_a_part_is_seen_in_file_order():
    """Lines 3 and 4 of Algorithm 1: len(D1)/B steps, each with rows i·B/k to (i+1)·B/k."""
    sampler = FederatedSampler((100, 100, 8), 15, length=Length.PAPER)
    batches = list(sampler.epoch(0))
    assert len(batches) == sampler.steps == math.ceil(100 / 15)
    assert [batch.rows[0].tolist() for batch in batches] == [list(range(5 * i, 5 * i + 5)) for i in range(7)]
    assert [len(batch) for batch in batches] == [15, 13, 10, 10, 10, 10, 10]
    assert sampler.coverage == (0.35, 0.35, 1)
    np.testing.assert_array_equal(sampler.streams(0)[0], sampler.streams(9)[0])


@given(samplers(Length.PAPER))
def test_the_paper_s_slices_leave_no_gap_where_b_is_no_multiple_of_k(sampler: FederatedSampler) -> None:
    for place, size in enumerate(sampler.sizes):
        rows = np.concatenate([batch.rows[place] for batch in sampler.epoch(0)])
        assert rows.tolist() == list(range(len(rows)))
        assert len(rows) / size == sampler.coverage[place]


def test_one_set_is_an_ordinary_shuffled_epoch():
    sampler = FederatedSampler((10,), 5)
    assert sampler.steps == 2
    assert sorted(np.concatenate([batch.rows[0] for batch in sampler.epoch(0)]).tolist()) == list(range(10))
    assert FederatedSampler((10,), 5, length=Length.PAPER).coverage == (1,)


@pytest.mark.parametrize(
    ("sizes", "batch", "part"),
    [((), 4, "at least one"), ((3, 0), 4, "Data set 2 of 2 is empty"), ((5, 5, 5), 2, "at least 3"), ((5,), 0, "of 0")],
)
def test_what_makes_no_batch_is_one_sentence(sizes, batch, part):
    with pytest.raises(DataError, match=part):
        FederatedSampler(sizes, batch)
