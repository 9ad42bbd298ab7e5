"""Dissimilarity of pictures in the features of a network, block after block."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.affinity import dissimilarities

Array = NDArray[np.float64]
# So many pictures are compared.
N_PICTURES = 200
# Early features of 200 large pictures take gigabytes.
_BATCH = 50


def dissimilarities_along(blocks: Iterable[nn.Module], pictures: Tensor) -> Array:
    """Return the dissimilarity matrix of pictures after each of some blocks, ``[n_blocks, n_pictures, n_pictures]``.

    Args:
        blocks: In evaluation mode, each applied to the output of the one before.
        pictures: ``[n_pictures, 3, height, width]``, as the blocks are trained on.
    """
    tables, features = [], pictures
    for block in blocks:
        with torch.no_grad():
            features = torch.cat([block(batch) for batch in torch.split(features, _BATCH)])
        tables.append(dissimilarities(features.flatten(1).cpu().numpy()))
    return np.stack(tables)
