import pytest

from core.errors import TableError
from core.estimators.csv_sheet import MOST_CELLS, read_csv_sheet
from core.estimators.sheet import ROW_INDEX


def test_european_spreadsheets_write_semicolons_and_decimal_commas():
    sheet = read_csv_sheet("branch;(0, 1)-0\r\n1;−1,5\r\n2;2.5\r\n".encode(), "t.csv")
    assert sheet.header == ("branch", "(0, 1)-0")
    assert [sheet.number(row, 1) for row in sheet.rows] == [-1.5, 2.5]


def test_a_quoted_decimal_comma_is_one_where_commas_part_the_cells():
    sheet = read_csv_sheet(b'a,b\n1,"1,5"\n2,"1,234"', "t.csv")
    assert [sheet.number(row, 1) for row in sheet.rows] == [1.5, 1.234]


def test_a_number_that_may_mean_two_is_refused_with_both():
    sheet = read_csv_sheet(b'a,b\n1,"1,234"', "t.csv")
    with pytest.raises(TableError, match=r'Row 2, column "b" of t\.csv holds 1,234, which may be 1\.234 or 1234'):
        sheet.number(sheet.rows[0], 1)


def test_percent_signs_and_marks_for_nothing_are_understood():
    sheet = read_csv_sheet("a;b\n1;1,2 %\n2;NaN\n3;n/a\n4;-\n5;−0,8 %\n".encode(), "t.csv")
    assert [sheet.number(row, 1) for row in sheet.rows] == [1.2, None, None, None, -0.8]


def test_the_row_numbers_that_pandas_writes_are_no_column_of_the_table():
    for title in ("", "Unnamed: 0", "index"):
        sheet = read_csv_sheet(f"{title},a,b\n0,5,6\n1,7,8\n".encode(), "t.csv")
        assert sheet.header == (ROW_INDEX, "a", "b")
    with pytest.raises(TableError, match="column 1, which has no header"):
        read_csv_sheet(b",a,b\n0,5,6\n7,7,8\n", "t.csv")


def test_utf_16_with_its_mark_is_read():
    assert read_csv_sheet("größe\tb\n1\t2\n".encode("utf-16"), "t.csv").header == ("größe", "b")


def test_tabs_and_a_byte_order_mark_are_understood():
    sheet = read_csv_sheet("\ufeffa\tb\n1\t2\n".encode(), "t.csv")
    assert sheet.header == ("a", "b")


def test_blank_lines_count_as_rows():
    sheet = read_csv_sheet(b"\n\na,b\n\n1,2\n", "t.csv")
    assert [row.number for row in sheet.rows] == [5]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("größe,b\n1,2\x01".encode("latin-1"), ["not UTF-8", "byte 2"]),
        (b"\xff\xfea", ["not UTF-8"]),
        (b"a,b\n1,\0", ["zero byte"]),
        (b'a,b\n1,"2', ["no readable CSV"]),
        (b"a,b\n1," + b"9" * 200_000, ["no readable CSV", "field"]),
        (b"a,b\n1,2,3", ["Row 2", "3 cells", "header 2"]),
        (b"a,a\n1,2", ['"a" twice']),
        (b"a,,b\n1,2,3", ["Row 2", "column 2", "no header"]),
        (b"," * 3000 + b"a\n", ["3001 columns"]),
    ],
)
def test_what_is_wrong_is_said(data, words):
    with pytest.raises(TableError) as fault:
        read_csv_sheet(data, "t.csv")
    for word in ["t.csv", *words]:
        assert word in str(fault.value)


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_that_tells_a_spreadsheet_the_delimiter_is_no_header(first):
    sheet = read_csv_sheet(f"\ufeff{first}\r\na;b\r\n1;1,234\r\n".encode(), "t.csv")
    assert sheet.header == ("a", "b")
    assert sheet.rows[0].number == 3
    assert sheet.number(sheet.rows[0], 1) == 1.234


@pytest.mark.parametrize(
    "text",
    [
        'Run 7\nbranch,"(0, 1)-0","(0, 1)-1"\n0,0,0\n1,2,3\n',
        "Run 7\nbranch;(0, 1)-0;(0, 1)-1\n0;0;0\n1;2;3\n",
        '\n"Run 7"\n"branch";"(0, 1)-0";"(0, 1)-1"\n0;0;0\n1;2;3\n',
        "Run 7\nbranch\t(0, 1)-0\t(0, 1)-1\n0\t0\t0\n1\t2\t3\n",
        "sep=;\nRun 7\nbranch;(0, 1)-0;(0, 1)-1\n0;0;0\n1;2;3\n",
    ],
)
def test_a_title_above_the_header_is_left_out_and_said(text):
    sheet = read_csv_sheet(text.encode(), "t.csv")
    assert sheet.header == ("branch", "(0, 1)-0", "(0, 1)-1")
    assert sheet.rows[0].number == text.splitlines().index(text.splitlines()[-2]) + 1
    assert sheet.remarks == ('What stands above the header of t.csv is left out, such as "Run 7".',)


def test_a_title_with_empty_cells_is_named():
    with pytest.raises(TableError, match=r'Row 1 of t\.csv holds only "Run 7".*Remove the rows above the header'):
        read_csv_sheet(b"Run 7,,\n\nbranch,a,b\n0,0,0\n", "t.csv")


@pytest.mark.parametrize(
    "text", ["# by me, in June\n# twice\nx,y,z\n1,2,3\n", "| x | y | z |\n|---|:-:|--:|\n| 1 | 2 | 3 |\n"]
)
def test_comments_and_rules_are_no_rows(text):
    sheet = read_csv_sheet(text.encode(), "t.csv")
    assert [*filter(None, sheet.header)] == ["x", "y", "z"]
    assert [[str(cell).strip() for cell in row.cells if str(cell).strip()] for row in sheet.rows] == [["1", "2", "3"]]


def test_a_header_that_begins_with_a_number_sign_is_a_header():
    assert read_csv_sheet(b"#x,y\n1,2\n", "t.csv").header == ("#x", "y")


def test_a_title_with_commas_is_hinted_at():
    with pytest.raises(TableError, match="If titles stand above the header"):
        read_csv_sheet(b'Run 7, mean of 3\nbranch,"(0, 1)-0","(0, 1)-1"\n0,0,0\n', "t.csv")


@pytest.mark.parametrize("text", ["a\n1\n2\n", '"a\nb",c\n1,2\n', "a,b\n1,2\n"])
def test_a_header_of_one_column_or_a_quoted_line_end_is_no_title(text):
    assert read_csv_sheet(text.encode(), "t.csv").rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["", "{delimiter}", "{delimiter}{delimiter}"])
def test_delimiters_encodings_and_empty_last_cells_are_found_out(encoding, delimiter, end):
    end = end.format(delimiter=delimiter)
    rows = [["Größe", "b"], ["ä", "1"], ["é", "2"]]
    text = "".join(delimiter.join(row) + end + "\r\n" for row in rows)
    sheet = read_csv_sheet(text.encode(encoding), "t.csv")
    assert sheet.header == ("Größe", "b")
    assert [row.cells for row in sheet.rows] == [("ä", "1"), ("é", "2")]
    assert ["Windows-1252" in remark for remark in sheet.remarks] == [True] * (encoding == "cp1252")


def test_cells_and_empty_lines_are_counted_before_anything_is_made_of_them():
    for text in ("branch,a\n" + "1,2\n" * (MOST_CELLS // 2), "branch,a\n" + "\n" * MOST_CELLS, "," * MOST_CELLS):
        with pytest.raises(TableError, match=f"more than {MOST_CELLS:,} cells"):
            read_csv_sheet(text.encode(), "t.csv")
