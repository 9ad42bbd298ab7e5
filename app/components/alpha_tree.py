"""α with its trees: the tree, the costs and the marks follow the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.charts.alpha_path import AlphaScale
from app.components.packed import packed_json
from app.components.served import Component

_ALPHA_TREE = Component("alpha_tree")

WORDS = {
    "tree": "Tree",
    "of": "of",
    "block": "block",
    "and": "and",
    "cost": "Cost",
    "clustering": "clustering",
    "complexity": "complexity",
    "clusteringKey": "clustering: dissimilar tasks in one branch",
    "complexityKey": "α · complexity: more branches, earlier branches cost more",
    "perDepth": "Cost per depth, clustering and complexity",
    "strip": "Every tree that is the cheapest for some α, with its range of α and its branches per block",
}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One tree of the path as the browser shows it: the layout to draw and ready sentences.

    Args:
        code: The layout as in an address.
        layout: Its groups on each block.
        selectable: Whether its blocks can be clicked; not where they are too many for the Tab key.
        start: It is the cheapest from this α on.
        at: A round α within its interval.
        c: Clustering cost.
        k: Complexity.
        clustering: Clustering at each depth.
        complexity: Complexity at each depth, before it is times α.
        title: The layout in a sentence.
        range: Its interval in a sentence.
        short: Its interval in a few letters.
        counts: Branches per block.
    """

    code: str
    layout: list[list[list[int]]]
    selectable: bool
    start: float
    at: float
    c: float
    k: float
    clustering: list[float]
    complexity: list[float]
    title: str
    range: str
    short: str
    counts: str


def alpha_tree(
    *, key: str, data: Mapping[str, object], on_alpha: Callable[[], None], on_asked: Callable[[], None]
) -> None:
    """Show the trees.

    Args:
        key: Key of the component; its state has ``alpha``, its trigger is ``asked``.
        data: What ``alpha_tree_data`` returns.
        on_alpha: Called when the line is released or another tree is chosen.
        on_asked: Called when a branch of the tree is clicked.
    """
    _ALPHA_TREE(key=key, data=data, on_alpha_change=on_alpha, on_asked_change=on_asked)


def alpha_tree_data(
    *,
    axis: str,
    scale: AlphaScale,
    packed: str,
    answer: str,
    drawn: Mapping[str, object],
    alpha: float,
    caption: str,
    filename: str,
    stamp: str,
    words: Mapping[str, str],
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        axis: Drawing of cost against α.
        scale: Scale of that drawing.
        packed: The path, as ``packed_entries`` returns it.
        answer: Why the branch that was clicked separates; empty while none was.
        drawn: What the drawings of all trees share: task names and costs.
        alpha: Current α.
        caption: How to use it.
        filename: Name of downloaded pictures, without ending.
        stamp: Changes whenever the drawings do.
        words: Sentences that differ from ``WORDS``.
    """
    return {
        "axis": axis,
        "scale": asdict(scale),
        "packed": packed,
        "answer": answer,
        "drawn": dict(drawn),
        "alpha": alpha,
        "caption": caption,
        "filename": filename,
        "stamp": stamp,
        "words": {**WORDS, **words},
    }


def packed_entries(entries: Sequence[TreeEntry]) -> str:
    """Return the entries as the browser unpacks them: drawings repeat themselves, so they travel compressed."""
    return packed_json([asdict(entry) for entry in entries])
