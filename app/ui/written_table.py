"""Tables whose numbers are written by the one formatter and still sort as numbers."""

import math
import textwrap
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.ui.presenting import enlargement

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

Writer = Callable[[float], str]
# Of a column of sentences, in pixels.
SENTENCES, LONG_SENTENCES = 235, 380
# Rows up to which a table is shown whole; longer ones scroll.
WHOLE = 10
# Streamlit breaks a long text into lines only in rows of at least this height: four times the text's size.
_LEAST_HEIGHT = 66
_LINE, _PADDING, _LETTER = 19.6, 16, 6.5
_MOST_LINES = 9


def row_height(texts: Iterable[str], width: int = SENTENCES) -> int | None:
    """Return the height of rows in which the longest text of a column is shown whole; None if all fit on one line.

    Args:
        texts: Of the column.
        width: Of the column, in pixels.
    """
    larger = enlargement()
    lines = max((_lines(text, int(width / larger)) for text in texts), default=1)
    height = max(_LEAST_HEIGHT, math.ceil(min(lines, _MOST_LINES) * _LINE + 8))
    return None if lines == 1 else math.ceil(larger * height)


def sentence_width(texts: Iterable[str]) -> int:
    """Return the width of a column of sentences in pixels: wider where some would need more than four lines."""
    width = LONG_SENTENCES if any(_lines(text, SENTENCES) > 4 for text in texts) else SENTENCES
    return int(width * enlargement())


@lru_cache(maxsize=4096)
def _lines(text: str, width: int) -> int:
    return len(textwrap.wrap(text, int((width - _PADDING) / _LETTER))) or 1


def written(frame: "pd.DataFrame", columns: Mapping[str, Writer]) -> "Styler":
    """Return a table that shows its numbers in words of ours.

    The formats of Streamlit's columns write a hyphen for a minus sign and "-0.0 %" for nothing.

    Args:
        frame: The table.
        columns: Column → how a number of it is written; columns that the table lacks don't count.
    """
    known: dict[Hashable, Any] = {name: writer for name, writer in columns.items() if name in frame}
    return frame.style.format(known, na_rep="–")


def written_once(frame: "pd.DataFrame", columns: Mapping[str, Writer]) -> "Styler":
    """Return the same for a table that is kept and shown at every rerun: its cells are written now and not again.

    Args:
        frame: The table.
        columns: As for ``written``.
    """
    table: Any = written(frame.copy(), columns)
    table.set_uuid("written")
    table._compute()  # what Streamlit calls, with these arguments, whenever it sends a table
    cells = table._translate(False, False)
    words = [[str(cell["display_value"]) for cell in row if cell["type"] == "td"] for row in cells["body"]]
    texts = type(frame)(words, index=frame.index, columns=frame.columns, dtype=str)
    table._compute = lambda: table
    # Streamlit writes the words of the body into a copy of the table as texts, column by column: four milliseconds.
    table._translate = lambda *_: {**cells, "body": []}
    table.data.astype = lambda *_: texts
    kept: Styler = table
    return kept


def show_written(frame: "pd.DataFrame", columns: Mapping[str, Writer], **options: Any) -> None:  # noqa: ANN401
    """Show a table of ``written`` numbers whose rows can't be selected.

    Such a table takes seven milliseconds to make; one that was made before is sent again as it is.

    Args:
        frame: The table.
        columns: As for ``written``.
        options: Of ``st.dataframe``.
    """
    options = {"placeholder": "–", **options}
    words = {
        name: [None if value is None else writer(value) for value in frame[name]]
        for name, writer in columns.items()
        if name in frame
    }
    numbers = {name: column.tolist() for name, column in frame.items()}
    _shown(repr((numbers, frame.index.tolist(), words, options)), frame, columns, options)


@st.cache_data(max_entries=512, show_spinner=False)
def _shown(
    identity: str,  # noqa: ARG001  # what the cache goes by
    _frame: "pd.DataFrame",
    _columns: Mapping[str, Writer],
    _options: Mapping[str, Any],
) -> None:
    st.dataframe(written(_frame, _columns), **_options)
