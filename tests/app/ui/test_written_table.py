import math

import pandas as pd
import pytest
from streamlit.elements.lib.pandas_styler_utils import marshall_styler
from streamlit.proto.ArrowData_pb2 import ArrowData
from streamlit.testing.v1 import AppTest

from app.ui.formatting import percent
from app.ui.written_table import SENTENCES, row_height, sentence_width, written, written_once


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


def sent(table) -> ArrowData:
    """Return what Streamlit sends of a table."""
    proto = ArrowData()
    marshall_styler(proto, table, "written")
    return proto


def test_what_is_written_once_is_sent_as_what_is_written_every_time():
    frame = pd.DataFrame(
        {"gain": [-0.04, math.nan], "layout": ["a", None], "cost": [1, 2]}, index=pd.RangeIndex(1, 3, name="rank")
    )
    writers = {"gain": percent, "cost": lambda value: f"{value} %"}
    table = written_once(frame, writers)
    assert sent(table) == sent(written(frame, writers).set_uuid("written")) == sent(table)
    assert str(frame.astype(str)["gain"][1]) == "-0.04"


def test_rows_are_as_tall_as_their_longest_text():
    three = "All tasks share blocks 1–2; segmentation branches off after block 2"
    four = "All tasks share blocks 1–3; segmentation branches off after block 3; normals and depth split after block 4"
    assert row_height([]) is None
    assert row_height(["Single-task networks"]) is None
    assert 3 * 19.6 + 4 <= row_height([three, "Fully shared"]) < 70
    # A line is 19.6 pixels tall, and cells have 4 above and below.
    assert row_height([three, four]) >= 4 * 19.6 + 8
    assert sentence_width([three, four]) == SENTENCES
    longer = f"{four}; {four}"
    assert sentence_width([three, longer]) > SENTENCES
    assert row_height([longer], SENTENCES) > row_height([longer], sentence_width([longer])) >= 4 * 19.6 + 8


def test_rows_stay_on_the_screen_whatever_their_text_says():
    assert row_height(["word " * 2000]) < 200


def test_what_is_missing_is_a_dash_in_every_table():
    at = AppTest.from_function(_with_nothing).run()
    assert [frame.proto.placeholder for frame in at.dataframe] == ["–"]


def _with_nothing():
    import pandas as pd

    from app.ui.written_table import show_written

    show_written(pd.DataFrame({"parameters": [None, None]}, dtype=object), {})


def test_sentences_have_the_same_lines_in_the_larger_text_of_a_projector(monkeypatch):
    texts = ["All tasks share blocks 1–3; normals branches off after block 3"]
    usual = sentence_width(texts), row_height(texts, sentence_width(texts))
    monkeypatch.setattr("app.ui.presenting.is_presenting", lambda: True)
    width = sentence_width(texts)
    assert width > 1.5 * usual[0]
    assert width / usual[0] == pytest.approx(row_height(texts, width) / usual[1], rel=0.02)
