"""How sure an affinity tensor is: samples are drawn again, and scores move as far as they do between seeds."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.affinity.recombined import RecombinedLosses
from core.affinity.seed_noise import LEAST_SCORE, SeedNoise, seed_variance
from core.affinity.tournament import LEAST_SHARE, Eigenvector
from core.errors import AffinityError

Array = NDArray[np.float64]

_ITERATIONS = 500
_TOLERANCE = 1e-12
# So many draws tell how much of the variance between seeds comes from samples.
_FEW = 40
LEVEL = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class AffinityCertainty:
    """How far affinities may lie from those of all samples and, where there are several, all seeds.

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
    """Return affinity tensors as they may be for other samples, and in the mean over all seeds.

    All targets, sources and depths see the same pictures, so these are drawn jointly, with replacement. Seeds are too
    few to be drawn: the logarithm of each score moves by the noise between seeds. Of one seed only samples vary.

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
    of_samples = np.full((n_depths, n_tasks), np.nan)
    weights = samples.astype(np.float32)
    first, _ = np.triu_indices(n_tasks, 1)
    result = np.full((n, n_depths, n_tasks, n_tasks), np.nan)
    for depth in np.flatnonzero(losses.measured.all(axis=(0, 2, 3))).tolist():
        for target in range(n_tasks):
            found = np.empty((n_seeds, n, len(first)))
            for seed in range(n_seeds):
                outcomes = losses.outcomes(seed, depth, target).astype(np.float32)
                labels = weights @ losses.labelled(seed, depth, target).astype(np.float32)
                found[seed] = (weights @ outcomes.T) / np.maximum(labels, 1.0)[:, None]
            result[:, depth, target] = _principal(_shares(found.mean(axis=0)), eigenvector)
            if n_seeds > 1:
                of_samples[depth, target] = _variance_of_samples(found[:, :_FEW], eigenvector)
    noise = SeedNoise.of(scores_of_seeds(losses, eigenvector))
    if noise is not None:
        result *= np.exp(noise.draws(n, of_samples, rng))
        result /= result.sum(axis=-1, keepdims=True)
    return np.asarray((result + result.transpose(0, 1, 3, 2)) / 2.0)


def varied(n_seeds: int) -> str:
    """Return what intervals of so many seeds vary.

    >>> varied(1), varied(3)
    ('samples of one seed', 'samples and seeds')
    """
    return "samples of one seed" if n_seeds == 1 else "samples and seeds"


def scores_of_seeds(losses: RecombinedLosses, eigenvector: Eigenvector = Eigenvector.AHP) -> Array:
    """Return the scores of encoders in the tournaments of each seed alone.

    Returns:
        ``[n_seeds, n_depths, n_tasks (target), n_tasks (source)]``; NaN at depths where a network of some seed is
        missing.
    """
    alone = [
        RecombinedLosses(losses.tasks, (seed,), losses.values[place : place + 1]).performance(eigenvector)
        for place, seed in enumerate(losses.seeds)
    ]
    found = np.stack(alone)
    found[:, ~losses.measured.all(axis=(0, 2, 3))] = np.nan
    return found


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


def _shares(outcomes: Array) -> Array:
    """Return tournaments from the mean outcomes of their pairs, ``[…, n_pairs]`` → ``[…, n_tasks, n_tasks]``."""
    n = round((1 + np.sqrt(1 + 8 * outcomes.shape[-1])) / 2)
    first, second = np.triu_indices(n, 1)
    shares = np.full((*outcomes.shape[:-1], n, n), 0.5)
    shares[..., first, second], shares[..., second, first] = (1.0 + outcomes) / 2.0, (1.0 - outcomes) / 2.0
    return shares


def _variance_of_samples(outcomes: Array, eigenvector: Eigenvector) -> float:
    """Return how much of the variance between seeds of one tournament comes from the samples.

    Args:
        outcomes: Mean outcomes of the pairs of each seed in each draw of samples, ``[n_seeds, n, n_pairs]``.
        eigenvector: Of which matrix.
    """
    found = np.maximum([_principal(_shares(seed), eigenvector) for seed in outcomes], LEAST_SCORE)
    # What is left of each seed is what the draw of samples has added.
    return float(seed_variance(found / np.exp(np.log(found).mean(axis=1, keepdims=True))).mean())


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
