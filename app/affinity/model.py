"""The numbers of the Affinity page: affinities at every depth and their confidence."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import proportions
from core.affinity.evidence import Evidence
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import AffinityCertainty, certainty, resampled_affinities

Array = NDArray[np.float64]

# A pair whose rank is kept in a smaller share of resamples is marked.
SURE = 0.9
DRAWS, FEW_DRAWS = 200, 40
# Effects of steps are drawn without resampling, and Student's tails need many.
_MANY_DRAWS, _MANY_NUMBERS = 2000, 5_000_000
# Up to the first numbers of tasks and of losses, 200 draws take under a second; beyond the others, minutes.
_AT_ONCE, _MANY = (12, 2_000_000), (40, 10_000_000)


@dataclass(frozen=True, slots=True, eq=False)
class AffinityView:
    """One tensor as the page shows it.

    Args:
        evidence: Where it comes from.
        normalised: Affinities normalised by the tasks' own, ``[n_depths, n_tasks, n_tasks]``; NaN in holes.
        wins: Share of samples on which the source's encoder beats the target's own, ``[n_depths, target, source]``.
        loss: Mean loss of the target on the source's encoder, same shape.
    """

    evidence: Evidence
    normalised: Array = field(repr=False)
    wins: Array | None = field(default=None, repr=False)
    loss: Array | None = field(default=None, repr=False)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names in index order."""
        return self.evidence.tasks

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """All pairs of tasks, the smaller index first."""
        first, second = np.triu_indices(len(self.tasks), 1)
        return list(zip(first.tolist(), second.tolist(), strict=True))

    def closest(self, depth: int) -> tuple[int, int]:
        """Return the pair with the highest affinity at a depth, counted from 0; the first where none is known."""
        first, second = np.triu_indices(len(self.tasks), 1)
        values = self.normalised[depth, first, second]
        place = 0 if np.isnan(values).all() else int(np.nanargmax(values))
        return int(first[place]), int(second[place])


@dataclass(frozen=True, slots=True, eq=False)
class Sureness:
    """How much affinities vary with other samples and seeds.

    Args:
        certainty: Of the proportions, cell by cell.
        draws: The proportions of every draw, ``float32 [n, n_depths, n_tasks, n_tasks]``.
    """

    certainty: AffinityCertainty
    draws: NDArray[np.float32] = field(repr=False)


def affinity_view(evidence: Evidence) -> AffinityView:
    """Return what the page shows of a tensor."""
    losses = evidence.losses
    if losses is None:
        return AffinityView(evidence, evidence.normalised())
    return AffinityView(evidence, evidence.normalised(), against_own(losses), mean_losses(losses))


def against_own(losses: RecombinedLosses) -> Array:
    """Return the share of samples on which another task's encoder beats the target's own, ties half.

    Returns:
        ``[n_depths, n_tasks (target), n_tasks (source)]``, mean over seeds; NaN where one of both is missing.
    """
    found: Array = np.einsum("dtst->dts", losses.shares())
    return found


def mean_losses(losses: RecombinedLosses) -> Array:
    """Return the mean loss over samples and seeds, ``[n_depths, n_tasks (target), n_tasks (source)]``; NaN in holes."""
    return _mean(_mean(losses.values, axis=-1), axis=0)


def n_draws(losses: RecombinedLosses) -> int:
    """Return how often samples and seeds are drawn again: less often where that takes long."""
    return DRAWS if _is_within(losses, _MANY) else FEW_DRAWS


def is_quick(losses: RecombinedLosses) -> bool:
    """Return whether resampling is fast enough to do it before the page is shown."""
    return _is_within(losses, _AT_ONCE)


def sureness(view: AffinityView, rng: np.random.Generator) -> Sureness | None:
    """Return the confidence of a tensor, or None where nothing tells it: no losses, or effects of one seed."""
    losses, effects = view.evidence.losses, view.evidence.effects
    if effects is not None:
        drawn = effects.draws(min(_MANY_DRAWS, max(DRAWS, _MANY_NUMBERS // view.normalised.size)), rng)
        return None if drawn is None else Sureness(certainty(view.normalised, drawn), drawn.astype(np.float32))
    if losses is None:
        return None
    draws = proportions(resampled_affinities(losses, n=n_draws(losses), rng=rng, eigenvector=view.evidence.eigenvector))
    shown = np.where(np.isnan(draws).any(axis=0), np.nan, view.normalised)
    return Sureness(certainty(shown, draws), draws.astype(np.float32))


def ranks_kept(sure: Sureness) -> Array:
    """Return in how many of 100 resamples each pair keeps its rank, ``[n_depths, n_tasks, n_tasks]``.

    Whole numbers, rounded down: a pair of which 90 are shown is not marked.
    """
    kept: Array = np.floor(100 * sure.certainty.order + 1e-6)
    return kept


def is_one_seed(view: AffinityView) -> bool:
    """Return whether intervals are of the samples of one seed, so that they leave out how seeds differ."""
    return view.evidence.losses is not None and len(view.evidence.losses.seeds) == 1


def is_uncertain(view: AffinityView, sure: Sureness | None) -> NDArray[np.bool_]:
    """Return the cells to mark: pairs whose rank at their depth is uncertain."""
    if sure is None:
        return np.zeros(view.normalised.shape, dtype=bool)
    return np.asarray(np.nan_to_num(sure.certainty.order, nan=1.0) < SURE)


def _is_within(losses: RecombinedLosses, limits: tuple[int, int]) -> bool:
    return len(losses.tasks) <= limits[0] and losses.values.size <= limits[1]


def _mean(values: NDArray[np.floating], axis: int) -> Array:
    """Return the mean of what is known; NaN where nothing is."""
    found = np.asarray(values.mean(axis=axis, dtype=np.float64))
    # Few means are of incomplete numbers, if any: only these are made with care.
    places = np.nonzero(np.isnan(found))
    some = np.moveaxis(values, axis, -1)[places]
    known = ~np.isnan(some)
    number = known.sum(axis=-1)
    total = np.where(known, some, 0.0).sum(axis=-1, dtype=np.float64)
    found[places] = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return found
