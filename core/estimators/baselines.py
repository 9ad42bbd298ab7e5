"""Published baselines for choosing a layout: total dissimilarity and task grouping."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.costs.layout import layout_cost
from core.errors import AffinityError, LayoutError
from core.estimators.prediction import score
from core.estimators.two_task import Array
from core.layouts import Layout, enumerate_layouts

# 10 tasks have 115,975 groupings, 11 have 678,570.
MOST_GROUPED_TASKS = 10


@dataclass(frozen=True, slots=True)
class Grouping:
    """A layout whose groups share the whole backbone, with its cost and score."""

    layout: Layout
    cost: float
    score: float


def dissimilarity(layout: Layout, distances: Array) -> float:
    """Return What-to-Share's total dissimilarity: Σ over blocks of the mean over groups of the largest distance inside.

    A group of one counts 0, so single-task networks always have the smallest total, 0.

    Args:
        layout: A layout.
        distances: Dissimilarity of two tasks at each block, 0 or more, ``[n_blocks, n_tasks, n_tasks]``.

    Raises:
        AffinityError: The distances are not of this shape, not symmetric, negative or not finite.

    Reference:
        Branched Multi-Task Networks: Deciding What Layers To Share, §3.3 with α = 0;
        A Tree-Structured Multi-Task Model Recommender, §2.

    >>> dissimilarity(Layout.parse("0,1,2 | 0,1;2"), np.array([1 - np.eye(3)] * 2))
    1.5
    """
    _check_distances(distances, layout.n_tasks, layout.n_blocks)
    return float(
        sum(
            np.mean([distances[block][np.ix_(group, group)].max() if len(group) > 1 else 0.0 for group in partition])
            for block, partition in enumerate(layout.partitions)
        )
    )


def dissimilarity_ranking(layouts: Sequence[Layout], distances: Array) -> NDArray[np.intp]:
    """Return the places of ``layouts`` from least to most total dissimilarity; ties keep their order.

    Args:
        layouts: Layouts of the same tasks and blocks.
        distances: ``[n_blocks, n_tasks, n_tasks]``.

    Raises:
        AffinityError: The distances don't fit the layouts, or are no distances.
    """
    return np.argsort([round(dissimilarity(layout, distances), 10) for layout in layouts], kind="stable")


def is_grouping(layout: Layout) -> bool:
    """Return whether every block has the same partition, so that each group shares the whole backbone."""
    return len(set(layout.partitions)) == 1


def task_groupings(n_tasks: int, n_blocks: int) -> list[Layout]:
    """Return every layout that splits at the input or never, in canonical order.

    Raises:
        LayoutError: There are more than 10 tasks.

    Reference:
        Standley et al. 2020, Which Tasks Should Be Learned Together in Multi-task Learning?

    >>> [layout.to_text() for layout in task_groupings(2, 2)]
    ['0;1 | 0;1', '0,1 | 0,1']
    """
    if n_tasks > MOST_GROUPED_TASKS:
        raise LayoutError(
            f"{n_tasks} tasks have too many groupings to list. Compare with task grouping up to {MOST_GROUPED_TASKS}."
        )
    return sorted(Layout(layout.partitions * n_blocks) for layout in enumerate_layouts(n_tasks, 1))


def grouping_front(values: Array, weights: Array, costs: Array) -> list[Grouping]:
    """Return the groupings that no other grouping beats in both cost and score, by rising cost.

    Args:
        values: P without holes, ``[n_tasks, n_tasks, n_blocks + 1]``.
        weights: Weights of the score, ``[n_tasks]``.
        costs: Cost of one copy of each block, ``[n_blocks]``.

    Raises:
        LayoutError: There are more than 10 tasks, or costs and table have different numbers of blocks.
    """
    priced = [
        Grouping(layout, layout_cost(layout, costs), score(values, weights, layout))
        for layout in task_groupings(len(values), values.shape[-1] - 1)
    ]
    front: list[Grouping] = []
    for grouping in sorted(priced, key=lambda g: (g.cost, -g.score, g.layout.n_groups, g.layout)):
        if not front or grouping.score > front[-1].score + 1e-12:
            front.append(grouping)
    return front


def _check_distances(distances: Array, n_tasks: int, n_blocks: int) -> None:
    if distances.shape != (n_blocks, n_tasks, n_tasks):
        hint = " Depth comes first." if distances.shape == (n_tasks, n_tasks, n_blocks) else ""
        raise AffinityError(
            f"Distances should have shape [{n_blocks}, {n_tasks}, {n_tasks}], one table per block. "
            f"Found {list(distances.shape)}.{hint}"
        )
    if not np.isfinite(distances).all() or (distances < 0).any():
        raise AffinityError("A distance is negative or not finite. Distances should be 0 or more.")
    if not np.allclose(distances, distances.transpose(0, 2, 1)):
        raise AffinityError("The distances are not symmetric. Use the mean of both directions.")
