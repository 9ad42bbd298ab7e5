"""CSV files as sheets: delimiter, decimal comma and encoding as spreadsheets write them."""

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from itertools import islice

from core.cell_number import decimal_marks
from core.csv_text import csv_text, without_apostrophe
from core.errors import TableError
from core.estimators.sheet import MOST_COLUMNS, Sheet, shown

_DELIMITERS = ",;\t|"
# The first line in which a spreadsheet is told the delimiter.
_CHOSEN = re.compile(r'("?)sep=([,;\t|])\1(?=[\r\n]|$)', re.IGNORECASE)
_MOST_NOTES = 20
# Of a tidy table 200,000 rows; reading them takes four seconds.
MOST_CELLS = 1_200_000
_RULE = re.compile(r"\s*:?-+:?\s*|\s*")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_QUOTED_OR_IN_BRACKETS = re.compile(r'"[^"]*"|\([^()]*\)')


def read_csv_sheet(data: bytes, name: str) -> Sheet:
    """Return the sheet of a CSV file.

    The delimiter is the one of a first line ``sep=;``, else the most frequent of comma, semicolon, tab and bar in the
    header. ``1,5`` is one and a half, as European spreadsheets write it. The text is UTF-8, or UTF-16 with its byte
    order mark; else it is taken for Windows-1252, which older spreadsheets write, and the sheet says so. Cells
    are counted before anything is made of them.

    Args:
        data: The file.
        name: What it is called, for messages.

    Raises:
        TableError: The file is no text, begins with a title, or has broken quotes, too many cells or uneven rows.
    """
    text, assumed = _decode(data, name)
    chosen = _CHOSEN.match(text)
    # The line stays as an empty one, so that rows keep their numbers.
    text = text if chosen is None else text[chosen.end() :]
    text, notes = _without_notes(text, name)
    assumed += notes
    delimiter = _delimiter(text) if chosen is None else chosen[2]
    try:
        rows = list(_rows(text, delimiter, name))
        texts = (str(cell) for _, cells in rows for cell in cells)
        decimal = decimal_marks(texts, comma_likely=delimiter != ",")
        return Sheet.of(name, rows, decimal=decimal, assumed=assumed, semicolons=delimiter == ";")
    except csv.Error as fault:
        raise TableError(f"{name} is no readable CSV file: {fault}. Save it again from a spreadsheet.") from None


def write_csv_rows(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as a UTF-8 CSV file; floats are written so that reading gives them back exactly."""
    return csv_text(rows).encode()


def _decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and a sentence where its encoding is only likely."""
    wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    assumed: tuple[str, ...] = ()
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as fault:
        old = None if wide else _windows(data)
        if old is None:
            raise TableError(
                f'{name} is not UTF-8 (byte {fault.start}). Save it as "CSV UTF-8" or as an Excel workbook.'
            ) from None
        text = old
        assumed = (f'{name} is not UTF-8 and was read as Windows-1252. Save it as "CSV UTF-8" if letters look wrong.',)
    if "\0" in text:
        raise TableError(f'{name} holds a zero byte, so it is no text file. Save it as "CSV UTF-8".')
    return text, assumed


def _windows(data: bytes) -> str | None:
    """Return the text of bytes in Windows-1252; None where they are hardly a text."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(text) else text


def _delimiter(text: str) -> str:
    _, header = next(_first_lines(text), (1, ""))
    return max(_DELIMITERS, key=_QUOTED_OR_IN_BRACKETS.sub("", header).count)


def _without_notes(text: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with titles and comments above the header emptied, so that rows keep their numbers.

    A title has no delimiter, a comment begins with ``#`` and has fewer than the line below it.
    """
    lines = [(number, line) for number, line in islice(_first_lines(text), _MOST_NOTES)]
    for place, (_, line) in enumerate(lines[:-1]):
        below = next((text for _, text in lines[place + 1 :] if not text.lstrip().startswith("#")), "")
        widths = [max(map(each.count, _DELIMITERS)) for each in (line, below)]
        # A quoted cell may go on in the next line.
        is_whole = line.count('"') % 2 == 0
        if is_whole and (not widths[0] or (line.lstrip().startswith("#") and widths[0] < widths[1])):
            continue
        if not place or not any(map(line.count, _DELIMITERS)):
            break
        return _emptied(text, lines[:place], name)
    return text, ()


def _emptied(text: str, notes: Sequence[tuple[int, str]], name: str) -> tuple[str, tuple[str, ...]]:
    last = notes[-1][0]
    lines = text.split("\n", last)
    first = shown(notes[0][1].strip().strip('"'))
    return "\n" * last + lines[last], (f'What stands above the header of {name} is left out, such as "{first}".',)


def _first_lines(text: str) -> Iterator[tuple[int, str]]:
    # Only the start matters, and a file of 20 MB may be one line.
    return ((number, line) for number, line in enumerate(io.StringIO(text[:100_000]), 1) if line.strip())


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, Sequence[object]]]:
    width, named, is_under_header, n_cells = None, 0, False, 0
    for number, read in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
        # An empty line counts, too: a file of 20 MB may have as many.
        n_cells += max(len(read), 1)
        if n_cells > MOST_CELLS:
            raise TableError(f"{name} has more than {MOST_CELLS:,} cells by row {number}. Save only the table.")
        if width is None and len(read) > 4 * MOST_COLUMNS:
            raise TableError(
                f"Row {number} of {name} has {len(read):,} cells; at most {MOST_COLUMNS:,} columns are read."
            )
        cells = [without_apostrophe(cell) for cell in read]
        if not any(cell.strip() for cell in cells):
            continue
        if is_under_header and delimiter == "|" and all(map(_RULE.fullmatch, cells)):
            # The line under the header of a table in Markdown.
            is_under_header = False
            continue
        is_under_header = width is None
        if width is None:
            joined = _join_brackets(cells, delimiter)
            width = len(joined)
            named = max((place for place, title in enumerate(joined, 1) if title.strip()), default=0)
            yield number, joined
            continue
        if named <= len(cells) < width:
            # The header alone ends in delimiters.
            cells += [""] * (width - len(cells))
        while len(cells) > width and not cells[-1].strip():
            # A delimiter at the end of each row.
            cells.pop()
        if len(cells) != width:
            plural = "" if len(cells) == 1 else "s"
            titles = "If titles stand above the header, remove them. " if len(cells) > width else ""
            raise TableError(
                f"Row {number} of {name} has {len(cells)} cell{plural}, the header {width}. {titles}"
                f'Give every row one cell per column, and quote a cell that holds "{shown(delimiter)}".'
            )
        yield number, cells


def _join_brackets(cells: Sequence[str], delimiter: str) -> list[str]:
    """Return the header with ``(0, 1)-0`` in one piece where it was written without quotes."""
    joined: list[str] = []
    for cell in cells:
        if joined and joined[-1].count("(") > joined[-1].count(")"):
            joined[-1] += delimiter + cell
        else:
            joined.append(cell)
    return joined
