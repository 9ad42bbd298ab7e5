"""The light theme in names of ours, for what is printed: a file knows no theme."""

import re
from typing import Final

# Those of LIGHT in ``components/browser/runtime/theme.js``; a test compares them.
LIGHT: Final = {
    "text": "#0F171A", "primary": "#0A6755", "link": "#0A6755", "card": "#FFFFFF", "line": "#E3E1DA",
    "muted": "#5B676B", "shared": "#7E8A8C", "over": "#F1EFE8", "dominated": "#A9B0AE", "low": "#F4E9D8",
    "high": "#0B4F6C", "task-0": "#B4491A", "task-1": "#2F5FA7", "task-2": "#7A4FA3", "task-3": "#8A6A00",
    "task-4": "#A33A5B",
}  # fmt: skip
_NAME = re.compile(r"var\(--bw-([a-z0-9-]+)\)")


def on_paper(svg: str) -> str:
    """Return a drawing with the colours of the light theme written out.

    Args:
        svg: Text of a drawing by our chart functions.

    >>> on_paper('<path stroke="var(--bw-text)"/>')
    '<path stroke="#0F171A"/>'
    """
    return _NAME.sub(lambda found: LIGHT[found[1]], svg)
