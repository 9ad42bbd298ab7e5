import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.splits import at_most, drawn, drawn_from, shared_out, stratified_order
from core.errors import DataError

classes = st.lists(st.integers(0, 4), min_size=1, max_size=120).map(np.array)
seeds = st.integers(0, 2**31 - 1)


@given(classes, seeds, st.data())
def test_every_stretch_of_the_order_holds_each_class_in_its_share(numbers, seed, data):
    order = stratified_order(numbers, np.random.default_rng(seed))
    assert sorted(order.tolist()) == list(range(len(numbers)))
    start = data.draw(st.integers(0, len(numbers)))
    stretch = numbers[order[start : data.draw(st.integers(start, len(numbers)))]]
    n_classes = len(np.unique(numbers))
    for number in np.unique(numbers):
        expected = len(stretch) * (numbers == number).mean()
        # Each class is at most one early or late at either end.
        assert abs((stretch == number).sum() - expected) <= 1 + n_classes


@given(st.lists(st.integers(0, 4), min_size=3, max_size=80).map(np.array), st.tuples(*[st.integers(1, 90)] * 3), seeds)
def test_drawn_sets_are_disjoint_and_as_large_as_can_be(numbers, sizes, seed):
    found = drawn(numbers, sizes, np.random.default_rng(seed))
    rows = np.concatenate(found)
    assert len(np.unique(rows)) == len(rows)
    assert all(1 <= len(part) <= size for part, size in zip(found, sizes, strict=True))
    if sum(sizes) <= len(numbers):
        assert tuple(map(len, found)) == sizes


def test_too_few_rows_get_a_sentence():
    with pytest.raises(DataError, match="2 pictures for 3 splits"):
        drawn(np.array([0, 1]), (5, 5, 5), np.random.default_rng(0))


@given(st.integers(10, 80), st.integers(1, 4), seeds, st.data())
def test_training_has_every_class_of_every_task(n, n_tasks, seed, data):
    rng = np.random.default_rng(data.draw(seeds))
    # Every class has two rows at least, as label files are asked to have; −1 is missing.
    tasks = [rng.permutation(np.resize(np.repeat(np.arange(-1, n // 4), 2), n)) for _ in range(n_tasks)]
    rows = shared_out(tasks, 0.2, 0.25, np.random.default_rng(seed))
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(n))
    assert all(len(part) for part in rows.values())
    for numbers in tasks:
        assert set(numbers[rows["train"]]) | {-1} == set(numbers) | {-1}


def test_the_seed_decides_and_shares_are_kept():
    numbers = np.arange(200) % 4
    one, same, other = (shared_out([numbers], 0.2, 0.1, np.random.default_rng(s)) for s in (1, 1, 2))
    assert [len(one[s]) for s in ("train", "validation", "test")] == [140, 40, 20]
    assert all(np.array_equal(one[s], same[s]) for s in one)
    assert not np.array_equal(one["test"], other["test"])
    assert np.bincount(numbers[one["test"]]).tolist() == [5, 5, 5, 5]


def test_nine_pictures_are_too_few():
    with pytest.raises(DataError, match="9 pictures; three splits need at least 10"):
        shared_out([np.zeros(9, dtype=int)], 0.2, 0.2, np.random.default_rng(0))


def test_an_own_test_split_stays_apart():
    rows = drawn_from(np.zeros(50, dtype=int), np.zeros(20, dtype=int), (30, 10, 10), np.random.default_rng(0))
    assert max(*rows["train"], *rows["validation"]) < 50 <= min(rows["test"])
    assert [len(part) for part in rows.values()] == [30, 10, 10]


def test_at_most_so_many_rows_keep_the_shares_of_classes():
    classes = np.array([0] * 60 + [1] * 40)
    rows = {"train": np.arange(0, 100), "validation": np.arange(3), "test": np.arange(5)}
    found = at_most(rows, classes, {"train": 20, "validation": 50, "test": None}, np.random.default_rng(0))
    assert [len(found[split]) for split in rows] == [20, 3, 5]
    assert np.bincount(classes[found["train"]]).tolist() == [12, 8]
