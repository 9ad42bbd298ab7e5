"""A sheet: the header and the rows of a CSV file or a workbook, with cells that know their place."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from core.errors import TableError

LARGEST_NUMBER = 1e9
MOST_COLUMNS = 2_000
MOST_ROWS = 500_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_INFINITY = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (the first row of the file is 1) and its cells."""

    number: int
    cells: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header and the filled rows of a file; every complaint names the row and the column.

    Args:
        name: What the file is called, for messages.
        header: One text per column, without spaces at the ends.
        rows: Rows that hold anything, each as wide as the header.
        decimal_comma: Whether ``1,5`` is a number.

    Raises:
        TableError: There is no header, two columns share one, or a cell is outside the header.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        if not any(self.header):
            raise TableError(f"{self.name} is empty. Its first row should name the columns.")
        if len(self.header) > MOST_COLUMNS:
            raise TableError(f"{self.name} has {len(self.header)} columns; at most {MOST_COLUMNS} are read.")
        seen: set[str] = set()
        for title in filter(None, self.header):
            if title in seen:
                raise TableError(f'{self.name} has the column "{shown(title)}" twice. Remove one of them.')
            seen.add(title)
        self._check_rows()

    def _check_rows(self) -> None:
        nameless = [index for index, title in enumerate(self.header) if not title]
        for row in self.rows:
            for index in (*nameless, *range(len(self.header), len(row.cells))):
                cell = row.cells[index]
                if not is_empty(cell):
                    raise TableError(
                        f"Row {row.number} of {self.name} holds {shown(cell)} in column {index + 1}, which has no "
                        "header. Name the column or clear the cell."
                    )

    @classmethod
    def of(cls, name: str, rows: Iterable[tuple[int, Sequence[object]]], *, decimal_comma: bool = False) -> "Sheet":
        """Return the sheet of numbered rows; the first one that holds anything is the header."""
        filled = ((number, cells) for number, cells in rows if not all(map(is_empty, cells)))
        _, titles = next(filled, (1, ()))
        header = [cell_text(title) for title in titles]
        while header and not header[-1]:
            header.pop()
        body: list[Row] = []
        for number, cells in filled:
            padded = [*cells, *[None] * (len(header) - len(cells))]
            while len(padded) > len(header) and is_empty(padded[-1]):
                padded.pop()
            if len(body) == MOST_ROWS:
                raise TableError(f"{name} has more than {MOST_ROWS:,} rows of values. Save only the table.")
            body.append(Row(number, tuple(padded)))
        return cls(name, tuple(header), tuple(body), decimal_comma)

    def column(self, title: str) -> int:
        """Return the place of the column called ``title``, whatever its capitals.

        Raises:
            TableError: There is none.
        """
        for index, found in enumerate(self.header):
            if found.casefold() == title.casefold():
                return index
        raise TableError(
            f'Column "{title}" is missing in {self.name}. Found: {shown(", ".join(filter(None, self.header)), 120)}.'
        )

    def has(self, titles: Collection[str]) -> bool:
        """Return whether every one of ``titles`` is a column."""
        found = {title.casefold() for title in self.header}
        return all(title in found for title in titles)

    def number(self, row: Row, column: int) -> float | None:
        """Return the number of a cell, or None where it is empty.

        Raises:
            TableError: The cell holds a text, an infinity or a number beyond a billion.
        """
        cell = row.cells[column]
        if is_empty(cell):
            return None
        value = self._as_float(cell)
        if value is None:
            self.refuse(row, column, "which is no number. Write a number or leave the cell empty")
        if abs(value) > LARGEST_NUMBER:
            what = "infinite" if value in (float("inf"), float("-inf")) else "beyond a billion"
            self.refuse(row, column, f"which is {what}. Write a finite number or leave the cell empty")
        return value

    def integer(self, row: Row, column: int, largest: int) -> int:
        """Return the whole number of a cell.

        Raises:
            TableError: The cell is empty, no whole number, negative or above ``largest``.
        """
        value = self.number(row, column)
        if value is None or value != int(value) or not 0 <= value <= largest:
            self.refuse(row, column, f"which is no whole number from 0 to {largest}. Write one")
        return int(value)

    def text(self, row: Row, column: int) -> str:
        """Return the text of a cell; a whole number is written without a point.

        Raises:
            TableError: The cell is empty.
        """
        text = cell_text(row.cells[column])
        if not text:
            self.refuse(row, column, "which should not be empty. Fill it in")
        return text

    def refuse(self, row: Row, column: int, why: str) -> NoReturn:
        """Raise TableError: the place, what stands there, and ``why`` that is wrong."""
        cell = row.cells[column]
        found = "nothing" if is_empty(cell) else shown(cell)
        raise TableError(
            f'Row {row.number}, column "{shown(self.header[column])}" of {self.name} holds {found}, {why}.'
        )

    def _as_float(self, cell: object) -> float | None:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            try:
                # A not-a-number is never equal to itself.
                return float(cell) if cell == cell else None
            except OverflowError:
                return float("inf")
        if not isinstance(cell, str):
            return None
        text = cell.strip().replace("−", "-")
        if self.decimal_comma and "." not in text:
            text = text.replace(",", ".", 1)
        if _INFINITY.fullmatch(text):
            return float("inf")
        return float(text) if _NUMBER.fullmatch(text) else None


def is_empty(cell: object) -> bool:
    """Return whether a cell holds nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_text(cell: object) -> str:
    """Return the text of a cell without surrounding spaces."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_NUMBER:
        return str(int(cell))
    # Python refuses to print whole numbers of more than 4,300 digits.
    if isinstance(cell, int) and abs(cell) > 10**18:
        return f"{cell:.6e}" if abs(cell) < 10**300 else "a very large number"
    return str(cell).strip()


def shown(cell: object, length: int = 60) -> str:
    """Return a cell as a message may show it: short, on one line and printable."""
    text = "".join(c if c.isprintable() else "�" for c in cell_text(cell)[: length + 1])
    return text[:length] + "…" if len(text) > length else text
