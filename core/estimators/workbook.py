"""Excel workbooks as sheets: one worksheet, formulas as their stored values, macros never run.

openpyxl is imported inside the functions: it takes half a second, and most sessions read no workbook.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from core.bounded_zip import TooLarge, read_zip
from core.cell_number import decimal_marks
from core.errors import TableError
from core.estimators.hidden_cells import Layer, layer_of
from core.estimators.sheet import Percentage, Sheet, shown

LARGEST_UNPACKED = 64 * 2**20
LARGEST_TEXTS = 16 * 2**20
# Styles and the like become objects of a thousand bytes for ten in the file; a sheet of a hundred columns has 50 kB.
LARGEST_PART = 2**19
MOST_PARTS = 1_000
# A cell takes hundreds of bytes while its row is read, and reading 100,000 takes a second.
MOST_CELLS = 200_000
MOST_ROWS = 1_048_576  # what Excel allows
MOST_COLUMNS = 2_000
HEADER_WITHIN = 100
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
# Texts, escaped and padding characters, colours and conditions in a number format: a percent sign there shows itself.
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
_CONDITION = re.compile(r"\[[<>=]")
# Commas behind the last place of a digit; between places they only part thousands.
_SCALING = re.compile(r"[0#?](,+)(?=[^0#?,]*$)")
_LARGEST_SHARE = 1e12
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")


def read_workbook_sheet(data: bytes, name: str, title: str | None = None) -> Sheet:
    """Return a worksheet of an XLSX file; its header is within the first 100 rows.

    A cell formatted as percent counts as what it shows: .012 shown as 1.2 % is 1.2.

    Args:
        data: The file.
        name: What it is called, for messages.
        title: Which worksheet, whatever its capitals; the first visible one by default.

    Raises:
        TableError: The file is no workbook, is damaged, or unpacks to more than 64 MB; it has no such worksheet, or
            holds a formula without a stored value or merged cells there.
    """
    data = _unpacked(data, name)
    with _workbook(data, name) as book:
        titles = _titles(book)
        chosen = titles[0] if title is None else _chosen(titles, title, name)
        others = tuple(other for other in titles if other != chosen)
        called = f'{name}, sheet "{shown(chosen)}"' if others else name
        sheet = book[chosen]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # Where openpyxl found the worksheet; it says so nowhere else.
            content = archive.read(sheet._worksheet_path.lstrip("/"))
        _check_formulas(content, called)
        layer = layer_of(content)
        rows = list(_numbered_rows(sheet))
        # Numbers written as text follow the rule of a CSV file: the other texts tell what a comma means.
        marks = decimal_marks(cell for _, cells in rows for cell in cells if isinstance(cell, str))
        found = Sheet.of(called, rows, decimal=marks, title=chosen, others=others)
        _check_merged(layer, rows, called)
        hidden = layer.hidden_words((row.number for row in found.rows), len(found.header))
        return replace(found, hidden=hidden)


def worksheet_titles(data: bytes, name: str) -> tuple[str, ...]:
    """Return the titles of the worksheets of an XLSX file, visible ones first.

    Raises:
        TableError: The file is no workbook, is damaged, or unpacks to more than 64 MB.
    """
    with _workbook(_unpacked(data, name), name) as book:
        return _titles(book)


def write_workbook_rows(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as an XLSX file; floats are written so that reading gives them back exactly."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("two-task table")
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=str(value) if value != "" else None)
            # Set by hand, since numbers would be rounded to 16 digits and a name that starts
            # with an equals sign would become a formula.
            if value != "":
                cell.data_type = "s" if isinstance(value, str) else "n"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _unpacked(data: bytes, name: str) -> bytes:
    """Return the workbook with nothing compressed: its reader unpacks whole parts, whatever comes out."""
    try:
        parts = read_zip(
            data, _largest, most_bytes=LARGEST_UNPACKED, most_members=MOST_PARTS, wanted=lambda part: part[-1:] != "/"
        )
    except TooLarge as fault:
        raise TableError(
            f"{name} is too much for a table: {fault}. Save only the table, as CSV or as a new workbook."
        ) from None
    except Exception:
        raise TableError(
            f"{name} is no Excel workbook. Save it as XLSX, without a password, or as CSV UTF-8."
        ) from None
    sheets = (content for part, content in parts.items() if "worksheets/" in part)
    if any(sum(1 for _ in islice(_CELL.finditer(sheet), MOST_CELLS + 1)) > MOST_CELLS for sheet in sheets):
        raise TableError(f"{name} has more than {MOST_CELLS:,} cells. Save only the table, or save it as CSV.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content)
    return buffer.getvalue()


def _largest(part: str) -> int:
    if "worksheets/" in part:
        return LARGEST_UNPACKED
    # Pictures and the like are never read.
    return LARGEST_PART if part.endswith((".xml", ".rels")) and "sharedStrings" not in part else LARGEST_TEXTS


@contextmanager
def _workbook(data: bytes, name: str) -> Iterator[Any]:
    """Open a workbook for reading, and say in one sentence what goes wrong with it."""
    book = None
    # A workbook may be broken in more ways than its reader has errors for (KeyError, ValueError,
    # XML errors, …), and each of them means the same to the person who sent it.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = _opened(data)
            yield book
    except TableError:
        raise
    except Exception:
        raise TableError(
            f"{name} is no readable workbook: it is damaged, or a part of it is missing. Open it in a spreadsheet and "
            "save it as XLSX."
        ) from None
    finally:
        if book is not None:
            book.close()


def _opened(data: bytes) -> Any:  # noqa: ANN401  # openpyxl has no types
    """Return a workbook open for reading; its chart sheets, which have no cells, stay closed."""
    from openpyxl.reader.excel import ExcelReader

    class Worksheets(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
        def read_chartsheet(self, sheet: object, rel: object) -> None:
            """Leave a chart sheet out: one without a drawing can't be read."""

    reader = Worksheets(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


def _titles(book: Any) -> tuple[str, ...]:  # noqa: ANN401  # openpyxl has no types
    """Return the titles of the worksheets, visible ones first, else in the workbook's order."""
    sheets = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
    if not sheets:
        raise TableError("The workbook has only charts, and no sheet with cells. Save the table as a sheet, or as CSV.")
    return tuple(sheet.title for sheet in sheets)


def _chosen(titles: Sequence[str], title: str, name: str) -> str:
    for found in titles:
        if found.strip().casefold() == title.strip().casefold():
            return found
    listed = ", ".join(f'"{found}"' for found in titles)
    raise TableError(f'{name} has no sheet "{shown(title)}". Choose from: {shown(listed, 200)}.')


def _check_merged(layer: Layer, rows: Sequence[tuple[int, Sequence[object]]], name: str) -> None:
    """Raise TableError if cells below the header are merged: all but the first would read as empty."""
    header = rows[0][0] if rows else 1
    if place := layer.merged_below(header, rows):
        raise TableError(
            f"The cells {place} of {name} are merged, so only the first of them has a value. Unmerge them, and write "
            "a value into each."
        )


def _check_formulas(content: bytes, name: str) -> None:
    """Raise TableError if a formula of a worksheet has no stored value, since it would read as an empty cell."""
    if _FORMULA.search(content) is None:
        return
    without = [
        (cell.get("r") or "?", formula.text or "")
        for _, cell in ElementTree.iterparse(io.BytesIO(content))
        if cell.tag.rpartition("}")[2] == "c" and (formula := cell.find("{*}f")) is not None and _is_unset(cell)
    ]
    if without:
        place, text = without[0]
        more = f" and {len(without) - 1:,} more" if len(without) > 1 else ""
        raise TableError(
            f"Cell {shown(place, 12)} of {name} holds the formula ={shown(text, 40)} without a stored value{more}. "
            "Open the workbook in a spreadsheet and save it, or paste the values."
        )


def _is_unset(cell: ElementTree.Element) -> bool:
    value = cell.find("{*}v")
    # An empty text is the result of a formula such as =IF(A1>0,A1,"").
    return value is None or (not value.text and cell.get("t") != "str")


def _numbered_rows(sheet: Any) -> Iterator[tuple[int, Sequence[object]]]:  # noqa: ANN401
    # The stored dimensions may be wrong, so the limits are given by hand. Looking at the first
    # filled row first keeps the rows of a narrow sheet narrow.
    nothing = (None,) * MOST_COLUMNS
    wide_rows = sheet.iter_rows(1, HEADER_WITHIN, 1, MOST_COLUMNS, True)
    width = next((_filled(row) for row in wide_rows if row != nothing), 0)
    columns = min(width + 20, MOST_COLUMNS)
    # Rows that the file leaves out, which may be a million before its last one, are all the same object.
    empty = None
    for number, cells in enumerate(sheet.iter_rows(1, MOST_ROWS, 1, columns), 1):
        if cells is empty:
            continue
        row = tuple(map(_shown_value, cells))
        if any(value is not None for value in row):
            yield number, row
        else:
            empty = cells


def _shown_value(cell: Any) -> object:  # noqa: ANN401
    """Return what a cell means: the number that is shown, which a format may scale."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST_SHARE:
        return value
    power = _power(cell.number_format, value)
    # In decimal digits, so that 0.0035 becomes 0.35 and not 0.35000000000000003.
    number = float(Decimal(repr(value)).scaleb(power)) if power else value
    return Percentage(number) if power == 2 else number


@lru_cache(maxsize=256)
def _powers(number_format: str) -> tuple[int, ...]:
    """Return the power of ten that each section of a number format (positive; negative; zero) shows numbers times.

    Percent shows a hundred times as much; a comma behind the last digit a thousandth.
    """
    sections = _LITERAL.sub("", number_format).split(";")
    return tuple(2 * ("%" in section) - 3 * _thousandths(section) for section in sections)


def _thousandths(section: str) -> int:
    found = _SCALING.search(section)
    return len(found[1]) if found else 0


def _power(number_format: str, value: float) -> int:
    if "%" not in number_format and "," not in number_format:
        return 0
    powers = _powers(number_format)
    if len({*powers}) > 1 and _CONDITION.search(number_format):
        raise TableError(
            f"A cell has the format {shown(number_format, 60)}, which shows some numbers in other units than others. "
            "Give all cells of the table one plain number format."
        )
    place = 0 if value > 0 else 1 if value < 0 else 2
    return powers[place] if place < len(powers) else powers[0]


def _filled(row: Sequence[object]) -> int:
    return max(index for index, cell in enumerate(row, 1) if cell is not None)
