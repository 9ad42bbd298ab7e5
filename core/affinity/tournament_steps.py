"""The tournament of one target at one depth, step by step, with a study's own numbers."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import LEAST_SHARE, Eigenvector, scores
from core.errors import AffinityError

Array = NDArray[np.float64]

EXCERPT = 8


class TournamentStep(IntEnum):
    """The steps, in order."""

    LOSSES = 0
    WINS = 1
    RATIOS = 2
    EIGENVECTOR = 3
    ROW = 4
    AFFINITY = 5


@dataclass(frozen=True, slots=True, eq=False)
class Tournament:
    """All numbers of one tournament.

    Args:
        target: The task that is to be solved.
        depth: The bottom ``depth + 1`` blocks are another task's, counted from 0.
        samples: Which validation samples are shown.
        losses: Their losses from the first measured seed, ``[n_tasks, n_shown]``.
        n_samples: Labelled samples of that seed.
        n_seeds: Seeds the shares are a mean of.
        shares: Share of samples on which encoder i beats j, ``[n_tasks, n_tasks]``.
        ratios: W/Wᵀ after clipping; W itself where the eigenvector is that of W.
        vector: The principal eigenvector, summing to 1.
        value: Its eigenvalue.
        performance: P at this depth, ``[n_tasks, n_tasks]``; NaN in rows that can't be computed.
        affinity: A at this depth.
    """

    target: int
    depth: int
    samples: tuple[int, ...]
    losses: Array = field(repr=False)
    n_samples: int
    n_seeds: int
    shares: Array = field(repr=False)
    ratios: Array = field(repr=False)
    vector: Array = field(repr=False)
    value: float
    performance: Array = field(repr=False)
    affinity: Array = field(repr=False)


def tournament_of(
    losses: RecombinedLosses,
    shares: Array,
    depth: int,
    target: int,
    eigenvector: Eigenvector = Eigenvector.AHP,
) -> Tournament:
    """Return the tournament of a target at a depth.

    Args:
        losses: Of recombined networks.
        shares: As ``RecombinedLosses.shares`` returns them.
        depth: Counted from 0.
        target: The task that is to be solved.
        eigenvector: Of which matrix.

    Raises:
        AffinityError: An encoder is missing for this target at this depth.
    """
    table = shares[depth, target]
    if np.isnan(table).any():
        missing = int(np.flatnonzero(np.isnan(np.diag(table)))[0]) if np.isnan(np.diag(table)).any() else 0
        raise AffinityError(
            f"After block {depth + 1}, {losses.tasks[target]} has no network on the features of "
            f"{losses.tasks[missing]}. The tournament needs every encoder; choose another depth or target, or train "
            "what is missing."
        )
    there = losses.measured[:, depth, target].all(axis=1)
    seed = int(np.argmax(there))
    labelled = np.flatnonzero(losses.labelled(seed, depth, target))
    shown = _excerpt(losses.values[seed, depth, target][:, labelled])
    clipped = np.clip(table, LEAST_SHARE, 1.0 - LEAST_SHARE)
    ratios = clipped / clipped.T if eigenvector is Eigenvector.AHP else table
    vector = scores(table, eigenvector)
    performance = np.array([_row(each, eigenvector) for each in shares[depth]])
    return Tournament(
        target=target,
        depth=depth,
        samples=tuple(labelled[shown].tolist()),
        losses=losses.values[seed, depth, target][:, labelled[shown]].astype(np.float64),
        n_samples=len(labelled),
        n_seeds=int(there.sum()),
        shares=table,
        ratios=ratios,
        vector=vector,
        value=float((ratios @ vector).sum()),
        performance=performance,
        affinity=(performance + performance.T) / 2,
    )


def duel(found: Tournament, one: int, other: int) -> tuple[int, int, int]:
    """Return on how many of the shown samples one encoder wins, ties, and loses against another."""
    difference = found.losses[one] - found.losses[other]
    return int((difference < 0).sum()), int((difference == 0).sum()), int((difference > 0).sum())


def _row(shares: Array, kind: Eigenvector) -> Array:
    return np.full(len(shares), np.nan) if np.isnan(shares).any() else scores(shares, kind)


def _excerpt(losses: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return evenly spaced samples, in their order: a fair excerpt rather than the most telling one."""
    n = losses.shape[1]
    return np.unique(np.linspace(0, n - 1, min(EXCERPT, n)).round().astype(np.intp))
