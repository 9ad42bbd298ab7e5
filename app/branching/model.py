"""Every branched tree that is cheapest for some weight of the complexity, from one tensor."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import Distance
from core.affinity.evidence import Evidence
from core.backbones import Backbone
from core.backbones.downsampling import downsamplings
from core.errors import AffinityError, BackboneError
from core.layouts import Layout
from core.plain_number import plain_number
from core.selection.alpha_path import AlphaPath, cheapest_trees
from core.selection.branched import MAX_EXACT_TASKS, BranchedCase
from core.selection.branched_case import check_remaining
from core.studies.study import Study

Array = NDArray[np.float64]

DISTANCE_WORDS = {
    Distance.COSINE: "Cosine",
    Distance.ONE_MINUS: "1 − A",
    Distance.MAX: "1 − A/max",
}
# Longer labels do not fit below a small tree.
_SHORT = 14


def branching_view(
    evidence: Evidence, kind: Distance, downs: Sequence[float], *, width: int, keep: int = MAX_EXACT_TASKS
) -> AlphaPath:
    """Return the trees of a tensor.

    Args:
        evidence: The tensor.
        kind: How its affinities become distances.
        downs: Remaining downsampling steps after each depth.
        width: Beam width, used with more than ``keep`` tasks.
        keep: Largest number of tasks for which the path is exact.

    Raises:
        AffinityError: A cell is missing, or the numbers don't fit.
    """
    case = BranchedCase(evidence.distances(kind), tuple(downs))
    return cheapest_trees(evidence.tasks, case, width=width, keep=keep)


def fits(evidence: Evidence, study: Study) -> str:
    """Return why a tree of this tensor is no layout of the study; empty where it is one."""
    if evidence.tasks != study.task_names:
        return "The tensor has other tasks than the study, so its trees are no layouts of the study"
    if evidence.n_depths != study.n_blocks:
        depths = f"{evidence.n_depths} depths but the study {study.n_blocks} blocks"
        return f"The tensor has {depths}, so its trees are no layouts of the study"
    return ""


def usual_downsamplings(evidence: Evidence, backbone: Backbone) -> tuple[float, ...]:
    """Return the default downsampling steps: those of the backbone where they are known, else 0."""
    return (0.0,) * evidence.n_depths if why_not_known(evidence, backbone) else downsamplings(backbone)


def why_not_known(evidence: Evidence, backbone: Backbone) -> str:
    """Return why the downsampling steps of a backbone do not apply to a tensor; empty where they do."""
    if evidence.n_depths != backbone.n_blocks:
        return (
            f"The tensor has {evidence.n_depths} depths but the backbone {backbone.n_blocks} blocks, so the "
            "downsampling steps are unknown: 0 after every block unless you type them."
        )
    try:
        downsamplings(backbone)
    except BackboneError as fault:
        return f"{fault} Until then, 0 after every block."
    return ""


def read_downsamplings(text: str, n_depths: int) -> tuple[float, ...]:
    """Return the numbers in a text, one for each depth.

    Raises:
        AffinityError: The text is malformed, or its numbers rise; the message has an example.
    """
    words = text.replace(";", ",").split(",")
    try:
        found = tuple(plain_number(word) for word in words)
    except ValueError:
        found = ()
    if len(found) != n_depths or not all(0 <= value <= 32 for value in found):
        example = ", ".join(str(max(n_depths - 1 - depth, 0)) for depth in range(n_depths))
        raise AffinityError(
            f'"{text[:60]}" should be {n_depths} numbers from 0 to 32, one for each depth from the input, as in '
            f"{example[:60]}."
        )
    check_remaining(found)
    return found


def downsampling_words(downs: Sequence[float]) -> str:
    """Return downsampling steps as text.

    >>> downsampling_words((2.0, 1.125, 0.0))
    '2, 1.12, 0'
    >>> downsampling_words((0.0,) * 16)
    '0 for all'
    """
    if len(set(downs)) == 1:
        return f"{downs[0]:.3g} for all"
    return ", ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in downs)


def short_layout_label(layout: Layout) -> str:
    """Return how many branches a tree has, at the first and the last block only where it has many."""
    label = layout_label(layout)
    return label if len(label) <= _SHORT else f"{layout.group_counts[0]} to {layout.group_counts[-1]} branches"


def layout_label(layout: Layout) -> str:
    """Return how many branches a tree has at each block, as 1·1·2·3."""
    return "·".join(map(str, layout.group_counts))
