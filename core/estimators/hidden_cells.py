"""What a worksheet hides and merges: hidden rows and columns are read too, and merged cells hold one value."""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

_ANY: Final = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true)|\b(?:ht|width)\s*=\s*["']0|<(?:\w+:)?mergeCell\b""")
_RANGE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
MOST_MERGED: Final = 10_000
_MOST_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows, columns and rectangles of a worksheet; everything counts from 1.

    Args:
        rows: Rows that are hidden: by hand, by a filter, by a closed group, or without height.
        columns: Spans of columns that are hidden, first and last.
        merged: Merged cells: first row, first column, last row, last column.
    """

    rows: frozenset[int] = frozenset()
    columns: tuple[tuple[int, int], ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def hidden_words(self, rows: Iterable[int], n_columns: int) -> str:
        """Return which of the rows and columns of a table are hidden, in words, or nothing.

        >>> Layer(frozenset({3, 4, 5}), ((2, 2),)).hidden_words([1, 3, 4, 5, 6], 4)
        'rows 3 to 5 and column B'
        """
        found = [
            *_words("row", sorted(self.rows.intersection(rows)), str),
            *_words("column", [c for c in range(1, n_columns + 1) if self._hides(c)], column_letters),
        ]
        return " and ".join(found)

    def merged_below(self, header: int, filled: Iterable[tuple[int, Sequence[object]]]) -> str:
        """Return the first merged cells with a value that reach below the header, or nothing.

        Args:
            header: The row of the header.
            filled: Rows with their numbers and cells.
        """
        rows = dict(filled) if self.merged else {}
        for top, left, bottom, right in self.merged:
            cells = rows.get(top, ())
            if bottom > header and left <= len(cells) and cells[left - 1] is not None:
                return f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
        return ""

    def _hides(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.columns)


def layer_of(content: bytes) -> Layer:
    """Return what the XML of a worksheet hides and merges.

    Raises:
        ElementTree.ParseError: It is no XML.
    """
    if _ANY.search(content) is None:
        return Layer()
    rows: set[int] = set()
    columns: list[tuple[int, int]] = []
    merged: list[tuple[int, int, int, int]] = []
    number = 0
    for _, element in ElementTree.iterparse(io.BytesIO(content)):
        tag = element.tag.rpartition("}")[2]
        if tag == "row":
            number = int(element.get("r") or number + 1)
            if _is_hidden(element, "ht"):
                rows.add(number)
            element.clear()
        elif tag == "col" and _is_hidden(element, "width"):
            columns.append((int(element.get("min") or 1), int(element.get("max") or 1)))
        elif tag == "mergeCell" and len(merged) < MOST_MERGED:
            merged.extend(_rectangle(element.get("ref") or ""))
    return Layer(frozenset(rows), tuple(columns), tuple(merged))


def column_letters(column: int) -> str:
    """Return what a spreadsheet calls a column.

    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_hidden(element: ElementTree.Element, size: str) -> bool:
    if (element.get("hidden") or "") in ("1", "true"):
        return True
    try:
        return float(element.get(size) or 1) == 0
    except ValueError:
        return False


def _rectangle(reference: str) -> list[tuple[int, int, int, int]]:
    found = _RANGE.fullmatch(reference)
    return [] if found is None else [(int(found[2]), _place(found[1]), int(found[4]), _place(found[3]))]


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - 64
    return place


def _words(what: str, places: Sequence[int], name: Callable[[int], str]) -> list[str]:
    """Return "rows 3 to 5, 7" in a list, or nothing of no rows."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1][1:] = [place]
        else:
            runs.append([place])
    spans = [name(run[0]) if len(run) == 1 else f"{name(run[0])} to {name(run[-1])}" for run in runs[:_MOST_NAMED]]
    more = [f"{len(runs) - _MOST_NAMED:,} more"] if len(runs) > _MOST_NAMED else []
    return [f"{what}{'s' * (len(places) > 1)} {', '.join([*spans, *more])}"] if places else []
