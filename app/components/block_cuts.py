"""A backbone whose branching points are added, dragged and removed without a round trip."""

from collections.abc import Callable, Mapping, Sequence

from app.components.served import Component

_BLOCK_CUTS = Component("block_cuts")

WORDS = {
    "group": "Branching points of the backbone",
    "point": "Branch before block",
    "block": "block",
    "blocks": "blocks",
    "starts": "they start at the blocks 1,",
    "use": "Click a point to add or remove it, drag one along the strip or off it. Keys: arrows, Space, Shift with an "
    "arrow moves, Delete, Ctrl+Z.",
    "undo": "Undo",
    "clear": "Remove all",
}


def block_cuts(*, key: str, data: Mapping[str, object], on_starts: Callable[[], None]) -> None:
    """Show the strip of blocks.

    Args:
        key: Key of the component; its state has ``starts``.
        data: What ``block_cuts_data`` returns.
        on_starts: Called when the pointer or the keys rest.
    """
    _BLOCK_CUTS(key=key, data=data, on_starts_change=on_starts)


def block_cuts_data(names: Sequence[str], starts: Sequence[int]) -> dict[str, object]:
    """Return what the browser gets.

    Args:
        names: Of the blocks, from the input.
        starts: Blocks that start a block of the result, besides the first; rising.
    """
    return {"names": list(names), "starts": list(starts), "words": WORDS}
