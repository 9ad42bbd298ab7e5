"""The few SVG pieces that every drawing here is made of."""

import math
from collections.abc import Sequence
from html import escape

Number = float | int
# Colours are names that the browser fills in, so one drawing serves the light and the dark scheme.
TEXT, MUTED, LINE, PRIMARY, SHARED = (f"var(--bw-{name})" for name in ("text", "muted", "line", "primary", "shared"))
N_HUES = 5
# A drawing for a phone has as many units as pixels stand there within a card.
NARROW = 332.0
# More tasks than hues repeat the hues with a second mark.
_DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 3 6 3", "14 4", "4 8", "8 2 2 2")


def task_colour(task: int) -> str:
    """Return the colour name of a task."""
    return f"var(--bw-task-{task % N_HUES})"


def task_dash(task: int) -> str:
    """Return the dash pattern that tells tasks of the same hue apart; empty for the first five."""
    return _DASHES[(task // N_HUES) % len(_DASHES)]


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """Return an element; ``_`` in attribute names becomes ``-``, a trailing one is dropped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items() if value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(
    x: Number, y: Number, words: str, *, anchor: str = "start", fill: str = TEXT, size: Number = 13, **more: object
) -> str:
    """Return escaped text at a point."""
    return tag("text", escape(words), x=x, y=y, text_anchor=anchor, fill=fill, font_size=size, **more)


def canvas(width: Number, height: Number, body: str, label: str, *, role: str = "img", **more: object) -> str:
    """Return a whole drawing with its spoken description; role ``group`` where parts can be used."""
    return tag(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        role=role,
        aria_label=label,
        font_family="inherit",
        **more,
    )


def shortened(words: str, characters: int) -> str:
    """Return words that fit, with an ellipsis where they do not."""
    return words if len(words) <= characters else words[: max(1, characters - 1)].rstrip() + "…"


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers that cover a range: multiples of 1, 2, 2.5 or 5 times a power of ten.

    >>> ticks(-2.3, 6.1)
    [-2.0, 0.0, 2.0, 4.0, 6.0]
    """
    span = max(high - low, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next((m * power for m in (1, 2, 2.5, 5, 10) if span / (m * power) <= about), 10 * power)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(step * n, 10) + 0.0 for n in range(first, last + 1)]


def hatching() -> str:
    """Return the pattern that says "does not change" without colour."""
    lines = tag("rect", width=6, height=6, fill="var(--bw-over)") + tag(
        "line", x1=0, y1=0, x2=0, y2=6, stroke=MUTED, stroke_width="2.4"
    )
    units = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return tag("defs", tag("pattern", lines, id="hatch", width=6, height=6, **units))


def path(points: Sequence[tuple[Number, Number]]) -> str:
    """Return the ``d`` of straight lines through points."""
    return "M" + "L".join(f"{_value(x)},{_value(y)}" for x, y in points)


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(str(value), quote=True)
