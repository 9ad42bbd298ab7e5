"""How sure a branched tree is: which trees come out when samples and seeds are drawn again."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import Distance, distances
from core.errors import AffinityError
from core.layouts import Layout
from core.selection.branched import ExactSearch
from core.selection.branched_case import BranchedCase, check_alpha

Array = NDArray[np.float64]

_KNOWN = 8


@dataclass(frozen=True, slots=True)
class TreeShare:
    """A tree, and in which share of the draws it was the cheapest."""

    layout: Layout
    share: float


@dataclass(frozen=True, slots=True)
class TreeCertainty:
    """Which trees come out of resampled measurements at one α.

    Args:
        n_draws: How many measurements were drawn.
        trees: Each tree that came out, the most frequent first; their shares sum to 1.
    """

    n_draws: int
    trees: tuple[TreeShare, ...]

    def share(self, layout: Layout) -> float:
        """Return the share of draws that give this very tree."""
        return next((each.share for each in self.trees if each.layout == layout), 0.0)

    def apart(self) -> Array:
        """Return the share of draws in which two tasks do not share each block, ``[n_blocks, n_tasks, n_tasks]``."""
        n_blocks = self.trees[0].layout.n_blocks
        points = np.stack([each.layout.branch_points() for each in self.trees])
        shares = np.array([each.share for each in self.trees])
        split = points[:, None] <= np.arange(n_blocks)[None, :, None, None]
        result: Array = np.einsum("n,nbij->bij", shares, split.astype(np.float64))
        return result


def tree_certainty(
    draws: Array, downsamplings: tuple[float, ...], alpha: float, *, kind: Distance = Distance.COSINE
) -> TreeCertainty:
    """Return which trees are cheapest in resampled affinities, and how often.

    Args:
        draws: As ``resampled_affinities`` returns them, ``[n, n_depths, n_tasks, n_tasks]``; at most 11 tasks.
        downsamplings: Downsampling steps deeper than each depth.
        alpha: Weight of the complexity.
        kind: How affinities become distances.

    Raises:
        AffinityError: A draw is incomplete, there are no draws or too many tasks, or ``alpha`` is out of range.
    """
    check_alpha(alpha)
    if not len(draws):
        raise AffinityError("No measurement was drawn. Draw at least one.")
    if np.isnan(draws).any():
        depth = int(np.argwhere(np.isnan(draws))[0][1])
        raise AffinityError(
            f"Depth {depth} was not measured with every seed, so seeds can't be drawn again. Train the rest."
        )
    counts: Counter[Layout] = Counter()
    for draw in draws:
        case = BranchedCase(distances(draw, kind), downsamplings)
        # What was cheapest before costs little now: the search can ignore anything more expensive.
        often = [case.tree(layout, alpha).cost for layout, _ in counts.most_common(_KNOWN)]
        counts[ExactSearch(case).best(alpha, upper=min(often, default=np.inf))] += 1
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return TreeCertainty(len(draws), tuple(TreeShare(layout, number / len(draws)) for layout, number in ranked))
