"""Excel workbooks as sheets: the first worksheet, formulas as their stored values, macros never run.

openpyxl is imported inside the functions: it takes half a second, and most sessions read no workbook.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice

from core.bounded_zip import TooLarge, read_zip
from core.errors import TableError
from core.estimators.sheet import Sheet

LARGEST_UNPACKED = 64 * 2**20
LARGEST_TEXTS = 16 * 2**20
# Styles and the like become objects of a thousand bytes for ten in the file; a sheet of a hundred columns has 50 kB.
LARGEST_PART = 2**19
MOST_PARTS = 1_000
# A cell takes hundreds of bytes while its row is read, and reading 100,000 takes a second.
MOST_CELLS = 500_000
MOST_ROWS = 1_048_576  # what Excel allows
MOST_COLUMNS = 2_000
HEADER_WITHIN = 100
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")


def read_workbook_sheet(data: bytes, name: str) -> Sheet:
    """Return the first worksheet of an XLSX file; its header is within the first 100 rows.

    Args:
        data: The file.
        name: What it is called, for messages.

    Raises:
        TableError: The file is no workbook, is damaged, or unpacks to more than 64 MB.
    """
    data = _unpacked(data, name)
    # A workbook may be broken in more ways than its reader has errors for (KeyError, ValueError,
    # XML errors, …), and each of them means the same to the person who sent it.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Sheet.of(name, _numbered_rows(data))
    except TableError:
        raise
    except Exception as fault:
        raise TableError(
            f"{name} is no readable workbook ({type(fault).__name__}). Open it in a spreadsheet and save it as XLSX."
        ) from None


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


def _numbered_rows(data: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        if not book.worksheets:
            raise InvalidFileException("no worksheet")
        sheet = book.worksheets[0]
        # The stored dimensions may be wrong, so the limits are given by hand. Looking at the first
        # filled row first keeps the rows of a narrow sheet narrow.
        nothing = (None,) * MOST_COLUMNS
        wide_rows = sheet.iter_rows(1, HEADER_WITHIN, 1, MOST_COLUMNS, True)
        width = next((_filled(row) for row in wide_rows if row != nothing), 0)
        columns = min(width + 20, MOST_COLUMNS)
        empty = (None,) * columns
        for number, row in enumerate(sheet.iter_rows(1, MOST_ROWS, 1, columns, True), 1):
            if row != empty:
                yield number, row
    finally:
        book.close()


def _filled(row: Sequence[object]) -> int:
    return max(index for index, cell in enumerate(row, 1) if cell is not None)
