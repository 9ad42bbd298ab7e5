"""What a search needs of a score: a constant, and what each group earns by sharing each block."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.estimators.prediction import Estimator
from core.layouts import Layout
from core.selection.block_score import BlockScore
from core.selection.pairwise import PairwiseScore

Array = NDArray[np.float64]


class LayoutScore(Protocol):
    """A score that is a sum over groups of blocks: ``constant`` + Σ_b Σ_{A at block b} ``gains[b, A]``."""

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""

    @property
    def constant(self) -> float:
        """Score of single-task networks."""

    @property
    def span(self) -> float:
        """Greatest absolute value that any layout's score could have."""

    @property
    def ceiling(self) -> float:
        """Upper bound of every layout's score."""

    @property
    def gains(self) -> Array:
        """What each group earns by sharing each block, ``[n_blocks, 2^n_tasks]``, with the group as a bit mask."""

    def score(self, layout: Layout) -> float:
        """Return the score of a layout."""


GainScore = PairwiseScore | BlockScore


def score_of(values: Array, weights: Array, estimator: Estimator = Estimator.PAPER) -> GainScore:
    """Return the weighted sum of the gains that an estimator predicts, in the form that searches maximise.

    Args:
        values: Δ of task i next to task j sharing b blocks, in percent,
            ``[n_tasks, n_tasks, n_blocks + 1]``, without holes.
        weights: w_i, ``[n_tasks]``.
        estimator: Which one.

    Raises:
        TableError: Shapes disagree, or a value or weight is no finite number.
    """
    if estimator is Estimator.PAPER:
        return PairwiseScore.of(values, weights)
    return BlockScore.of(values, weights, beyond=estimator is Estimator.BAYES)
