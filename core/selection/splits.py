"""Why two tasks part where they do: what it would cost to keep them together one block longer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.layouts import Group, Layout
from core.selection.alpha_path import AlphaPath
from core.selection.branched import BranchedTree


@dataclass(frozen=True, slots=True)
class Split:
    """Where two tasks part in the cheapest tree at one α, and what keeping them together would cost.

    Args:
        pair: The two tasks.
        shared: Blocks they share; as many as there are where they never part.
        alpha: Weight of the complexity.
        distance: Between both at the depth where they part, or at the last where they never do.
        joined: Largest distance inside if their two groups were one there.
        shown: The cheapest tree.
        together: The cheapest tree that has them together there; None where they never part.
        is_best: Whether ``together`` is the cheapest such tree, and not only the shown one with both groups joined.
        joins_at: From this α on the cheapest tree has them together there; infinity where none has.
        parts_below: Below this α the cheapest tree has them apart at the last block they share; 0 where none has.
    """

    pair: tuple[int, int]
    shared: int
    alpha: float
    distance: float
    joined: float
    shown: BranchedTree
    together: BranchedTree | None
    is_best: bool
    joins_at: float
    parts_below: float


def split_of(view: AlphaPath, alpha: float, pair: tuple[int, int]) -> Split:
    """Return where two tasks part at an α, and why.

    Args:
        view: The trees.
        alpha: Weight of the complexity.
        pair: Two different tasks.
    """
    place = view.place(alpha)
    layout = view.steps[place].tree.layout
    shown = view.case.tree(layout, alpha)
    shared = branch_point(layout, pair)
    depth = min(shared, view.n_depths - 1)
    first, second = (layout.group_of(task, depth) for task in pair)
    members = sorted({*first, *second})
    joined = float(view.case.distances[depth][members][:, members].max())
    return Split(
        pair,
        shared,
        alpha,
        float(view.case.distances[depth][pair]),
        joined,
        shown,
        _together(view, alpha, layout, depth, pair) if shared < view.n_depths else None,
        view.exact is not None,
        next((s.start for s in view.steps[place:] if branch_point(s.tree.layout, pair) > depth), math.inf),
        max((s.end for s in view.steps[:place] if branch_point(s.tree.layout, pair) < shared), default=0.0),
    )


def _together(view: AlphaPath, alpha: float, layout: Layout, depth: int, pair: tuple[int, int]) -> BranchedTree:
    first, second = (layout.group_of(task, depth) for task in pair)
    merged = view.case.tree(layout.merge(depth, first, second), alpha)
    if view.exact is None:
        return merged
    return view.case.tree(view.exact.best(alpha, upper=merged.cost, together=(depth, pair)), alpha)


def pair_of_group(view: AlphaPath, layout: Layout, block: int, group: Group) -> tuple[int, int] | None:
    """Return the pair that a click on a branch selects: the nearest tasks of this group and of another one there.

    Of several groups, those that split from the same group above are meant. Where everything is shared at that
    block, the pair that parts first below it; None for a single task alone.

    Args:
        view: The trees.
        layout: The tree that was clicked.
        block: Which block.
        group: A group of that block.
    """
    above = layout.group_of(group[0], block - 1) if block else tuple(range(layout.n_tasks))
    siblings = [other for other in layout.partitions[block] if set(other) <= set(above) and other != group]
    others = siblings or [other for other in layout.partitions[block] if other != group]
    far = view.case.distances[block]
    pairs = [(min(i, j), max(i, j)) for other in others for i in group for j in other]
    if pairs:
        return min(pairs, key=lambda pair: (far[pair], pair))
    points = layout.branch_points()
    inside = list(combinations(group, 2))
    return min(inside, key=lambda pair: (points[pair], far[pair], pair)) if inside else None


def branch_point(layout: Layout, pair: tuple[int, int]) -> int:
    """Return how many leading blocks two tasks share; for all pairs at once use the layout."""
    return sum(pair[1] in layout.group_of(pair[0], block) for block in range(layout.n_blocks))


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two tasks at one block.

    Args:
        block: Counted from 1, as on every screen.
        distance: Between them.
        largest: The largest between any two tasks there.
        shares: Whether they share it in the tree shown.
        shared_for: Intervals of α in which the cheapest tree has them share it; None where one has no end.
    """

    block: int
    distance: float
    largest: float
    shares: bool
    shared_for: tuple[tuple[float, float | None], ...]


def pair_rows(view: AlphaPath, alpha: float, pair: tuple[int, int]) -> list[PairRow]:
    """Return two tasks at every block."""
    points = [branch_point(step.tree.layout, pair) for step in view.steps]
    shown = points[view.place(alpha)]
    return [
        PairRow(
            depth + 1,
            float(view.case.distances[depth][pair]),
            float(view.case.distances[depth].max()),
            shown > depth,
            _intervals(view, [point > depth for point in points]),
        )
        for depth in range(view.n_depths)
    ]


def _intervals(view: AlphaPath, inside: Sequence[bool]) -> tuple[tuple[float, float | None], ...]:
    found: list[tuple[float, float | None]] = []
    for step, there in zip(view.steps, inside, strict=True):
        if not there:
            continue
        end = None if step.end == math.inf else step.end
        if found and found[-1][1] == step.start:
            found[-1] = found[-1][0], end
        else:
            found.append((step.start, end))
    return tuple(found)
