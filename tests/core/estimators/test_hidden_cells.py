import pytest

from core.errors import TableError
from core.estimators import read_table
from core.estimators.hidden_cells import column_letters, layer_of
from core.estimators.table_file import read_sheet, table_of
from tests.core.estimators.workbooks import HEADER, workbook


def sheet(text):
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{text}</worksheet>'.encode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<sheetData><row r="2" hidden="1"/></sheetData>', "row 2"),
        ('<sheetData><row r="2" hidden="true"/><row r="4" hidden="1"/></sheetData>', "rows 2, 4"),
        ('<sheetData><row r="2" ht="0" customHeight="1"/></sheetData>', "row 2"),
        ('<sheetData><row/><row hidden="1"/></sheetData>', "row 2"),
        ('<cols><col min="2" max="3" hidden="1"/></cols>', "columns B to C"),
        ('<cols><col min="3" max="3" width="0" customWidth="1"/></cols>', "column C"),
        ('<cols><col max="1" hidden="1"/></cols><sheetData><row hidden="1"/></sheetData>', "row 1 and column A"),
        ('<cols><col min="9" max="9" hidden="1"/></cols>', ""),
        ('<sheetData><row r="2" hidden="0" ht="15"/></sheetData>', ""),
        ('<sheetData><row r="99" hidden="1"/></sheetData>', ""),
    ],
)
def test_what_nobody_sees_is_named(text, words):
    assert layer_of(sheet(text)).hidden_words(range(1, 6), 4) == words


def test_many_hidden_rows_make_a_short_sentence():
    rows = "".join(f'<row r="{number}" hidden="1"/>' for number in range(1, 2_000, 2))
    words = layer_of(sheet(f"<sheetData>{rows}</sheetData>")).hidden_words(range(2_000), 4)
    assert words == "rows 1, 3, 5, 7, 9, 11, 994 more"


@pytest.mark.parametrize(
    ("reference", "place"), [("A2:A3", "A2:A3"), ("A1:B1", ""), ("A1:A2", "A1:A2"), ("B3:B4", ""), ("x", "")]
)
def test_merged_cells_matter_where_they_hold_a_value_below_the_header(reference, place):
    layer = layer_of(sheet(f'<mergeCells><mergeCell ref="{reference}"/></mergeCells>'))
    assert layer.merged_below(1, [(1, ("branch", "x")), (2, (0, 1)), (3, (1, None))]) == place


def test_letters_count_as_spreadsheets_do():
    assert [column_letters(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


def hide_row(sheet):
    sheet.row_dimensions[3].hidden = True


def filter_rows(sheet):
    sheet.auto_filter.ref = "A1:C4"
    sheet.row_dimensions[3].hidden = True


def close_group(sheet):
    sheet.row_dimensions.group(3, 4, hidden=True)


def hide_column(sheet):
    sheet.column_dimensions["B"].hidden = True


def close_columns(sheet):
    sheet.column_dimensions.group("B", "C", hidden=True)


@pytest.mark.parametrize(
    ("hide", "words"),
    [
        (hide_row, "row 3"),
        (filter_rows, "row 3"),
        (close_group, "rows 3 to 4"),
        (hide_column, "column B"),
        (close_columns, "columns B to C"),
    ],
)
def test_what_is_hidden_is_read_and_said(hide, words):
    rows = (HEADER, [0, 0, 0], [1, 1, 2], [2, 3, 4])
    table, remarks = table_of(read_sheet(workbook(*rows, extra=lambda book: hide(book.active)), "t.xlsx"))
    assert table.values[0, 1].tolist() == [0, 1, 3]
    assert [words in remark for remark in remarks] == [True]
    assert table_of(read_sheet(workbook(*rows), "t.xlsx")).remarks == ()


def test_hidden_cells_outside_the_table_are_not_spoken_of():
    def hide(book):
        book.active.row_dimensions[9].hidden = True
        book.active.column_dimensions["K"].hidden = True

    assert table_of(read_sheet(workbook(HEADER, [0, 0, 0], [1, 1, 2], extra=hide), "t.xlsx")).remarks == ()


def test_merged_cells_below_the_header_are_refused():
    def merge(book):
        book.active.merge_cells("B3:B4")

    with pytest.raises(TableError, match=r"The cells B3:B4 of t\.xlsx are merged"):
        read_table(workbook(HEADER, [0, 0, 0], [1, 1, 2], [2, 3, 4], extra=merge), "t.xlsx")


def test_merged_cells_without_a_value_do_not_matter():
    def merge(book):
        book.active.merge_cells("B5:C6")

    assert read_table(workbook(HEADER, [0, 0, 0], [1, 1, 2], extra=merge), "t.xlsx").n_blocks == 1
