"""Spectral clustering of a few dozen items into every number of groups at once.

scikit-learn finds the eigenvectors anew for each number of groups and takes two seconds to import;
here they are found once, and k-means runs in a compiled loop.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.layouts.layout import Partition

Array = NDArray[np.float64]

# Starts of k-means, as scikit-learn has them; fewer where each takes long.
STARTS, FEW_STARTS, MANY_ITEMS = 10, 4, 20
_LEAST = 1e-6


def spectral_partitions(similarity: Array, *, seed: int = 0) -> Iterator[Partition]:
    """Return the partitions of items into 2, 3, … n − 1 groups that spectral clustering proposes.

    The eigenvectors of the normalised Laplacian with the smallest eigenvalues place every item; k-means with
    several seeded starts groups the places. A group that k-means leaves empty is left out.

    Args:
        similarity: Similarity of items, ``[n, n]``, symmetric; clipped to 10⁻⁶ … 1.
        seed: Of the starts.

    Reference:
        von Luxburg, A Tutorial on Spectral Clustering, §4; Branched Multi-Task Networks, §3.3.
    """
    from core.selection.spectral_kernels import grouped

    places = _places(np.clip(similarity, _LEAST, 1.0))
    rng = np.random.default_rng(seed)
    starts = STARTS if len(similarity) <= MANY_ITEMS else FEW_STARTS
    for n_groups in range(2, len(similarity)):
        labels = grouped(np.ascontiguousarray(places[:, :n_groups]), n_groups, rng.random((starts, n_groups)))
        yield partition_of(labels)


def partition_of(labels: NDArray[np.int64]) -> Partition:
    """Return the canonical partition in which items with the same label, ``[n]``, are together."""
    groups: dict[int, list[int]] = {}
    for item, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(item)
    # Groups come up in the order of their smallest members, and members rise.
    return tuple(map(tuple, groups.values()))


def _places(similarity: Array) -> Array:
    """Return the eigenvectors of the normalised Laplacian, smallest eigenvalue first, one row an item, ``[n, n]``."""
    strength = similarity - np.diag(np.diagonal(similarity))
    scale = np.sqrt(strength.sum(axis=1))
    laplacian = np.eye(len(strength)) - strength / (scale[:, None] * scale[None])
    vectors = np.linalg.eigh(laplacian)[1] / scale[:, None]
    # The sign of an eigenvector is chance.
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(len(vectors))]
    result: Array = vectors * np.sign(largest)
    return result
