import math

import pandas as pd

from app.ui.formatting import percent
from app.ui.written_table import written


def shown(table, column):
    """Return what the browser shows of a column, as Streamlit reads it."""
    place = list(table.data.columns).index(column)
    return [row[place + 1]["display_value"] for row in table._translate(False, False)["body"]]


def test_numbers_are_written_by_our_formatter_and_stay_numbers():
    frame = pd.DataFrame({"gain": [-0.34, -0.04, 0.0, math.nan, 2.0], "layout": list("abcde")})
    table = written(frame, {"gain": percent, "absent": percent})
    table._compute()
    assert shown(table, "gain") == ["−0.3 %", "0.0 %", "0.0 %", "–", "+2.0 %"]
    assert shown(table, "layout") == list("abcde")
    assert table.data["gain"].dtype == float
