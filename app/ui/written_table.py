"""Tables whose numbers are written by the one formatter and still sort as numbers."""

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

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
