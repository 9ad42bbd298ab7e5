"""Numbers of the lesson on α and the branched tree, from the bundled study ``scenes``."""

from functools import cache

import numpy as np

from app.branching.model import branching_view, usual_downsamplings
from app.branching.scene import range_words
from app.lessons.bundled import study
from app.lessons.values.affinity import STUDY, evidence
from app.ui.formatting import count, number_word, percent
from core.affinity.distance import Distance
from core.layouts import Layout
from core.selection.alpha_path import AlphaPath, AlphaStep
from core.selection.beam import WIDTH


def values() -> dict[str, str]:
    """Return placeholder → words."""
    steps, other = path().steps, path(kind=Distance.ONE_MINUS).steps
    wrong = path(upside_down=True).steps
    best = max(steps, key=lambda step: gain(step.tree.layout))
    best_wrong = max(wrong, key=lambda step: gain(step.tree.layout))
    common = {each.tree.layout for each in other}
    same = max((step for step in steps if step.tree.layout in common), key=lambda step: gain(step.tree.layout))
    same_other = next(step for step in other if step.tree.layout == same.tree.layout)
    measured = study(STUDY).oracle
    assert measured is not None
    downs = downsamplings()
    return {
        "n_trees": number_word(len(steps)),
        "n_layouts": count(len(measured.layouts)),
        "first_steps": f"{downs[0]:g}",
        "last_steps": f"{downs[-1]:g}",
        "first_price": f"{2 ** downs[0]:g}",
        "last_price": f"{2 ** downs[-1]:g}",
        "shared_from": f"{steps[-1].start:.2f}",
        "shared_gain": percent(gain(steps[-1].tree.layout)),
        "best_gain": percent(gain(best.tree.layout)),
        "best_range": range_words(best.start, best.end).removeprefix("cheapest "),
        "best_rank": rank(best.tree.layout),
        "top_gain": percent(max(map(gain, measured.layouts))),
        "n_oracle_seeds": number_word(len(measured.seeds)),
        "same_range": range_words(same.start, same.end).removeprefix("cheapest "),
        "same_other": range_words(same_other.start, same_other.end).removeprefix("cheapest "),
        "n_wrong": number_word(len(wrong)),
        "wrong_best": percent(gain(best_wrong.tree.layout)),
        "wrong_rank": rank(best_wrong.tree.layout),
        "wrong_blocks": number_word(n_fully_shared(wrong[len(wrong) // 2].tree.layout)),
        "noise": f"{noise():.1f}",
        "tiny": f"{steps[0].end:.3f}",
    }


@cache
def downsamplings() -> tuple[float, ...]:
    """Return the downsampling steps that follow each block of the study's network."""
    return usual_downsamplings(evidence(), study(STUDY).backbone)


@cache
def path(kind: Distance = Distance.COSINE, *, upside_down: bool = False) -> AlphaPath:
    """Return every tree that is the cheapest for some α.

    Args:
        kind: How affinities become distances.
        upside_down: Count the downsampling steps before a block, not after it.
    """
    downs = downsamplings()
    if upside_down:
        downs = tuple(downs[0] - each for each in downs)
    return branching_view(evidence(), kind, downs, width=WIDTH)


def gain(layout: Layout) -> float:
    """Return the measured gain of a layout, mean over tasks and seeds on the test split, percent."""
    return _gains()[layout]


def rank(layout: Layout) -> str:
    """Return how many of the trained layouts gain at least as much, itself included."""
    return count(sum(each >= gain(layout) for each in _gains().values()))


def n_fully_shared(layout: Layout) -> int:
    """Return how many blocks all tasks share."""
    return sum(len(groups) == 1 for groups in layout.partitions)


def row_of(step: AlphaStep) -> tuple[float, float]:
    """Return the cost of a tree as a fraction of single-task networks, in MACs, and its measured gain."""
    costs = np.array([block.macs for block in study(STUDY).backbone.blocks], dtype=float)
    layout = step.tree.layout
    copies = np.array(layout.group_counts, dtype=float)
    return float(costs @ copies / (costs.sum() * layout.n_tasks)), gain(layout)


def noise() -> float:
    """Return the standard error of a measured gain, from how far seeds lie apart in all trained layouts; points."""
    measured = study(STUDY).oracle
    assert measured is not None
    by_seed = measured.test.mean(axis=2)
    return float(np.sqrt(by_seed.var(axis=0, ddof=1).mean() / len(by_seed)))


@cache
def _gains() -> dict[Layout, float]:
    measured = study(STUDY).oracle
    assert measured is not None
    return dict(zip(measured.layouts, measured.test.mean(axis=(0, 2)).tolist(), strict=True))
