"""A backbone with movable exits, which follow the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.components.served import Component

_EXIT_LADDER = Component("exit_ladder")

WORDS = {"exit": "Exit", "use": "Drag an exit, or use the arrow keys. The last path is the whole backbone."}


@dataclass(frozen=True, slots=True)
class LadderStrip:
    """One row of the drawing: where places end in one unit.

    Args:
        name: The unit.
        ends: One for each place, rising.
        written: The same as a person reads them.
    """

    name: str
    ends: list[float]
    written: list[str]


def exit_ladder(*, key: str, data: Mapping[str, object], on_exits: Callable[[], None]) -> None:
    """Show the drawing and the table of paths below it.

    Args:
        key: Key of the component; its state has ``exits``.
        data: What ``ladder_data`` returns.
        on_exits: Called when an exit is released.
    """
    _EXIT_LADDER(key=key, data=data, on_exits_change=on_exits)


def ladder_data(
    *,
    strips: Sequence[LadderStrip],
    names: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    exits: Sequence[int],
    filename: str,
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        strips: Rows of the drawing; exits are dragged along the first one.
        names: Of the places, from the input.
        columns: Headings of the table.
        rows: What the table says of a path to each place.
        exits: Places of the exits but the last.
        filename: Name of downloaded pictures, without ending.
    """
    return {
        "strips": [asdict(strip) for strip in strips],
        "names": list(names),
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "exits": list(exits),
        "filename": filename,
        "words": WORDS,
    }
