"""Heatmaps of every depth, a scrubber, and the pair that was picked: all of it follows the pointer in the browser."""

from collections.abc import Callable, Mapping, Sequence

from app.components.served import Component
from core.affinity.ordering import Arrangement

_MAP = Component("affinity_map")

WORDS = {
    "map": "Heatmap of affinities",
    "grid": "Affinities of tasks; arrow keys move, Enter opens a pair, Page Up and Page Down change the depth",
    "depths": "Depth",
    "scrub": "Depth: number of shared blocks",
    "shallower": "One block shallower",
    "deeper": "One block deeper",
    "smaller": "Zoom out",
    "larger": "Zoom in",
    "fit": "Fit the whole map",
    "saveOne": "Save this depth as {}",
    "saveAll": "All depths:",
    "saveAllAs": "Save all depths as {}",
    "title": "Affinity",
    "least": "0 none",
    "most": "1 same as own features",
    "marked": "rank uncertain",
    "hole": "not measured",
    "and": "and",
    "itself": "with itself: 1 by definition",
    "affinity": "affinity",
    "raw": "raw affinity",
    "noOwn": "can't be normalised: the value of a task with itself is missing",
    "interval": "90\u00a0%:",
    "to": "to",
    "unsure": "rank uncertain: kept in only",
    "surely": "rank kept in",
    "resamples": "of resamples",
    "joined": "join at distance",
    "unlike": "distance",
    "curve": "affinity after block …; band: 90 % interval; faint: other pairs",
    "afterBlock": "after block",
    "block": "block {}",
    "columns": ["task", "features of", "win rate", "loss", "own loss"],
    "pairNote": "",
    "fewerWins": "{target}: the features of {source} have the lower mean loss, but win on only {win} of samples. A few "
    "samples with high losses decide the mean; affinity counts every sample once.",
    "moreWins": "{target}: the features of {source} win on {win} of samples, but have the higher mean loss. A few "
    "samples with high losses decide the mean; affinity counts every sample once.",
}


def affinity_map(
    *, key: str, data: Mapping[str, object], on_depth: Callable[[], None], on_pair: Callable[[], None]
) -> None:
    """Show the maps.

    Args:
        key: Key of the component; its state has ``depth`` and ``pair``.
        data: What ``map_data`` returns.
        on_depth: Called when the depth rests.
        on_pair: Called when a pair is opened.
    """
    _MAP(key=key, data=data, on_depth_change=on_depth, on_pair_change=on_pair)


def map_data(
    *,
    fields: tuple[str, list[tuple[str, float]]],
    tasks: Sequence[str],
    n_depths: int,
    arrangements: Sequence[Arrangement],
    depth: int,
    pair: tuple[int, int],
    summary: Sequence[str],
    marks: str,
    sure: int,
    marked: bool,
    holes: bool,
    scale: tuple[float, float],
    colours: tuple[float, float],
    ticks: Sequence[float],
    filename: str,
    stamp: str,
    words: Mapping[str, object],
) -> dict[str, object]:
    """Return what the browser gets: everything that scrubbing and picking need, once.

    Args:
        fields: What ``packed_numbers`` returns: ``normalised``, and of ``raw``, ``low``, ``high``, ``order``, ``wins``,
            ``loss`` those that are known.
        tasks: Names in index order.
        n_depths: Number of depths.
        arrangements: Orders of rows: one for all depths, or one for each.
        depth: Which depth is shown, counted from 0.
        pair: Which pair is open.
        summary: Sentences beside the small maps.
        marks: What the marks mean.
        sure: Pairs that keep their rank in fewer of 100 resamples are marked.
        marked: Whether there are such pairs.
        holes: Whether cells are missing.
        scale: Lowest and highest value of the curve.
        colours: Values of the first and of the last colour.
        ticks: Values named at its axis.
        filename: Name of downloaded pictures, without ending.
        stamp: Changes whenever the numbers do.
        words: What differs from ``WORDS``.
    """
    return {
        "packed": fields[0],
        "fields": [list(each) for each in fields[1]],
        "tasks": list(tasks),
        "depths": n_depths,
        "names": [f"After block {block}" for block in range(1, n_depths + 1)],
        "arrangements": [
            {
                "order": list(each.order),
                "brackets": [
                    {"places": list(b.places), "below": list(b.below), "height": b.height} for b in each.brackets
                ],
            }
            for each in arrangements
        ],
        "depth": depth,
        "pair": list(pair),
        "summary": list(summary),
        "marks": marks,
        "sure": sure,
        "marked": marked,
        "holes": holes,
        "scale": list(scale),
        "colours": list(colours),
        "ticks": list(ticks),
        "filename": filename,
        "stamp": stamp,
        "words": {**WORDS, **words},
    }
