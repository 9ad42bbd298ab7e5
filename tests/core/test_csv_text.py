import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_text import csv_text, without_apostrophe

FORMULAS = [
    "=1+1",
    "+cmd",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=HYPERLINK(1)",
    "=cmd|' /C calc'!A0",
    "＝1",
    "'=1",
    "-",
]


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_a_spreadsheet_would_compute_is_text(formula):
    assert cells(csv_text([[formula, "b"]])) == [[f"'{formula}", "b"]]


@pytest.mark.parametrize("number", ["-1", "+2.5", "-.5", "-1e-9", "-inf", "+2.3 %", -1, -1.5, 0.1, -1e-300])
def test_numbers_stay_numbers(number):
    assert cells(csv_text([[number]])) == [[str(number)]]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4))
def test_text_reads_back(row):
    assert [without_apostrophe(cell) for cell in cells(csv_text([row]))[0]] == row
