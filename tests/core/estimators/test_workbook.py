import datetime
import io
import tracemalloc
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from core.errors import TableError
from core.estimators import read_table
from core.estimators.table_file import read_sheet, sheet_titles
from core.estimators.workbook import LARGEST_UNPACKED, MOST_CELLS, read_workbook_sheet
from tests.core.estimators.workbooks import HEADER, workbook


def repacked(data, **changed):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name.rsplit("/", 1)[-1].removesuffix(".xml"), old.read(name)))
    return out.getvalue()


def sheet_xml(rows):
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'


def test_a_workbook_made_elsewhere_is_read():
    data = workbook(HEADER, [0, 0, 0], [1.0, 2.5, None], [2, "3", -1])
    table = read_table(data, "t.xlsx")
    assert table.values[0, 1].tolist() == [0, 2.5, 3]
    assert table.holes[1, 0, 1]


def test_the_first_sheet_counts_and_blank_rows_keep_their_numbers():
    def more(book):
        book.create_sheet("notes").append(["anything"])

    data = workbook(HEADER, [], [0, 0, 0], [], [1, "x", 0], extra=more)
    with pytest.raises(TableError, match=r'Row 5, column "\(0, 1\)-0" of t\.xlsx, sheet "Sheet" holds x'):
        read_table(data, "t.xlsx")


@pytest.mark.parametrize("cell", [True, datetime.date(2026, 1, 1), datetime.time(1, 2), "#DIV/0!", "#REF!", "TRUE"])
def test_cells_that_are_no_numbers_are_named(cell):
    data = workbook(HEADER, [0, 0, 0], [1, 1, 1])
    value = workbook(HEADER, [0, 0, 0], [1, 1, cell])
    assert not read_table(data, "t.xlsx").holes.any()
    with pytest.raises(TableError, match=r'Row 3, column "\(0, 1\)-1" of t\.xlsx holds'):
        read_table(value, "t.xlsx")


def formatted(*formats):
    """Give a workbook with .012 in both columns of branch 1, each in one number format."""
    book = openpyxl.Workbook()
    for row in (HEADER, [0, 0, 0], [1, 0.012, -0.012]):
        book.active.append(row)
    for place, number_format in enumerate(formats):
        book.active.cell(3, 2 + place).number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("number_format", "power"),
    [
        ("0%", 2),
        ("0.00%", 2),
        ("0.0 %", 2),
        ("[Red]0.0%", 2),
        ("#,##0.0%", 2),
        ("0.00", 0),
        ("General", 0),
        ('0.000"%"', 0),
        (r"0.000\%", 0),
        ('0.0_%"x"', 0),
        ("0.0,", -3),
        ("#,##0.0,", -3),
        ('0.0,,"M"', -6),
        ("#,##0.0", 0),
        ('0.0","', 0),
        ("0.0_,", 0),
    ],
)
def test_a_cell_counts_as_what_its_format_shows(number_format, power):
    found = read_table(formatted(number_format, number_format), "t.xlsx").values
    shown = float(Decimal("0.012").scaleb(power))
    assert (found[0, 1, 1], found[1, 0, 1]) == (shown, -shown)


def test_the_sign_of_a_number_chooses_the_section_of_its_format():
    found = read_table(formatted("0.0%;0.000", "0.000;-0.0%"), "t.xlsx").values
    assert (found[0, 1, 1], found[1, 0, 1]) == (1.2, -1.2)
    found = read_table(formatted("0.000;0.0%", "0.0%;-0.000"), "t.xlsx").values
    assert (found[0, 1, 1], found[1, 0, 1]) == (0.012, -0.012)


def test_a_format_that_scales_some_numbers_only_is_a_sentence():
    scaled, alike = '[>=1000]0.0,"k";0', "[Red][>=1]0.0;0.00"
    with pytest.raises(TableError, match="shows some numbers in other units"):
        read_table(formatted(scaled, scaled), "t.xlsx")
    assert read_table(formatted(alike, alike), "t.xlsx").values[0, 1, 1] == 0.012


def test_percent_has_no_digits_of_its_own():
    book = openpyxl.Workbook()
    for row in (HEADER, [0, 0, 0], [1, 0.0035, 0.07]):
        book.active.append(row)
    for cell in book.active[3]:
        cell.number_format = "0.00%" if cell.column > 1 else "0"
    out = io.BytesIO()
    book.save(out)
    assert read_table(out.getvalue(), "t.xlsx").values[:, :, 1].tolist() == [[0, 0.35], [7, 0]]


@pytest.mark.parametrize("n_formulas", [1, 2])
def test_a_formula_without_a_stored_value_is_no_empty_cell(n_formulas):
    row = [1, "=1+2", "=B3*2"] if n_formulas == 2 else [1, 3, "=B3*2"]
    with pytest.raises(TableError, match=r"Cell [BC]3 of t\.xlsx holds the formula =.* without a stored value"):
        read_table(workbook(HEADER, [0, 0, 0], row), "t.xlsx")


def test_a_formula_whose_result_is_an_empty_text_is_a_hole():
    rows = (
        '<row r="1"><c r="A1" t="str"><v>branch</v></c><c r="B1" t="str"><v>(0, 1)-0</v></c>'
        '<c r="C1" t="str"><v>(0, 1)-1</v></c></row>'
        '<row r="2"><c r="A2"><v>0</v></c><c r="B2"><v>0</v></c><c r="C2"><v>0</v></c></row>'
        '<row r="3"><c r="A3"><v>1</v></c><c r="B3" t="str"><f>IF(1,"")</f><v></v></c><c r="C3"><v>4</v></c></row>'
    )
    assert read_table(repacked(workbook(HEADER), sheet1=sheet_xml(rows)), "t.xlsx").holes[0, 1, 1]


def sheets(**states):
    """Give a workbook of sheets, each with its own Δ at branch 1, visible or hidden."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, (title, state) in enumerate(states.items(), start=1):
        sheet = book.create_sheet(title)
        for row in (HEADER, [0, 0, 0], [1, number, number]):
            sheet.append(row)
        sheet.sheet_state = state
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_hidden_first_sheet_is_not_what_is_read():
    data = sheets(raw="hidden", old="veryHidden", table="visible", more="visible")
    assert sheet_titles(data, "t.xlsx") == ("table", "more", "raw", "old")
    found = read_sheet(data, "t.xlsx")
    assert found.title == "table"
    assert 'the sheet "table"' in found.note
    assert '"more", "raw", "old"' in found.note
    assert read_table(data, "t.xlsx").values[0, 1, 1] == 3


def test_any_sheet_can_be_chosen_whatever_its_capitals():
    data = sheets(raw="hidden", table="visible")
    assert read_table(data, "t.xlsx", worksheet="RAW ").values[0, 1, 1] == 1
    with pytest.raises(TableError, match=r'no sheet "other"\. Choose from: "table", "raw"'):
        read_table(data, "t.xlsx", worksheet="other")
    with pytest.raises(TableError, match="is no workbook, so it has no sheets"):
        read_table(b"branch\n0", "t.csv", worksheet="table")


def test_one_sheet_needs_no_note():
    found = read_sheet(sheets(only="visible"), "t.xlsx")
    assert (found.title, found.others, found.note, found.name) == ("only", (), "", "t.xlsx")
    assert sheet_titles(b"a,b", "t.csv") == ()


def test_a_first_sheet_that_is_no_table_says_that_there_are_others():
    def more(book):
        book.create_sheet("two-task")

    with pytest.raises(TableError, match=r'also has "two-task"\. Choose the sheet'):
        read_table(workbook(["some", "thing"], [1, 2], extra=more), "t.xlsx")


def test_a_formula_counts_as_its_stored_value():
    rows = (
        '<row r="1"><c r="A1" t="str"><v>branch</v></c><c r="B1" t="str"><v>(0, 1)-0</v></c>'
        '<c r="C1" t="str"><v>(0, 1)-1</v></c></row>'
        '<row r="2"><c r="A2"><v>0</v></c><c r="B2"><v>0</v></c><c r="C2"><v>0</v></c></row>'
        '<row r="3"><c r="A3"><v>1</v></c><c r="B3"><f>1+2</f><v>3</v></c><c r="C3"><v>4</v></c></row>'
    )
    data = repacked(workbook(HEADER), sheet1=sheet_xml(rows))
    assert read_table(data, "t.xlsx").values[:, :, 1].tolist() == [[0, 3], [4, 0]]


def test_a_zip_bomb_is_refused_before_it_is_opened():
    bomb = repacked(workbook(HEADER), sheet1=b" " * (LARGEST_UNPACKED + 1))
    assert len(bomb) < 200_000
    with pytest.raises(TableError, match="unpacks to 67,108,865 bytes"):
        read_table(bomb, "t.xlsx")


def test_an_entity_bomb_is_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' + sheet_xml(
        '<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>'
    )
    for part in ("sheet1", "workbook", "styles"):
        with pytest.raises(TableError, match="no readable workbook"):
            read_table(repacked(workbook(HEADER), **{part: bomb}), "t.xlsx")


def test_a_row_or_column_far_away_costs_nothing():
    rows = '<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'
    with pytest.raises(TableError, match="empty"):
        read_table(repacked(workbook(HEADER), sheet1=sheet_xml(rows)), "t.xlsx")
    rows = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    with pytest.raises(TableError):
        read_table(repacked(workbook(HEADER), sheet1=sheet_xml(rows)), "t.xlsx")


def test_a_number_of_thousands_of_digits_is_refused():
    rows = f'<row r="1"><c r="A1"><v>{"9" * 5000}</v></c></row>'
    with pytest.raises(TableError, match="no readable workbook"):
        read_table(repacked(workbook(HEADER), sheet1=sheet_xml(rows)), "t.xlsx")
    rows = rows.replace("9" * 5000, "9" * 400)
    with pytest.raises(TableError, match="a very large number"):
        read_table(repacked(workbook(HEADER), sheet1=sheet_xml(rows)), "t.xlsx")


@pytest.mark.parametrize("part", ["workbook", "sheet1", "workbook.xml.rels", "[Content_Types]", "styles"])
def test_a_part_that_is_no_xml_is_refused(part):
    with pytest.raises(TableError, match="no readable workbook"):
        read_table(repacked(workbook(HEADER, [0, 0, 0], [1, 1, 1]), **{part: b"<a><b>"}), "t.xlsx")


def test_a_zip_of_something_else_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(TableError, match="no readable workbook"):
        read_table(out.getvalue(), "t.xlsx")


def test_a_workbook_whose_directory_lies_costs_no_memory():
    content = b"<worksheet>" + b" " * 50_000_000
    data = repacked(workbook(HEADER), sheet1=content)
    true = len(content).to_bytes(4, "little")
    assert data.count(true) == 2
    tracemalloc.start()
    try:
        with pytest.raises(TableError, match=r"no Excel workbook"):
            read_workbook_sheet(data.replace(true, (100).to_bytes(4, "little")), "t.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_millions_of_empty_cells_are_refused_before_they_are_read():
    cells = b"<worksheet><sheetData><row>" + b"<c/>" * (MOST_CELLS + 1) + b"</row></sheetData></worksheet>"
    with pytest.raises(TableError, match=f"more than {MOST_CELLS:,} cells"):
        read_workbook_sheet(repacked(workbook(HEADER), sheet1=cells), "t.xlsx")


def test_numbers_written_as_text_follow_the_rule_of_a_csv_file():
    rows = [["0", "0", "0"], ["1", "1,5", "1.234"]]
    text = "\n".join(";".join(row) for row in [HEADER, *rows]).encode()
    for data, name in ((workbook(HEADER, *rows), "t.xlsx"), (text, "t.csv")):
        with pytest.raises(TableError, match=r"holds 1\.234, which may be 1\.234 or 1234"):
            read_table(data, name)


def test_a_title_above_the_header_is_named():
    with pytest.raises(TableError, match=r'Row 1 of t\.xlsx holds only "Results".*Remove the rows above'):
        read_table(workbook(["Results"], [None, None], HEADER, [0, 0, 0], [1, 2, 3]), "t.xlsx")


@pytest.mark.parametrize(("typed", "fits"), [((0, 1, 2), False), ((0, 0.01, 0.02), True)])
def test_a_table_of_percentages_has_branch_points_that_are_none(typed, fits):
    """Whole cells turned into percent show 100 % for 1; numbers typed into percent cells are what they show."""

    def percent(book):
        for row in book.active.iter_rows(2):
            for cell in row:
                cell.number_format = "0.0%"

    data = workbook(HEADER, *([point, point / 100, -point / 100] for point in typed), extra=percent)
    if fits:
        assert read_table(data, "t.xlsx").values[0, 1].tolist() == pytest.approx([0, 0.01, 0.02])
        return
    with pytest.raises(
        TableError, match=r'Row 3, column "branch" of t\.xlsx holds 100, which is shown as a percentage'
    ):
        read_table(data, "t.xlsx")
    with pytest.raises(TableError, match=r'column "branch" of t\.csv holds 100 %, which is shown as a percentage'):
        read_table(b'branch,"(0, 1)-0","(0, 1)-1"\n0 %,0 %,0 %\n100 %,1 %,2 %\n', "t.csv")


def test_a_chart_sheet_without_a_drawing_is_left_out():
    book = openpyxl.Workbook()
    book.create_chartsheet("chart", 0)
    for row in (["branch", "(0, 1)-0", "(0, 1)-1"], [1, 2.5, -1]):
        book["Sheet"].append(row)
    out = io.BytesIO()
    book.save(out)
    sheet = read_workbook_sheet(out.getvalue(), "t.xlsx")
    assert sheet.title == "Sheet"
    assert sheet.rows[0].cells == (1, 2.5, -1)
