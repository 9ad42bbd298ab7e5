"""Where to graft: which branch's features are the most similar to those of a new data set's dedicated network."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from core.affinity import similarities
from core.families.treednn.network import TreeDNN
from core.training.features import dissimilarities_along


def branch_similarities(
    tree: TreeDNN, own: Sequence[nn.Module], pictures: Tensor, names: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    """Return the similarity of each branch to a dedicated network for a new data set, after each branch block.

    Both see the same pictures of the new data set; the two rankings of dissimilarity between pictures
    by features are compared by Spearman's rank correlation.

    Args:
        tree: The trained TreeDNN.
        own: The blocks of the new data set's dedicated network.
        pictures: Some of the new data set, ``[n_pictures, 3, height, width]``.
        names: Branches that a graft could start from.

    Returns:
        Branch → ``[n_blocks behind the trunk]``, −1 to 1, higher is more similar; as many as both networks have.

    Raises:
        AffinityError: There are fewer than 3 pictures.

    Reference:
        Dwivedi and Roig, Representation Similarity Analysis for Efficient Task Taxonomy, 2019.
    """
    cut = len(tree.trunk)
    mine = dissimilarities_along(own, pictures)
    found = {}
    for name in names:
        theirs = dissimilarities_along([*tree.trunk, *tree.branch(name).blocks], pictures)
        shared = min(len(mine), len(theirs))
        both = similarities(np.stack([mine[:shared], theirs[:shared]]))
        found[name] = tuple(float(table[0, 1]) for table in both[cut:])
    return found
