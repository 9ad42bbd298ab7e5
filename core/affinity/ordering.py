"""Order of tasks in a heatmap: as in the study, by cluster, or by similarity."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import AffinityError

Array = NDArray[np.float64]


class Order(StrEnum):
    """By what rows and columns are ordered; the value is what the control says."""

    STUDY = "study"
    CLUSTER = "cluster"
    SIMILARITY = "similarity"


class Over(StrEnum):
    """Which depths decide."""

    ALL = "all"
    THIS = "each"


@dataclass(frozen=True, slots=True)
class Bracket:
    """One merge of a dendrogram: two branches that join.

    Args:
        places: Where both stand among the rows, counted from 0; between rows for branches that joined before.
        below: Distances at which they began.
        height: Distance at which they join, 0 to 1.
    """

    places: tuple[float, float]
    below: tuple[float, float]
    height: float


@dataclass(frozen=True, slots=True)
class Arrangement:
    """An order of tasks, with the dendrogram it comes from; without brackets where it comes from none."""

    order: tuple[int, ...]
    brackets: tuple[Bracket, ...] = ()


def arrangements(affinity: Array, order: Order, over: Over) -> list[Arrangement]:
    """Return how tasks are ordered: once for all depths, or for each.

    Args:
        affinity: ``[n_depths, n_tasks, n_tasks]``, 1 on the diagonal.
        order: By what.
        over: One order from the mean over depths, or each depth its own.

    Raises:
        AffinityError: A cell is missing, so that nothing can be clustered.
    """
    if order is Order.STUDY:
        return [Arrangement(tuple(range(affinity.shape[1])))]
    if np.isnan(affinity).any():
        depth, i, j = np.argwhere(np.isnan(affinity))[0].tolist()
        n_partial = int(np.isnan(affinity).any(axis=(1, 2)).sum())
        raise AffinityError(
            f"{n_partial} of {len(affinity)} depths have cells that are not measured, "
            f"the first at depth {depth}, tasks {i} and {j}; tasks can't be ordered by {order.lower()} until all are."
        )
    tables = affinity.mean(axis=0)[None] if over is Over.ALL else affinity
    arrange = clustered if order is Order.CLUSTER else seriated
    return [arrange(table) for table in tables]


def clustered(affinity: Array) -> Arrangement:
    """Return the order of a dendrogram: average linkage of 1 − similarity of tasks, leaves turned so neighbours fit.

    Args:
        affinity: ``[n_tasks, n_tasks]``.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage

    n = len(affinity)
    distance = np.clip(1.0 - affinity, 0.0, 1.0)
    merges = linkage(distance[np.triu_indices(n, 1)], "average", optimal_ordering=n > 2)
    order = tuple(leaves_list(merges).tolist())
    places, heights = {task: float(place) for place, task in enumerate(order)}, dict.fromkeys(range(n), 0.0)
    brackets = []
    for number, (a, b, height, _) in enumerate(merges.tolist(), start=n):
        one, other = sorted((int(a), int(b)), key=lambda branch: places[branch])
        brackets.append(Bracket((places[one], places[other]), (heights[one], heights[other]), height))
        places[number], heights[number] = (places[one] + places[other]) / 2.0, height
    return Arrangement(order, tuple(brackets))


def seriated(affinity: Array) -> Arrangement:
    """Return an order by similarity: tasks sorted by the second eigenvector of the Laplacian.

    Args:
        affinity: ``[n_tasks, n_tasks]``.

    Reference:
        Atkins, Boman and Hendrickson 1998, A Spectral Algorithm for Seriation and the Consecutive Ones Problem.
    """
    weights = np.clip(affinity, 0.0, None)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    vector = np.linalg.eigh(laplacian)[1][:, 1]
    # Either end could come first; the study's first task is to stand in the first half.
    if vector[0] > 0:
        vector = -vector
    return Arrangement(tuple(np.argsort(vector.round(9), kind="stable").tolist()))
