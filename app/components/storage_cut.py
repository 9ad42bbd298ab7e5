"""A backbone with a movable cut, which follows the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.components.packed import packed_json
from app.components.served import Component

_STORAGE_CUT = Component("storage_cut")

WORDS = {
    "cut": "Trunk: number of leading blocks shared",
    "block": "block",
    "trunk": "trunk, stored once",
    "branch": "branch, stored once per task",
    "after": "after",
    "input": "input",
    "heads": "heads",
    "use": "Drag the cut, or use the arrow keys.",
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
class CutEntry:
    """Everything that is said about one cut.

    Args:
        cut: Blocks in the trunk.
        where: Where the trunk ends.
        sentence: What it saves, in words.
        tiles: Label, value and note of each figure in large print.
        strips: Share and size of the trunk, for each strip.
    """

    cut: int
    where: str
    sentence: str
    tiles: list[tuple[str, str, str]]
    strips: list[tuple[str, str]]


def storage_cut(*, key: str, data: Mapping[str, object], on_cut: Callable[[], None]) -> None:
    """Show the drawing.

    Args:
        key: Key of the component; its state has ``cut``.
        data: What ``cut_data`` returns.
        on_cut: Called when the cut is released.
    """
    _STORAGE_CUT(key=key, data=data, on_cut_change=on_cut)


def cut_data(
    *, strips: Sequence[Strip], blocks: Sequence[str], packed: str, cut: int, filename: str
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        strips: Rows of the drawing.
        blocks: Names of the blocks.
        packed: ``packed_entries`` of every cut.
        cut: Current cut.
        filename: Name of downloaded pictures, without ending.
    """
    return {
        "strips": [asdict(strip) for strip in strips],
        "blocks": list(blocks),
        "packed": packed,
        "cut": cut,
        "filename": filename,
        "words": WORDS,
    }


def packed_entries(entries: Sequence[CutEntry]) -> str:
    """Return the entries as the browser unpacks them: their words repeat themselves, so they travel compressed."""
    return packed_json([asdict(entry) for entry in entries])
