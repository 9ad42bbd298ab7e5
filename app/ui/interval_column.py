"""The ends of an interval as one column of a table."""

from typing import TYPE_CHECKING

from app.ui.written_table import Writer

if TYPE_CHECKING:
    import pandas as pd

INTERVAL = "90 % interval"


def with_interval_column(
    frame: "pd.DataFrame", of: str, ends: tuple[str, str], write: Writer, *, name: str = INTERVAL
) -> "pd.DataFrame":
    """Return a table whose interval is one column of words; files keep both ends as numbers.

    Args:
        frame: With a column of each end; returned as it is where it has none.
        of: The column of the value; the interval follows it.
        ends: The columns of the low and of the high end.
        write: How a number is written.
        name: Of the new column.
    """
    low, high = ends
    if low not in frame:
        return frame
    words = [
        "–" if first != first or last != last else f"{write(first)} to {write(last)}"
        for first, last in zip(frame[low].astype(float), frame[high].astype(float), strict=True)
    ]
    shown = frame.drop(columns=[low, high])
    shown.insert(list(shown).index(of) + 1, name, words)
    return shown
