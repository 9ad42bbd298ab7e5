"""Sizes of the parts of a TreeDNN, and names of its branches."""

from collections.abc import Sequence

from app.ui.formatting import amount
from core.costs import Unit
from core.families.treednn.costs import CutBackbone


def branch_names(names: Sequence[str], n_branches: int) -> tuple[str, ...]:
    """Return a name for every branch: given names, then numbers.

    >>> branch_names(["night", "food"], 3)
    ('night', 'food', 'task 3')
    """
    return tuple(names[:n_branches]) + tuple(f"task {place}" for place in range(len(names) + 1, n_branches + 1))


class TreeSizes:
    """Bytes of a trunk, a branch and what they replace; heads are not counted.

    Args:
        cut_backbone: Trunk and branches.
        names: Of the branches, ``[n_branches]``.
    """

    def __init__(self, cut_backbone: CutBackbone, names: Sequence[str]) -> None:
        stored = cut_backbone.bytes
        self.cut_backbone, self.names, self.k = cut_backbone, names, cut_backbone.n_branches
        self.trunk, self.branch = int(stored.trunk), int(stored.branches[0])
        self.whole = self.trunk + self.branch
        self.tree, self.separate, self.relative = int(stored.tree), int(stored.separate), stored.relative
        self.has_trunk = cut_backbone.cut > 0
        self.branch_words = amount(self.branch, Unit.BYTES) if self.branch else "only a head"
