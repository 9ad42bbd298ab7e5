"""Tests of intervals as one column."""

import pandas as pd

from app.ui.formatting import percent
from app.ui.interval_column import INTERVAL, with_interval_column

FRAME = pd.DataFrame({"network": ["a", "b"], "low": [-1.25, None], "Δ": [0.5, 1.0], "high": [2.0, None]})


def test_both_ends_stand_in_one_column_beside_their_value():
    shown = with_interval_column(FRAME, "Δ", ("low", "high"), percent)
    assert list(shown) == ["network", "Δ", INTERVAL]
    assert shown[INTERVAL].tolist() == ["−1.3 % to +2.0 %", "–"]
    assert list(FRAME) == ["network", "low", "Δ", "high"]


def test_a_table_without_ends_stays_as_it_is():
    frame = FRAME[["network", "Δ"]]
    assert with_interval_column(frame, "Δ", ("low", "high"), percent) is frame
