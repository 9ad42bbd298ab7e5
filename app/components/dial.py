"""A dial with a few stops, each with a drawing and a sentence; nothing is asked of the server."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

WORDS = {"back": "One stop back", "next": "One stop further", "hint": "Swipe the figure sideways to see all of it."}


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a dial.

    Args:
        name: At the dial, a few letters.
        title: What is shown.
        svg: A drawing as ``app.charts`` makes it; all stops have one size.
        sentence: What to see in it.
        narrow: The same drawing for a phone; empty where it is scrolled there.
    """

    name: str
    title: str
    svg: str
    sentence: str
    narrow: str = ""


def dial_data(label: str, stops: Sequence[Stop], at: int = 0) -> dict[str, object]:
    """Return what the browser gets.

    Args:
        label: What the dial turns.
        stops: In their order; two or more.
        at: Which is shown at first, counted from 0.
    """
    return {"label": label, "stops": [asdict(stop) for stop in stops], "at": at, "words": WORDS}
