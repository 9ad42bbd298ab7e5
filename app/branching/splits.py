"""Why two tasks part where they do: what it would cost to keep them together one block longer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from app.branching.model import BranchingView
from app.ui.formatting import escape
from core.layouts import Group, Layout
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


def split_of(view: BranchingView, alpha: float, pair: tuple[int, int]) -> Split:
    """Give where two tasks part at an α, and why.

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


def _together(view: BranchingView, alpha: float, layout: Layout, depth: int, pair: tuple[int, int]) -> BranchedTree:
    first, second = (layout.group_of(task, depth) for task in pair)
    merged = view.case.tree(layout.merge(depth, first, second), alpha)
    if view.exact is None:
        return merged
    return view.case.tree(view.exact.best(alpha, upper=merged.cost, together=(depth, pair)), alpha)


def split_sentences(split: Split, tasks: Sequence[str], n_depths: int) -> list[str]:
    """Give the reason in sentences, as Markdown."""
    a, b = (f"**{escape(tasks[task])}**" for task in split.pair)
    if split.together is None:
        last = (
            f" Below α = {number(split.parts_below)} they part earlier."
            if split.parts_below > 0
            else " They share all blocks at every smaller α too."
        )
        return [f"{a} and {b} never part: they share all {n_depths} blocks, and at the last one their distance is "
                f"{split.distance:.3f}.{last}"]  # fmt: skip
    block = split.shared + 1
    where = f"after block {split.shared}" if split.shared else "at the input"
    wider = f", and up to {split.joined:.3f} between their groups" if split.joined > split.distance + 1e-12 else ""
    clustering = split.together.clustering - split.shown.clustering
    complexity = split.alpha * (split.together.complexity - split.shown.complexity)
    tree = (
        f"The cheapest tree in which they share block {block} too costs"
        if split.is_best
        else f"With their two groups joined at block {block} too, this tree would cost"
    )
    more = split.together.cost - split.shown.cost
    sentences = [
        f"{a} and {b} part {where}: at block {block} their distance is {split.distance:.3f}{wider}.",
        f"{tree} {split.together.cost:.4g} instead of {split.shown.cost:.4g}, **{signed(more)}**: clustering "
        f"{signed(clustering)}, α · complexity {signed(complexity)}."
        + (" So the search missed a cheaper tree." if more < -1e-9 else ""),
    ]
    if math.isfinite(split.joins_at):
        sentences.append(f"From **α = {number(split.joins_at)}** on they share block {block}.")
    else:
        sentences.append(f"No larger α has them share block {block}.")
    if split.parts_below > 0:
        sentences.append(f"Below α = {number(split.parts_below)} they part earlier.")
    return sentences


def pair_of_group(view: BranchingView, layout: Layout, block: int, group: Group) -> tuple[int, int] | None:
    """Give the pair that a click on a branch asks about: the nearest tasks of this group and of another one there.

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
    """Give how many leading blocks two tasks share; for all pairs at once ask the layout."""
    return sum(pair[1] in layout.group_of(pair[0], block) for block in range(layout.n_blocks))


def number(value: float) -> str:
    """Give an α with three digits and no exponent where it can be read."""
    return f"{value:.3g}" if value == 0 or value >= 1e-3 else f"{value:.2e}"


def signed(value: float) -> str:
    """Give a difference with its sign; one that is nothing but rounding is 0."""
    return "±0" if abs(value) < 5e-7 else f"{value:+.3g}".replace("-", "−")


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


def pair_rows(view: BranchingView, alpha: float, pair: tuple[int, int]) -> list[PairRow]:
    """Give two tasks at every block."""
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


def _intervals(view: BranchingView, inside: Sequence[bool]) -> tuple[tuple[float, float | None], ...]:
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
