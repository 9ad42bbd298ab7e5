"""What to train next: how much each possible training is expected to improve the recommendation, per second."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.layouts import Layout
from core.selection.knowledge import Candidate, Knowledge

Array = NDArray[np.float64]
# Outcomes of a training, half of them mirrored: their mean is what is expected today.
N_OUTCOMES = 256
# How often a training may be repeated.
TIMES = (1, 2, 4, 8)
# Less than this is no gain.
_EQUAL = 1e-9
# Layouts that are offered to be trained as they are.
MOST_WHOLE = 8
# Trainings whose gain is computed: those that can gain most by a simple bound.
MOST_WEIGHED = 160


@dataclass(frozen=True, slots=True)
class NextTraining:
    """A training and what it is worth.

    Args:
        candidate: The training.
        times: How often it is made, each time from another seed: as often as its gain per second is greatest.
        gain: How much better, on average, the layout recommended afterwards is expected to be than today's, in percent
            of weighted Δ (the value of the information).
        change_probability: How likely another layout is recommended afterwards.
        seconds: How long one takes, with what it is compared with and that is missing.
    """

    candidate: Candidate
    times: int
    gain: float
    change_probability: float
    seconds: float

    @property
    def rate(self) -> float:
        """Expected gain per second."""
        return self.gain / (self.times * self.seconds)


def rank_trainings(
    known: Knowledge, candidates: Sequence[Candidate], seconds: Callable[[Candidate], float]
) -> list[NextTraining]:
    """Return trainings, those first that are expected to improve the recommendation most per second.

    Before a training is made, its outcome is uncertain. Each of many outcomes moves what is expected of every layout,
    by what it has in common with what is measured; the gain is the mean of the best layout's score then, minus that
    of today's choice. One noisy training alone may never change a choice that several would, so each is judged by the
    number of seeds with which it gains most per second.

    Args:
        known: What is known of the layouts.
        candidates: What could be trained.
        seconds: How long a candidate takes, more than 0.

    Returns:
        Those that can gain most, at most ``MOST_WEIGHED``.

    Reference:
        Raiffa and Schlaifer 1961, Applied Statistical Decision Theory: preposterior analysis; Frazier, Powell and
        Dayanik 2009, The Knowledge-Gradient Policy for Correlated Normal Beliefs; Frazier and Powell 2010, Paradoxes in
        Learning and the Marginal Value of Information (several measurements at once).
    """
    best = int(np.argmax(known.means))
    weighed = [(each, known.moves(each, TIMES[-1]), seconds(each)) for each in candidates]
    # No training is worth more than the greatest deviation that it moves any layout against today's.
    bound = [float(np.linalg.norm(moves - moves[best], axis=1).max()) / time for _, moves, time in weighed]
    order = np.argsort(-np.array(bound), kind="stable")[:MOST_WEIGHED].tolist()
    found = [_best_of_times(known, best, weighed[place][0], weighed[place][2]) for place in order]
    return sorted(found, key=_order)


def _best_of_times(known: Knowledge, best: int, candidate: Candidate, seconds: float) -> NextTraining:
    means, options = known.means, []
    for times in TIMES:
        moves = known.moves(candidate, times)
        apart = (means - means[best])[:, None] + (moves - moves[best]) @ _outcomes(moves.shape[1]).T
        greatest = apart.max(axis=0)
        gain = float(greatest.mean())
        options.append(NextTraining(candidate, times, gain, float((greatest > _EQUAL).mean()), seconds))
    return max(options, key=lambda each: each.rate)


def next_batch(
    known: Knowledge,
    candidates: Sequence[Candidate],
    seconds: Callable[[Candidate], float],
    n: int,
) -> list[NextTraining]:
    """Return trainings to make at the same time: each the best once those before it are made.

    Args:
        known: What is known of the layouts.
        candidates: What could be trained.
        seconds: How long a candidate takes, more than 0.
        n: How many, at most.
    """
    found: list[NextTraining] = []
    left = list(candidates)
    while left and len(found) < n:
        best = rank_trainings(known, left, seconds)[0]
        if best.gain <= _EQUAL:
            break
        found.append(best)
        known = known.after(best.candidate)
        left = [each for each in left if each != best.candidate]
    return found


def whole_layouts(known: Knowledge, trained: Sequence[Layout]) -> list[Candidate]:
    """Return the layouts worth training as they are: the best expected ones, which no pair measures.

    Args:
        known: What is known of the layouts.
        trained: Those that are trained.
    """
    done = set(trained)
    order = np.argsort(-known.means, kind="stable").tolist()
    fresh = [known.layouts[place] for place in order if known.layouts[place] not in done]
    return [Candidate(layout=each) for each in fresh if max(map(len, each.partitions[0])) > 2][:MOST_WHOLE]


def cells(measured: NDArray[np.bool_]) -> list[Candidate]:
    """Return the cells to train: from the first seed of the table that lacks one, and from one seed more.

    Args:
        measured: Which cells each seed has, ``[n_seeds, n_tasks, n_tasks, n_blocks + 1]``.
    """
    n_seeds, n_tasks, _, n_points = measured.shape
    found = []
    for i, j in combinations(range(n_tasks), 2):
        for b in range(1, n_points):
            lacking = np.flatnonzero(~(measured[:, i, j, b] | measured[:, j, i, b]))
            found += [Candidate((i, j), b, int(seed)) for seed in (*lacking[:1], n_seeds)]
    return found


@cache
def _outcomes(n: int) -> Array:
    """Return standard normal points that fill the space evenly, ``[N_OUTCOMES, n]``.

    Reference:
        Roberts 2018, The Unreasonable Effectiveness of Quasirandom Sequences: steps of the generalised golden ratio.
    """
    ratio = 2.0
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (n + 1))
    steps = ratio ** -np.arange(1.0, n + 1)
    half = ndtri((0.5 + np.arange(1, N_OUTCOMES // 2 + 1)[:, None] * steps) % 1.0)
    found: Array = np.concatenate([half, -half])
    return found


def _order(each: NextTraining) -> tuple[float, float, bool, int, int, tuple[int, ...]]:
    of = each.candidate
    return -round(each.rate, 12), -each.change_probability, of.layout is not None, of.seed, of.branch_point, of.tasks
