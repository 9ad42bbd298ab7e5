"""Why two tasks part where they do, in sentences."""

import math
from collections.abc import Sequence

from app.ui.formatting import escape
from core.selection.splits import Split


def split_sentences(split: Split, tasks: Sequence[str], n_depths: int) -> list[str]:
    """Return the reason in sentences, as Markdown."""
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


def number(value: float) -> str:
    """Return an α with three digits and no exponent where it can be read."""
    return f"{value:.3g}" if value == 0 or value >= 1e-3 else f"{value:.2e}"


def signed(value: float) -> str:
    """Return a difference with its sign; one that is nothing but rounding is 0."""
    return "±0" if abs(value) < 5e-7 else f"{value:+.3g}".replace("-", "−")
