"""Seeded splits in which every class keeps its share."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.missing import MISSING_CLASS
from core.errors import DataError

Rows = NDArray[np.intp]
MIN_PICTURES = 10


def stratified_order(classes: NDArray[np.integer], rng: np.random.Generator) -> Rows:
    """Return a random order of the rows in which every stretch holds each class in about its share.

    The rows of a class are spread evenly over the order, from a random start.

    Args:
        classes: Class number of each row, ``[n]``; any numbers.
        rng: Source of the order.
    """
    place = np.empty(len(classes))
    for number in np.unique(classes):
        rows = rng.permutation(np.flatnonzero(classes == number))
        place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
    shuffled = rng.permutation(len(classes))
    order: Rows = shuffled[np.argsort(place[shuffled], kind="stable")]
    return order


def drawn(classes: NDArray[np.integer], sizes: Sequence[int], rng: np.random.Generator) -> list[Rows]:
    """Return one set of rows per size, disjoint and stratified, each in random order.

    Where there are fewer rows than requested, all sizes shrink proportionally, but none below one.

    Args:
        classes: Class number of each row, ``[n]``.
        sizes: How many rows each set should have.
        rng: Source of the draw.

    Raises:
        DataError: There are too few rows to give every set one.
    """
    n, n_requested = len(classes), sum(sizes)
    if n < len(sizes):
        raise DataError(f"There are {n} pictures for {len(sizes)} splits. Give every split at least one.")
    shrunk = [max(1, size * n // n_requested) for size in sizes] if n_requested > n else list(sizes)
    while sum(shrunk) > n:
        shrunk[int(np.argmax(shrunk))] -= 1
    order = stratified_order(classes, rng)
    ends = np.cumsum([0, *shrunk])
    return [rng.permutation(order[start:end]) for start, end in pairwise(ends)]


def shared_out(
    classes: Sequence[NDArray[np.integer]], validation: float, test: float, rng: np.random.Generator
) -> dict[str, Rows]:
    """Return the rows of the three splits, by shares, every class of every task in training.

    Args:
        classes: Class number of each row for each task, −1 where missing; the first task is
            the one that is stratified.
        validation: Share of the validation split, up to a quarter.
        test: Share of the test split, up to a quarter.
        rng: Source of the draw.

    Raises:
        DataError: There are fewer than ten pictures.
    """
    n = len(classes[0])
    if n < MIN_PICTURES:
        raise DataError(f"There are {n} pictures; three splits need at least {MIN_PICTURES}. Add pictures.")
    held_out = [max(1, round(n * share)) for share in (validation, test)]
    parts = drawn(classes[0], [n - sum(held_out), *held_out], rng)
    rows = dict(zip(SPLITS, parts, strict=True))
    table = np.stack([np.asarray(numbers, dtype=np.int64) for numbers in classes])
    for task, numbers in enumerate(table):
        for number in np.setdiff1d(numbers, [*numbers[rows["train"]], MISSING_CLASS]):
            _move_to_training(table, rows, next(r for r in _held_out(rows) if table[task, r] == number))
    return rows


def at_most(
    rows: Mapping[str, Rows], classes: NDArray[np.integer], sizes: Mapping[str, int | None], rng: np.random.Generator
) -> dict[str, Rows]:
    """Return splits of at most so many rows each, drawn so that classes keep their shares; others as they are.

    Args:
        rows: Split → its rows.
        classes: Class number of each row, ``[n]``.
        sizes: Split → at most how many rows; None takes all.
        rng: Source of the draw.
    """
    found = dict(rows)
    for split, size in sizes.items():
        if size is not None and size < len(rows[split]):
            found[split] = np.sort(rows[split][stratified_order(classes[rows[split]], rng)[:size]])
    return found


def _held_out(rows: Mapping[str, Rows]) -> list[int]:
    return [int(row) for split in SPLITS[1:] for row in rows[split]]


def _move_to_training(table: NDArray[np.int64], rows: dict[str, Rows], row: int) -> None:
    """Exchange a row against one of training that no class of any task needs; without one, only move it."""
    split = next(split for split in SPLITS[1:] if row in rows[split])
    train = rows["train"]
    needed = np.zeros(len(train), dtype=bool)
    for numbers in table[:, train]:
        needed |= (np.bincount(numbers + 1)[numbers + 1] == 1) & (numbers != MISSING_CLASS)
    if not needed.all():
        spare = int(np.argmin(needed))
        rows[split] = np.where(rows[split] == row, train[spare], rows[split])
        train[spare] = row
    elif len(rows[split]) > 1:
        rows[split] = rows[split][rows[split] != row]
        rows["train"] = np.append(train, row)


def drawn_from(
    train: NDArray[np.integer], test: NDArray[np.integer] | None, sizes: Sequence[int], rng: np.random.Generator
) -> dict[str, Rows]:
    """Return the rows of the three splits of a set that is larger than needed.

    Args:
        train: Class number of each row that may be trained on or chosen by.
        test: Class number of each row of the set's own test split, whose rows are counted on
            after those of ``train``; None where all three splits are drawn from ``train``.
        sizes: At most so many rows for training, validation and test.
        rng: Source of the draw.

    Raises:
        DataError: There are too few rows.
    """
    if test is None:
        return dict(zip(SPLITS, drawn(train, sizes, rng), strict=True))
    parts = drawn(train, sizes[:2], rng)
    return dict(zip(SPLITS, [*parts, len(train) + drawn(test, sizes[2:], rng)[0]], strict=True))
