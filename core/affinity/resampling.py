"""How sure an affinity tensor is: the same measurement on samples and seeds drawn again."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import LEAST_SHARE, Eigenvector
from core.errors import AffinityError

Array = NDArray[np.float64]

_ITERATIONS = 500
_TOLERANCE = 1e-12
LEVEL = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class AffinityCertainty:
    """How far affinities would move if samples and seeds were others.

    Args:
        low: Lower end of the 90 % interval of each cell, ``[n_depths, n_tasks, n_tasks]``.
        high: Upper end.
        order: For each pair of tasks, how often its affinity stands to those of the other pairs of
            that depth as shown, averaged over these: ½ is a coin, 1 is sure, ``[n_depths, n_tasks, n_tasks]``; NaN
            on the diagonal, and where a depth has one pair only.
    """

    low: Array = field(repr=False)
    high: Array = field(repr=False)
    order: Array = field(repr=False)


def resampled_affinities(
    losses: RecombinedLosses,
    *,
    n: int = 200,
    rng: np.random.Generator,
    eigenvector: Eigenvector = Eigenvector.AHP,
) -> Array:
    """Return affinity tensors of validation samples and seeds drawn with replacement.

    All targets, sources and depths see the same pictures, so these are drawn jointly.

    Args:
        losses: Every depth that is to be drawn should be complete.
        n: How many draws.
        rng: Random numbers.
        eigenvector: Of which matrix.

    Returns:
        ``[n, n_depths, n_tasks, n_tasks]``; NaN at depths where a network of some seed is missing.
    """
    n_seeds, n_depths, n_tasks = losses.values.shape[:3]
    samples = rng.multinomial(losses.n_samples, np.full(losses.n_samples, 1.0 / losses.n_samples), size=n)
    seeds = rng.multinomial(n_seeds, np.full(n_seeds, 1.0 / n_seeds), size=n) / n_seeds
    weights = samples.astype(np.float32)
    first, second = np.triu_indices(n_tasks, 1)
    result = np.full((n, n_depths, n_tasks, n_tasks), np.nan)
    for depth in np.flatnonzero(losses.measured.all(axis=(0, 2, 3))).tolist():
        for target in range(n_tasks):
            mean = np.zeros((n, len(first)))
            for seed in range(n_seeds):
                outcomes = losses.outcomes(seed, depth, target).astype(np.float32)
                labels = weights @ losses.labelled(seed, depth, target).astype(np.float32)
                mean += seeds[:, seed, None] * (weights @ outcomes.T) / np.maximum(labels, 1.0)[:, None]
            shares = np.full((n, n_tasks, n_tasks), 0.5)
            shares[:, first, second], shares[:, second, first] = (1.0 + mean) / 2.0, (1.0 - mean) / 2.0
            result[:, depth, target] = _principal(shares, eigenvector)
    return np.asarray((result + result.transpose(0, 1, 3, 2)) / 2.0)


def certainty(shown: Array, draws: Array) -> AffinityCertainty:
    """Return how far cells move over draws, and how often the order of pairs stays.

    Args:
        shown: The affinities that a person sees, ``[n_depths, n_tasks, n_tasks]``.
        draws: ``[n, n_depths, n_tasks, n_tasks]``.

    Raises:
        AffinityError: The draws are of another tensor.
    """
    if draws.shape[1:] != shown.shape or not len(draws):
        raise AffinityError(f"Draws {list(draws.shape)} do not belong to a tensor {list(shown.shape)}. Draw again.")
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
    first, second = np.triu_indices(shown.shape[1], 1)
    order = np.full(shown.shape, np.nan)
    if len(first) > 1:
        for depth, table in enumerate(shown):
            kept = _order_kept_by_draws(table[first, second], draws[:, depth, first, second])
            order[depth, first, second] = order[depth, second, first] = kept
    order[np.isnan(low)] = np.nan
    return AffinityCertainty(low, high, order)


def order_kept(one: Array, other: Array) -> float:
    """Return the share of pairs of task pairs whose affinities stand in the same order in both tensors, depth by depth.

    Args:
        one: ``[n_depths, n_tasks, n_tasks]``.
        other: The same tasks and depths, measured in another way.

    Raises:
        AffinityError: The tensors have different forms, or two tasks only.

    Reference:
        Branched Multi-Task Networks, §4.4: 86.2 % under another optimiser and half the data.
    """
    if one.shape != other.shape or one.shape[1] < 3:
        raise AffinityError(
            f"The order of pairs in {list(one.shape)} and {list(other.shape)} can't be compared. "
            "Bring two tensors of the same depths and three tasks or more."
        )
    first, second = np.triu_indices(one.shape[1], 1)
    a, b = one[:, first, second], other[:, first, second]
    p, q = np.triu_indices(len(first), 1)
    return float((np.sign(a[:, p] - a[:, q]) == np.sign(b[:, p] - b[:, q])).mean())


def _order_kept_by_draws(shown: Array, draws: Array) -> Array:
    """Return for each number how often it stands to the others as shown, averaged over draws and others, ``[n]``.

    Sorted as shown, every number should be above all those before it. That is asked once for both numbers of two,
    and eight draws at a time.

    Args:
        shown: ``[n]``.
        draws: ``[n_draws, n]``.
    """
    n, order = len(shown), np.argsort(shown, kind="stable")
    kept = np.zeros(n, dtype=np.int64)
    drawn, ranked = np.ascontiguousarray(draws.T[order]), shown[order]
    # What is equal to the number at a place, and as shown neither above nor below it, begins here.
    equals = np.searchsorted(ranked, ranked, side="left")
    # What is not known is sorted behind all others and stands in no order.
    for place in range(1, int((~np.isnan(shown)).sum())):
        from_ = int(equals[place])
        holds = np.empty((place, drawn.shape[1]), dtype=np.bool_)
        np.less(drawn[:from_], drawn[place], out=holds[:from_])
        np.equal(drawn[from_:place], drawn[place], out=holds[from_:])
        times = np.bitwise_count(np.packbits(holds, axis=1)).sum(axis=1, dtype=np.int64)
        kept[order[:place]] += times
        kept[order[place]] += times.sum()
    result: Array = kept / (len(draws) * (n - 1))
    return result


def _principal(shares: Array, eigenvector: Eigenvector) -> Array:
    """Return the scores of many tournaments at once, as ``scores`` returns them one by one, ``[n, n_tasks]``."""
    matrix = shares
    if eigenvector == Eigenvector.AHP:
        clipped = np.clip(shares, LEAST_SHARE, 1.0 - LEAST_SHARE)
        matrix = clipped / clipped.transpose(0, 2, 1)
    vector = np.full(matrix.shape[:2], 1.0 / matrix.shape[1])
    for _ in range(_ITERATIONS):
        updated = np.einsum("nij,nj->ni", matrix, vector)
        updated /= updated.sum(axis=1, keepdims=True)
        moved = float(np.abs(updated - vector).max())
        vector = updated
        if moved < _TOLERANCE:
            break
    return vector
