"""Representation similarity analysis: similarity of the features of two tasks at every depth.

The features of two networks can't be compared number by number, but how they tell pictures
apart can. At each depth every task has a table of how unlike it finds any two pictures; tasks
whose tables have the same order of entries rely on similar features.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import check_shape, check_symmetric
from core.errors import AffinityError

Array = NDArray[np.float64]

FEWEST_PICTURES = 3
# Dissimilarities that are equal but for rounding should be ties.
_DIGITS = 10
# Early features of large pictures fill gigabytes as float64, so columns are taken in turns.
_COLUMNS = 65_536
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """Similarity of the features of tasks after every block, measured on their single-task networks.

    Args:
        values: From −1 to 1, 1 on the diagonal, symmetric, ``[n_depths, n_tasks, n_tasks]``.
        seed: The networks were trained from it.
        n_pictures: Validation pictures the features were taken from.

    Raises:
        AffinityError: The values have another form, or there are too few pictures.
    """

    values: Array = field(repr=False)
    seed: int
    n_pictures: int

    def __post_init__(self) -> None:
        _check_values(self.values)
        if self.n_pictures < FEWEST_PICTURES:
            raise AffinityError(_too_few(self.n_pictures))

    @property
    def distances(self) -> Array:
        """How unlike tasks are: 1 − similarity, from 0 to 2, ``[n_depths, n_tasks, n_tasks]``."""
        result: Array = np.clip(1.0 - self.values, 0.0, None)
        return result

    def check_fits(self, n_tasks: int, n_blocks: int) -> None:
        """Check that there is one depth for each block and one row for each task, else raise AffinityError."""
        if self.values.shape != (n_blocks, n_tasks, n_tasks):
            hint = " Depth comes first." if self.values.shape == (n_tasks, n_tasks, n_blocks) else ""
            raise AffinityError(
                f"The similarity of {n_tasks} tasks over {n_blocks} blocks should have shape "
                f"[{n_blocks}, {n_tasks}, {n_tasks}]. Found {list(self.values.shape)}.{hint}"
            )


def dissimilarities(features: NDArray[np.floating]) -> Array:
    """Return the representation dissimilarity matrix: 1 − Pearson correlation of any two pictures' features.

    A picture whose features are all equal correlates with no other: its dissimilarities are 1.

    Args:
        features: What a network makes of each picture, ``[n_pictures, …]``.

    Returns:
        ``[n_pictures, n_pictures]``, symmetric, from 0 to 2, 0 on the diagonal.

    Raises:
        AffinityError: There are fewer than 3 pictures, or a feature is missing or infinite.

    Reference:
        Kriegeskorte et al. 2008, Representational similarity analysis; Dwivedi and Roig 2019,
        Representation Similarity Analysis for Efficient Task Taxonomy & Transfer Learning, §3.

    >>> dissimilarities(np.array([[0.0, 1.0, 2.0], [2.0, 3.0, 4.0], [2.0, 1.0, 0.0]])).tolist()
    [[0.0, 0.0, 2.0], [0.0, 0.0, 2.0], [2.0, 2.0, 0.0]]
    """
    flat = features.reshape(len(features), -1)
    if len(flat) < FEWEST_PICTURES:
        raise AffinityError(_too_few(len(flat)))
    if not np.isfinite(flat).all():
        raise AffinityError("A feature is missing or infinite. Train the network with a lower learning rate.")
    products = _products(flat)
    lengths = np.sqrt(np.diag(products))
    scale = np.outer(lengths, lengths)
    correlations = np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)
    result: Array = (1.0 - np.clip(correlations, -1.0, 1.0)).round(_DIGITS)
    np.fill_diagonal(result, 0.0)
    return result


def similarities(tables: Array) -> Array:
    """Return the Spearman correlation of any two tasks' dissimilarity matrices, depth by depth.

    Only the strict upper triangles are compared; ties get average ranks. A matrix whose entries
    are all equal distinguishes no pictures: its similarity to every other task is 0.

    Args:
        tables: Dissimilarities of pictures, ``[n_tasks, n_depths, n_pictures, n_pictures]``.

    Returns:
        ``[n_depths, n_tasks, n_tasks]``, symmetric, from −1 to 1, 1 on the diagonal.

    Raises:
        AffinityError: There are fewer than 3 pictures.

    Reference:
        Dwivedi and Roig 2019, §3; a cheap source of the affinities of Branched Multi-Task
        Networks, §3.2, which trains recombined networks instead.

    >>> table = dissimilarities(np.array([[0.0, 1.0, 2.0], [2.0, 3.0, 5.0], [2.0, 1.0, 0.0]]))
    >>> similarities(np.stack([table, table])[:, None]).tolist()
    [[[1.0, 1.0], [1.0, 1.0]]]
    """
    n_tasks, n_depths, n_pictures = tables.shape[:3]
    if n_pictures < FEWEST_PICTURES:
        raise AffinityError(_too_few(n_pictures))
    above = np.triu_indices(n_pictures, k=1)
    pairs = tables[..., *above].round(_DIGITS)
    ranks = np.array([[_average_ranks(row) for row in task] for task in pairs])
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    products = np.einsum("idp,jdp->dij", centred, centred)
    squares = np.diagonal(products, axis1=1, axis2=2)
    scale = np.sqrt(squares[:, :, None] * squares[:, None, :])
    result: Array = np.divide(products, scale, out=np.zeros((n_depths, n_tasks, n_tasks)), where=scale > 0)
    result = np.clip((result + result.transpose(0, 2, 1)) / 2.0, -1.0, 1.0)
    result[:, np.arange(n_tasks), np.arange(n_tasks)] = 1.0
    return result


def _products(flat: NDArray[np.floating]) -> Array:
    """Return the inner products of centred rows, ``[n_rows, n_rows]``."""
    # The mean of equal numbers may differ from them in the last digit, so they are found apart.
    varied = np.ptp(flat, axis=1, keepdims=True) > 0
    means = flat.mean(axis=1, keepdims=True, dtype=np.float64)
    products = np.zeros((len(flat), len(flat)))
    for start in range(0, flat.shape[1], _COLUMNS):
        part = np.where(varied, flat[:, start : start + _COLUMNS] - means, 0.0)
        products += part @ part.T
    return products


def _average_ranks(values: Array) -> Array:
    """Return the ranks of numbers from 1, equal ones the mean of their places."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    result: Array = (np.cumsum(counts) - (counts - 1) / 2.0)[places]
    return result


def _check_values(values: Array) -> None:
    check_shape(values, "A similarity")
    if not np.isfinite(values).all() or np.abs(values).max() > 1.0 + _TOLERANCE:
        raise AffinityError("A similarity is missing or not between −1 and 1. Measure it again.")
    check_symmetric(values, "The similarity")
    if np.abs(np.diagonal(values, axis1=1, axis2=2) - 1.0).max() > _TOLERANCE:
        raise AffinityError("A task is not wholly similar to itself. The diagonal of every depth should be 1.")


def _too_few(n_pictures: int) -> str:
    return f"{n_pictures} pictures are too few. Compare features on at least {FEWEST_PICTURES}."
