"""CSV files as Branchwise writes them: no cell is a formula to a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Sequence

# Spreadsheets compute a cell that begins so, in wide letters too.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+|inf|nan)([eE][+-]?\d+)?( ?%)?", re.ASCII)
_END = "\r\n"


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as a CSV file.

    Text that a spreadsheet would compute has an apostrophe before it, which means text there. Numbers stay numbers,
    and floats are written so that reading gives them back exactly.

    >>> csv_text([["=1+1", -1.5, "-2", None]])
    "'=1+1,-1.5,-2,\\n"
    """
    lines = _Lines()
    # The writer quotes what holds a letter of its line end, and spreadsheets end a row at either.
    csv.writer(lines, lineterminator=_END).writerows([_safe(cell) for cell in row] for row in rows)
    return "".join(lines.written)


def without_apostrophe(cell: str) -> str:
    """Return a cell of a CSV file without the apostrophe that ``csv_text`` gave it.

    >>> without_apostrophe("'=1+1"), without_apostrophe("'a'")
    ('=1+1', "'a'")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _safe(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


class _Lines:
    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, row: str) -> None:
        self.written.append(f"{row.removesuffix(_END)}\n")
