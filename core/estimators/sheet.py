"""A sheet: the header and the rows of a CSV file or a workbook, with cells that know their place."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from core.cell_number import AmbiguousNumberError, is_percentage, means_nothing, number_of
from core.errors import TableError

LARGEST_NUMBER = 1e9
MOST_COLUMNS = 2_000
MOST_ROWS = 500_000
MOST_SEEDS = 1_000
# What a column of row numbers is called that a program wrote in front of the others.
ROW_INDEX = "(row index)"
_INDEX_TITLES = frozenset({"", "unnamed: 0", "index", "level_0"})


class Percentage(float):
    """The number of a cell that is shown with a percent sign: 1.2 where 1.2 % is shown."""


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
        decimal: The marks that are decimal in it: a comma, a point, both, or nothing where no cell tells.
        title: Which worksheet of a workbook it is; empty for a text file.
        others: Titles of the workbook's other worksheets.
        hidden: Which of its rows and columns are hidden in the workbook, in words; empty where none is.
        assumed: Sentences on what was taken for granted in reading it.
        semicolons: Whether its cells are parted by semicolons.

    Raises:
        TableError: There is no header, two columns share one, or a cell is outside the header.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal: str = ""
    title: str = ""
    others: tuple[str, ...] = ()
    hidden: str = ""
    assumed: tuple[str, ...] = ()
    semicolons: bool = False

    def __post_init__(self) -> None:
        if not any(self.header):
            raise TableError(f"{self.name} is empty. Its first row should name the columns.")
        if len(self.header) > MOST_COLUMNS:
            raise TableError(f"{self.name} has {len(self.header)} columns; at most {MOST_COLUMNS} are read.")
        seen: set[str] = set()
        for title in filter(None, self.header):
            if title in seen:
                raise TableError(f'{self.name} has the column "{shown(title)}" twice. Remove or rename one of them.')
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
                        "header. Name the column, write a header of two rows in one, remove titles above the header, "
                        "or clear the cell."
                    )

    @classmethod
    def of(
        cls,
        name: str,
        rows: Iterable[tuple[int, Sequence[object]]],
        *,
        decimal: str = "",
        title: str = "",
        others: tuple[str, ...] = (),
        assumed: tuple[str, ...] = (),
        semicolons: bool = False,
    ) -> "Sheet":
        """Return the sheet of numbered rows; the first one that holds anything is the header.

        A first column without a name that counts the rows, as pandas writes it, is called ``ROW_INDEX``.

        Raises:
            TableError: The first row is a title, or as the class says.
        """
        filled = ((number, cells) for number, cells in rows if not all(map(is_empty, cells)))
        first, titles = next(filled, (1, ()))
        header = [cell_text(cell) for cell in titles]
        while header and not header[-1]:
            header.pop()
        lone = [text for text in header if text]
        body: list[Row] = []
        for number, cells in filled:
            if len(lone) == 1 and not body and sum(not is_empty(cell) for cell in cells) > 1:
                raise title_above(name, first, lone[0])
            padded = [*cells, *[None] * (len(header) - len(cells))]
            while len(padded) > len(header) and is_empty(padded[-1]):
                padded.pop()
            if len(body) == MOST_ROWS:
                raise TableError(f"{name} has more than {MOST_ROWS:,} rows of values. Save only the table.")
            body.append(Row(number, tuple(padded)))
        if header and header[0].casefold() in _INDEX_TITLES and _counts(body):
            header[0] = ROW_INDEX
        return cls(name, tuple(header), tuple(body), decimal, title, others, assumed=assumed, semicolons=semicolons)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was taken for granted, and what was read though nobody sees it in the workbook."""
        if not self.hidden:
            return self.assumed
        return (
            *self.assumed,
            f"Hidden or filtered out in {self.name}, and read all the same: {self.hidden}. Delete what does not count.",
        )

    @property
    def note(self) -> str:
        """Which worksheet was read, where there are others; else nothing."""
        if not self.others:
            return ""
        others = shown(", ".join(f'"{other}"' for other in self.others), 200)
        return f'Read from the sheet "{shown(self.title)}"; the workbook also has {others}.'

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
        """Return the number of a cell, or None where it is empty or says that there is none (NaN, n/a, a dash).

        Raises:
            TableError: The cell holds a text, a date, an infinity, a number beyond a billion, or one that may mean
                two numbers.
        """
        cell = row.cells[column]
        if cell is None or (isinstance(cell, str) and means_nothing(cell)):
            return None
        try:
            value = self._as_float(cell)
        except AmbiguousNumberError as fault:
            self.refuse(row, column, f"which may be {fault}. Write it with a decimal point and without thousands")
        if value is None:
            self.refuse(row, column, _no_number(cell))
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
        if value and value % 100 == 0 and _is_percentage(row.cells[column]):
            self.refuse(row, column, "which is shown as a percentage. Format the column as plain numbers")
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
        return number_of(cell, decimal=self.decimal)


def _is_percentage(cell: object) -> bool:
    return isinstance(cell, Percentage) or (isinstance(cell, str) and is_percentage(cell))


def add_seed(seeds: set[int], seed: int, sheet: Sheet, row: Row) -> None:
    """Add the seed of a row to those of the rows before it.

    Raises:
        TableError: There are more than 1,000.
    """
    seeds.add(seed)
    if len(seeds) > MOST_SEEDS:
        raise TableError(
            f"Row {row.number} of {sheet.name} is of another seed than the {MOST_SEEDS:,} before it, which are the "
            "most that are read. Number the repetitions of a training, not the rows."
        )


def title_above(name: str, row: int, text: str) -> TableError:
    """Return the error of a sheet whose first row is a title."""
    return TableError(
        f'Row {row} of {name} holds only "{shown(text)}", which names no columns. Remove the rows above the header: '
        "the first row should name the columns."
    )


def _counts(rows: Sequence[Row]) -> bool:
    """Return whether the first cells of rows count from 0 or 1."""
    cells = [cell_text(row.cells[0]) for row in rows]
    return bool(cells) and any(cells == [str(n) for n in range(start, start + len(cells))] for start in (0, 1))


def _no_number(cell: object) -> str:
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return "a date or a time. Write the number, and format the column as numbers"
    if isinstance(cell, str) and cell.startswith("#"):
        return "an error of the spreadsheet. Mend the formula, or clear the cell"
    return "which is no number. Write a number or leave the cell empty"


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
