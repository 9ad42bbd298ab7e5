"""Why two tasks branch where they do, in sentences."""

import math
from collections.abc import Sequence

from app.ui.formatting import escape
from core.selection.splits import Split


def split_sentences(split: Split, tasks: Sequence[str], n_depths: int, *, plain: bool = False) -> list[str]:
    """Return the reason in sentences.

    Args:
        split: Where and why two tasks branch.
        tasks: Task names.
        n_depths: Number of depths.
        plain: Text for a drawing, not Markdown.
    """
    bold = "" if plain else "**"
    a, b = (f"{bold}{tasks[task] if plain else escape(tasks[task])}{bold}" for task in split.pair)
    if split.together is None:
        last = (
            f" Below α = {number(split.parts_below)} they branch earlier."
            if split.parts_below > 0
            else " They share all blocks at every smaller α too."
        )
        return [f"{a} and {b} never branch: they share all {n_depths} blocks, and their distance after the last one is "
                f"{split.distance:.3f}.{last}"]  # fmt: skip
    block = split.shared + 1
    where = f"branch after block {split.shared}" if split.shared else "have separate networks"
    is_wider = split.joined > split.distance + 1e-12
    wider = f"; between a task of one branch and one of the other it is up to {split.joined:.3f}" if is_wider else ""
    clustering = split.together.clustering - split.shown.clustering
    complexity = split.alpha * (split.together.complexity - split.shown.complexity)
    tree = (
        f"The cheapest tree in which they also share block {block} costs"
        if split.is_best
        else f"With their two groups merged at block {block} too, this tree would cost"
    )
    more = split.together.cost - split.shown.cost
    sentences = [
        f"{a} and {b} {where}: after block {block} their distance is {split.distance:.3f}{wider}.",
        f"{tree} {split.together.cost:.4g} instead of {split.shown.cost:.4g}, {bold}{signed(more)}{bold}: clustering "
        f"{signed(clustering)}, α · complexity {signed(complexity)}."
        + (" The search missed this cheaper tree." if more < -1e-9 else ""),
    ]
    if math.isfinite(split.joins_at):
        sentences.append(f"They share block {block} from {bold}α = {number(split.joins_at)}{bold} on.")
    else:
        sentences.append(f"They share block {block} at no larger α.")
    if split.parts_below > 0:
        sentences.append(f"Below α = {number(split.parts_below)} they branch earlier.")
    return sentences


def number(value: float) -> str:
    """Return an α with three digits and no exponent where it can be read."""
    return f"{value:.3g}" if value == 0 or value >= 1e-3 else f"{value:.2e}"


def signed(value: float) -> str:
    """Return a difference with its sign; one that is nothing but rounding is 0."""
    return "±0" if abs(value) < 5e-7 else f"{value:+.3g}".replace("-", "−")
