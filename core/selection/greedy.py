"""Greedy cuts: from everything shared, always the one cut that predicts the most."""

from core.layouts import Layout
from core.selection.layout_score import LayoutScore

# With more tasks a group can be cut in too many ways.
MOST_CUT_TASKS = 7


def greedy_cuts(score: LayoutScore) -> list[Layout]:
    """Return the layouts that greedy cuts pass through, from fully shared to single-task networks.

    Each is the cut of the one before with the highest score; of equal ones the one that shares most.

    Args:
        score: What is maximised, of at most seven tasks; of more the list is empty.

    >>> import numpy as np
    >>> from core.selection.pairwise import PairwiseScore
    >>> score = PairwiseScore(np.array([[[0.0, 0, 0], [0, 2, 1]], [[0, 2, 1], [0, 0, 0]]]))
    >>> [layout.to_text() for layout in greedy_cuts(score)]
    ['0,1 | 0,1', '0,1 | 0;1', '0;1 | 0;1']
    """
    if score.n_tasks > MOST_CUT_TASKS:
        return []
    path = [Layout.all_shared(score.n_tasks, score.n_blocks)]
    while cuts := set(path[-1].cuts()):
        path.append(min(cuts, key=lambda layout: (-score.score(layout), layout.n_groups, layout)))
    return path
