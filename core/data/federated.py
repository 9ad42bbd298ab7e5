"""Federated batches: every batch holds rows of each of k data sets, whatever their sizes. Row numbers only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.data.splits import Rows
from core.errors import DataError

Progress = Callable[[int, int], None]


class Length(StrEnum):
    """How long an epoch over data sets of different sizes is.

    ``LONGEST``: until every row of every set was seen; shorter sets start again, in another order.
    ``SHORTEST``: until every row of the set that is through first was seen.
    ``PAPER``: Algorithm 1 by the letter: ⌈n₁/B⌉ steps, rows in the order of the file, ⌊iB/k⌋ to
    ⌊(i+1)B/k⌋ of each set, so that about 1/k of the first set is seen, in every epoch the
    same; a set that runs out adds nothing more, and batches shrink.
    """

    LONGEST = "longest"
    SHORTEST = "shortest"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, eq=False)
class FederatedBatch:
    """One batch.

    Args:
        step: Its place in the epoch, from 0.
        rows: Row numbers of each data set, in the order of the sets.
    """

    step: int
    rows: tuple[Rows, ...]

    def __len__(self) -> int:
        return sum(map(len, self.rows))


@dataclass(frozen=True, slots=True)
class FederatedSampler:
    """Which rows of k data sets each batch holds.

    A batch of B rows has ⌊B/k⌋ of every set and one more of the first B mod k. Rows depend on
    seed, set, epoch and pass alone: an epoch can be drawn again after a restart, and one set's
    order does not change when another is added or grows.

    Args:
        sizes: Number of rows of each data set, ``[n_sets]``.
        batch_size: Rows B of one batch.
        seed: Of the orders.
        length: How long an epoch is.

    Raises:
        DataError: There is no data set, one is empty, or there are more sets than rows in a batch.

    Reference:
        TreeDNN, Algorithm 1, FEDERATED_BATCH_PREPARATION; cycling and the remainder are ours.

    >>> sampler = FederatedSampler((6, 2), 5)
    >>> sampler.rows_per_set, sampler.steps, [batch.rows[1].tolist() for batch in sampler.epoch(0)]
    ((3, 2), 2, [[0, 1], [1, 0]])
    """

    sizes: tuple[int, ...]
    batch_size: int
    seed: int = 0
    length: Length = Length.LONGEST

    def __post_init__(self) -> None:
        if not self.sizes:
            raise DataError("A federated batch needs at least one data set. Give one.")
        for place, size in enumerate(self.sizes, start=1):
            if size < 1:
                raise DataError(f"Data set {place} of {len(self.sizes)} is empty. Give it rows or leave it out.")
        if len(self.sizes) > self.batch_size:
            raise DataError(
                f"A batch of {self.batch_size} rows can't hold one of each of {len(self.sizes)} data sets. "
                f"Choose a batch size of at least {len(self.sizes)}."
            )

    @property
    def n_sets(self) -> int:
        """Number of data sets k."""
        return len(self.sizes)

    @property
    def rows_per_set(self) -> tuple[int, ...]:
        """Rows of each set in one batch; in TreeDNN at most so many or one less."""
        share, rest = divmod(self.batch_size, self.n_sets)
        return tuple(share + (place < rest) for place in range(self.n_sets))

    @property
    def steps(self) -> int:
        """Batches in one epoch."""
        if self.length is Length.PAPER:
            return -(-self.sizes[0] // self.batch_size)
        passes = [-(-size // rows) for size, rows in zip(self.sizes, self.rows_per_set, strict=True)]
        return max(passes) if self.length is Length.LONGEST else min(passes)

    @property
    def coverage(self) -> tuple[float, ...]:
        """How often one epoch goes through each set: 1 is every row once, 0.2 a fifth of the rows."""
        if self.length is Length.PAPER:
            last = self.steps * self.batch_size // self.n_sets
            return tuple(min(last, size) / size for size in self.sizes)
        return tuple(self.steps * rows / size for size, rows in zip(self.sizes, self.rows_per_set, strict=True))

    def epoch(self, number: int, *, start: int = 0, progress: Progress | None = None) -> Iterator[FederatedBatch]:
        """Return the batches of epoch ``number``.

        Args:
            number: From 0; every epoch has other orders.
            start: First step wanted, so that an interrupted epoch continues.
            progress: Called after each batch was used, with the steps made and the steps of the epoch.
        """
        streams = self.streams(number)
        for step in range(start, self.steps):
            yield FederatedBatch(step, tuple(stream[self._part(place, step)] for place, stream in enumerate(streams)))
            if progress is not None:
                progress(step + 1, self.steps)

    def streams(self, number: int) -> tuple[Rows, ...]:
        """Return the rows of each set in the order in which epoch ``number`` uses them, ``[steps · rows per set]``."""
        if self.length is Length.PAPER:
            return tuple(np.arange(size) for size in self.sizes)
        return tuple(self._stream(place, number) for place in range(self.n_sets))

    def _stream(self, place: int, number: int) -> Rows:
        wanted, size = self.steps * self.rows_per_set[place], self.sizes[place]
        passes = [
            np.random.default_rng([self.seed, place, number, turn]).permutation(size)
            for turn in range(-(-wanted // size))
        ]
        rows: Rows = np.concatenate(passes)[:wanted]
        return rows

    def _part(self, place: int, step: int) -> slice:
        if self.length is Length.PAPER:
            return slice(step * self.batch_size // self.n_sets, (step + 1) * self.batch_size // self.n_sets)
        rows = self.rows_per_set[place]
        return slice(step * rows, (step + 1) * rows)
