"""Losses of recombined networks: what a task makes of another task's features, sample by sample.

For a target task, the bottom blocks of another task's network (the source) are put under the
target's remaining blocks and frozen; these are then trained. How well that goes at each depth
measures the affinity of both tasks there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.affinity.tournament import Eigenvector, scores
from core.errors import AffinityError
from core.tasks import check_task_names

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecombinedLosses:
    """Validation losses of every target on every source's features, as far as they were measured.

    A network that was not trained is NaN on all samples. A sample without a label of the
    target is NaN for every source and counts for none.

    Args:
        tasks: Names in index order.
        seeds: The networks were trained from them.
        values: ``float32 [n_seeds, n_depths, n_tasks, n_tasks, n_samples]``: seed, depth, target, source, sample.

    Raises:
        AffinityError: The values have another form.
    """

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    values: NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        check_task_names(self.tasks)
        n = len(self.tasks)
        if self.values.ndim != 5 or self.values.shape[2:4] != (n, n) or 0 in self.values.shape:
            raise AffinityError(
                f"Losses of {n} tasks should have shape [n_seeds, n_depths, {n}, {n}, n_samples]: seed, depth, target, "
                f"source, sample. Found {list(self.values.shape)}."
            )
        if len(self.seeds) != len(self.values):
            raise AffinityError(f"{len(self.values)} seeds were measured, but {len(self.seeds)} are named.")

    @property
    def n_depths(self) -> int:
        """Number of depths."""
        return int(self.values.shape[1])

    @property
    def n_samples(self) -> int:
        """Number of validation samples."""
        return int(self.values.shape[4])

    @cached_property
    def measured(self) -> NDArray[np.bool_]:
        """Which networks were trained, ``[n_seeds, n_depths, n_tasks, n_tasks]``."""
        return np.asarray(~np.isnan(self.values).all(axis=-1))

    @property
    def is_complete(self) -> bool:
        """Whether every target has every source at every depth, from one seed at least."""
        return not np.isnan(self.shares()).any()

    def shares(self) -> Array:
        """Return the tournaments: the share of samples on which encoder i beats encoder j, ties half.

        Seeds count equally, each where both encoders were measured.

        Returns:
            ``[n_depths, n_tasks (target), n_tasks, n_tasks]``, ½ on the diagonal where the encoder
            was measured, NaN where one of both was not.
        """
        return self._shares

    def performance(self, eigenvector: Eigenvector = Eigenvector.AHP) -> Array:
        """Return the performance matrix P at every depth: row t holds how well each encoder serves target t.

        Returns:
            ``[n_depths, n_tasks, n_tasks]``; rows sum to 1, and are NaN where a source is missing.
        """
        shares = self.shares()
        result = np.full(shares.shape[:3], np.nan)
        for depth, target in zip(*np.nonzero(~np.isnan(shares).any(axis=(2, 3))), strict=True):
            result[depth, target] = scores(shares[depth, target], eigenvector)
        return result

    def affinity(self, eigenvector: Eigenvector = Eigenvector.AHP) -> Array:
        """Return the affinity tensor A = (P + Pᵀ)/2 at every depth; NaN where a network is missing.

        Args:
            eigenvector: Of which matrix.

        Returns:
            ``[n_depths, n_tasks, n_tasks]``, symmetric.

        Reference:
            Branched Multi-Task Networks, §3.2.
        """
        rows = self.performance(eigenvector)
        result: Array = (rows + rows.transpose(0, 2, 1)) / 2.0
        return result

    def outcomes(self, seed: int, depth: int, target: int) -> NDArray[np.int8]:
        """Return which encoder wins on each sample: 1 if encoder i has the lower loss, −1 if j > i has, 0 if tied.

        Args:
            seed: Its place in ``seeds``.
            depth: The bottom ``depth + 1`` blocks are another task's.
            target: The task that is to be solved.

        Returns:
            ``[n_pairs, n_samples]``, pairs as ``np.triu_indices(n_tasks, 1)`` has them; 0 where one of both was not
            measured.
        """
        losses, n = self.values[seed, depth, target], len(self.tasks)
        found = np.empty((n * (n - 1) // 2, self.n_samples), dtype=np.int8)
        for one, start, end in self._runs_of_pairs():
            # A missing loss is neither lower nor higher than any other.
            lower, higher = losses[one] < losses[one + 1 :], losses[one] > losses[one + 1 :]
            np.subtract(lower.view(np.int8), higher.view(np.int8), out=found[start:end])
        return found

    def labelled(self, seed: int, depth: int, target: int) -> NDArray[np.bool_]:
        """Return which samples have a label of the target, ``[n_samples]``; none where nothing was measured."""
        return np.asarray(~np.isnan(self.values[seed, depth, target]).all(axis=0))

    @cached_property
    def _shares(self) -> Array:
        first, second = np.triu_indices(len(self.tasks), 1)
        found = np.stack([self._mean_outcome(seed) for seed in range(len(self.seeds))])
        there = ~np.isnan(found)
        number = there.sum(axis=0)
        mean = np.divide(
            np.where(there, found, 0.0).sum(axis=0), number, where=number > 0, out=np.full(number.shape, np.nan)
        )
        n = len(self.tasks)
        result = np.full((self.n_depths, n, n, n), np.nan)
        result[..., first, second] = (1.0 + mean) / 2.0
        result[..., second, first] = (1.0 - mean) / 2.0
        own = self.measured.any(axis=0)
        result[..., np.arange(n), np.arange(n)] = np.where(own, 0.5, np.nan)
        result.flags.writeable = False
        return result

    def _mean_outcome(self, seed: int) -> Array:
        """Return the mean outcome of every pair of encoders, ``[n_depths, n_tasks, n_pairs]``."""
        n = len(self.tasks)
        first, second = np.triu_indices(n, 1)
        found = np.full((self.n_depths, n, len(first)), np.nan)
        for depth in range(self.n_depths):
            for target in range(n):
                losses = self.values[seed, depth, target]
                there = self.measured[seed, depth, target]
                labels = int(self.labelled(seed, depth, target).sum())
                for one, start, end in self._runs_of_pairs():
                    total = _times(losses[one] < losses[one + 1 :]) - _times(losses[one] > losses[one + 1 :])
                    found[depth, target, start:end] = total / max(labels, 1)
                found[depth, target, ~(there[first] & there[second])] = np.nan
        return found

    def _runs_of_pairs(self) -> Iterator[tuple[int, int, int]]:
        """Return each encoder with where its pairs with later ones begin and end."""
        n, start = len(self.tasks), 0
        for one in range(n - 1):
            yield one, start, start + n - 1 - one
            start += n - 1 - one


def _times(holds: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how often something holds in each row: eight at a time, faster than a sum."""
    result: NDArray[np.int64] = np.bitwise_count(np.packbits(holds, axis=1)).sum(axis=1, dtype=np.int64)
    return result
