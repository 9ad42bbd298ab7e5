"""Name, colour and mark of each family on the plane: never the colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.charts import svg

Corners = tuple[tuple[float, float], ...]

# Corners around a centre, in units of the size of a mark; a circle has none.
_SHAPES: Final[dict[str, Corners]] = {
    "circle": (),
    "square": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    "diamond": ((0, -1.2), (1.1, 0), (0, 1.2), (-1.1, 0)),
    "triangle": ((0, -1.15), (1.1, 0.8), (-1.1, 0.8)),
    "fallen triangle": ((0, 1.15), (1.1, -0.8), (-1.1, -0.8)),
    "hexagon": ((-0.55, -0.95), (0.55, -0.95), (1.1, 0), (0.55, 0.95), (-0.55, 0.95), (-1.1, 0)),
    "cross": (
        (-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4), (0.4, 1.1), (-0.4, 1.1),
        (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4),
    ),
    "bar": ((-1.2, -0.55), (1.2, -0.55), (1.2, 0.55), (-1.2, 0.55)),
    "hourglass": ((-1, -1), (1, -1), (0.25, 0), (1, 1), (-1, 1), (-0.25, 0)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FamilyMark:
    """How a family is drawn.

    Args:
        words: What the screen calls its networks.
        colour: Colour name.
        shape: Of its marks.
    """

    words: str
    colour: str
    shape: str


# Of a legend's entry, in units of the drawing.
_MARK_ROOM, _LETTER, _APART = 17.0, 6.6, 13.0

_KNOWN: Final = {
    "single": FamilyMark("Single-task networks", svg.TEXT, "square"),
    "layouts": FamilyMark("Sharing layouts", svg.task_colour(1), "circle"),
    "widened": FamilyMark("Layouts of another width", svg.MUTED, "bar"),
    "treednn": FamilyMark("TreeDNN", svg.task_colour(0), "triangle"),
    "multipath": FamilyMark("Multi-path networks", svg.task_colour(2), "diamond"),
    "virtual": FamilyMark("Virtual networks", svg.task_colour(3), "hexagon"),
    "rivals": FamilyMark("Published methods", svg.task_colour(4), "cross"),
    "hybrid": FamilyMark("Hybrids", svg.PRIMARY, "hourglass"),
}


def family_mark(name: str) -> FamilyMark:
    """Return how a family is drawn; one of another package has a mark that no other has."""
    return _KNOWN.get(name) or FamilyMark(name, svg.MUTED, "fallen triangle")


def family_words(name: str) -> str:
    """Return what the screen calls the networks of a family."""
    return family_mark(name).words


def mark_shape(shape: str, x: float, y: float, size: float, **attributes: object) -> str:
    """Return a mark around a point.

    Args:
        shape: Its name.
        x: Centre.
        y: Centre.
        size: About half its width.
        attributes: Of the element.
    """
    corners = _SHAPES[shape]
    if not corners:
        return svg.tag("circle", cx=x, cy=y, r=size, **attributes)
    return svg.tag("path", d=closed([(x + size * dx, y + size * dy) for dx, dy in corners]), **attributes)


def placed_words(words: Sequence[str], left: float, right: float) -> list[tuple[float, int]]:
    """Return where the entries of a legend begin: distance from the left of the drawing, and row.

    Args:
        words: Of the entries, beside marks.
        left: Where each row begins.
        right: Where it ends.
    """
    x, row, found = left, 0, []
    for each in words:
        width = _MARK_ROOM + _LETTER * len(each)
        if x > left and x + width > right:
            x, row = left, row + 1
        found.append((x, row))
        x += width + _APART
    return found


def closed(points: Sequence[tuple[float, float]]) -> str:
    """Return the ``d`` of a closed line through points."""
    return svg.path(points) + "Z"
