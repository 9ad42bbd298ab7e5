"""Words in figures: of others, shortened where they are long, and without letters that the font lacks."""

import textwrap
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import get_font
from matplotlib.ft2font import FT2Font

from core.plain_text import printable

SMALL = 8.0
LONGEST_NAME = 26
# Of a letter's height; wide enough for capitals.
_LETTER = 0.6
_LACKING = "□"
_MOST_LINES = 6
_FEWEST = 10
_MEASURED = 24.0


def shown(words: str, longest: int = 600) -> str:
    """Return words in one line as they can be drawn: what is too long ends with an ellipsis.

    A letter that DejaVu Sans lacks, such as those of Chinese, is an empty box.
    """
    text = " ".join(printable(words).split())
    text = text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
    return "".join(letter if _has(letter) else _LACKING for letter in text)


def named(name: str) -> str:
    """Return the name of a task, block or layout as a label."""
    return shown(name, LONGEST_NAME)


def lines(words: str, width: float, size: float) -> list[str]:
    """Return words in as many lines as they need.

    Args:
        words: Empty for none.
        width: In inches.
        size: Of letters, in points.
    """
    room = max(_FEWEST, int(width * 72 / (size * _LETTER)))
    found = textwrap.wrap(shown(words, room * _MOST_LINES), room, break_long_words=True)
    # Capitals are wider than most letters.
    while room > _FEWEST and width_of(found, size) > width:
        room = max(_FEWEST, int(0.9 * room))
        found = textwrap.wrap(shown(words, room * _MOST_LINES), room, break_long_words=True)
    return found


def width_of(names: Iterable[str], size: float) -> float:
    """Return how wide the longest of some words is, in inches."""
    return max((_width(name) for name in names), default=0.0) * size / _MEASURED / 72


@cache
def _font() -> FT2Font:
    return get_font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))


@lru_cache(maxsize=4096)
def _width(words: str) -> float:
    """Return the width of words in letters of ``_MEASURED`` points, in points."""
    font = _font()
    font.set_size(_MEASURED, 72)
    font.set_text(words)
    return float(font.get_width_height()[0]) / 64


@cache
def _has(letter: str) -> bool:
    return bool(_font().get_char_index(ord(letter)))
