"""A backbone with a movable cut, and what the cut saves: both follow the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.components.packed import packed_json
from app.components.served import Component

_STORAGE_CUT = Component("storage_cut")

WORDS = {
    "cut": "Trunk: number of leading blocks shared",
    "branches": "Number of branches k",
    "block": "block",
    "trunk": "trunk, stored once",
    "branch": "branch, stored once per task",
    "after": "after",
    "input": "input",
    "heads": "heads",
    "goesTo": "→",
    "gain": "What k branches save",
    "axis": "branches k",
    "legend": "Dotted: what the share goes to with ever more branches.",
    "use": "Drag the cut or the line of k, or use the arrow keys.",
}


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the drawing: the backbone as wide as its blocks are in one unit.

    Args:
        name: The unit.
        sizes: One for each block.
        written: The same as a person reads them.
    """

    name: str
    sizes: list[float]
    written: list[str]


@dataclass(frozen=True, slots=True)
class Curve:
    """What is saved over the number of branches: (k − 1) times the trunk.

    Args:
        panel: Which panel it is drawn in.
        name: What it is called.
        dash: How the line is broken; empty for a whole one.
        strip: The strip whose trunk it saves; −1 for a trunk that the cut does not move.
        trunk: Trunk of such a curve, in its unit.
        whole: One dedicated network, in its unit.
    """

    panel: int
    name: str
    dash: str
    strip: int
    trunk: float
    whole: float


@dataclass(frozen=True, slots=True)
class CutEntry:
    """Everything that is said about one cut and one number of branches.

    Args:
        cut: Blocks in the trunk.
        branches: Number of branches k.
        where: Where the trunk ends.
        sentence: What it saves, in words.
        tiles: Label, value and note of each figure in large print.
        strips: Share and size of the trunk, for each strip.
        saved: What each curve says here.
        limits: What each curve goes to.
    """

    cut: int
    branches: int
    where: str
    sentence: str
    tiles: list[tuple[str, str, str]]
    strips: list[tuple[str, str]]
    saved: list[str]
    limits: list[str]


def storage_cut(
    *, key: str, data: Mapping[str, object], on_cut: Callable[[], None], on_branches: Callable[[], None]
) -> None:
    """Show the drawing and the curves.

    Args:
        key: Key of the component; its state has ``cut`` and ``branches``.
        data: What ``cut_data`` gives.
        on_cut: Called when the cut is released.
        on_branches: Called when the line of k is released.
    """
    _STORAGE_CUT(key=key, data=data, on_cut_change=on_cut, on_branches_change=on_branches)


def cut_data(
    *,
    strips: Sequence[Strip],
    blocks: Sequence[str],
    panels: Sequence[str],
    curves: Sequence[Curve],
    packed: str,
    cut: int,
    branches: int,
    most: int,
    relative: bool,
    label: str,
    filename: str,
) -> dict[str, object]:
    """Give what the browser gets: everything a drag needs, once.

    Args:
        strips: Rows of the drawing.
        blocks: Names of the blocks.
        panels: Titles of the panels.
        curves: Curves in them.
        packed: ``packed_entries`` of every cut at this k and every k at this cut.
        cut: Current cut.
        branches: Current k.
        most: Largest k.
        relative: Whether shares are drawn, not amounts.
        label: Spoken description of the curves.
        filename: Name of downloaded pictures, without ending.
    """
    return {
        "strips": [asdict(strip) for strip in strips],
        "blocks": list(blocks),
        "panels": list(panels),
        "curves": [asdict(curve) for curve in curves],
        "packed": packed,
        "cut": cut,
        "branches": branches,
        "most": most,
        "relative": relative,
        "label": label,
        "filename": filename,
        "words": WORDS,
    }


def packed_entries(entries: Sequence[CutEntry]) -> str:
    """Give the entries as the browser unpacks them: their words repeat themselves, so they travel compressed."""
    return packed_json([asdict(entry) for entry in entries])
