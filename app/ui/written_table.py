"""Tables whose numbers are written by the one formatter and still sort as numbers."""

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

Writer = Callable[[float], str]
# Height of rows, in pixels, in which Streamlit breaks a long text into lines: from four times the text's size on.
LINES = 66


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
    table: Any = written(frame, columns)
    table.set_uuid("written")
    table._compute()  # what Streamlit calls, with these arguments, whenever it sends a table
    cells = table._translate(False, False)
    table._compute = lambda: table
    table._translate = lambda *_: cells
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
    words = {name: [*map(writer, frame[name])] for name, writer in columns.items() if name in frame}
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
