"""Affinities and distances as CSV: a row per value, or one matrix of tasks."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.cell_number import AmbiguousNumberError, decimal_marks, means_nothing, number_of
from core.errors import AffinityError

Array = NDArray[np.float64]

_COLUMNS = ("depth", "task_a", "task_b", "value")
# The page writes its numbers under the first of these names.
_VALUES = ("affinity", "distance", "value")
# Larger numbers are mistakes, and the array they imply would not fit into memory.
_MOST = 200
# 40 depths of 40 tasks have 256,000; reading them takes two seconds.
_MOST_CELLS = 500_000


def read_tensor_csv(data: bytes, name: str) -> tuple[Array, tuple[str, ...], str]:
    """Return the tensor of a CSV file, the names of its tasks and what its numbers are called.

    Either the columns ``depth, task_a, task_b, value``, or a square matrix: with the names of the tasks above it, and
    in front of it too or not, or without names. Commas, semicolons or tabs part the cells; ``1,5`` is one and a half.

    Args:
        data: The file.
        name: What it is called, for messages.

    Returns:
        ``[n_depths, n_tasks, n_tasks]``, NaN where something is missing; names in index order, or none; the name of the
        column of values, or nothing.

    Raises:
        AffinityError: It is something else; the message names the row.
    """
    rows = _rows(data, name)
    header = [cell.lower() for cell in rows[0][1]] if rows else []
    value = next((column for column in _VALUES if column in header), None)
    if value is None or not set(_COLUMNS[:3]) <= set(header):
        return (*_matrix(rows, name), "")
    columns = [header.index(column) for column in (*_COLUMNS[:3], value)]
    cells = [(number, [row[place] if place < len(row) else "" for place in columns]) for number, row in rows[1:]]
    if not cells:
        raise AffinityError(f"{name} has no row below its header.")
    for number, row in cells:
        if not all(row[:3]):
            raise AffinityError(_bad_row(number, name, row))
    numbered = all(cell.isdecimal() for cell in cells[0][1][1:3])
    names = {} if numbered else _names(cells)
    marks = decimal_marks(row[3] for _, row in cells)
    found: dict[tuple[int, int, int], float] = {}
    for number, row in cells:
        place, at = _cell(row, names, number, name, marks)
        if place in found:
            raise AffinityError(f"Row {number} of {name} repeats depth {place[0]}, tasks {row[1]} and {row[2]}.")
        found[place] = at
    for what, first in (("depth", min(place[0] for place in found)), ("task", min(min(at[1:]) for at in found))):
        if first > 0:
            raise AffinityError(f"{name} counts from {what} {first}. Count {what}s from 0: the first is {what} 0.")
    return _filled(found), tuple(names), value


def _rows(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Return the filled rows with their numbers, the first of the file being 1."""
    try:
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
        first = next((line for line in io.StringIO(text[:100_000]) if line.strip()), "")
        delimiter = max(",;\t", key=first.count)
        # A matrix without a header may have decimal commas between its semicolons.
        delimiter = ";" if ";" in first and delimiter == "," else delimiter
        rows: list[list[str]] = []
        n_cells = 0
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            # An empty line counts, too.
            n_cells += max(len(row), 1)
            if n_cells > _MOST_CELLS:
                raise AffinityError(
                    f"{name} has more than {_MOST_CELLS:,} cells by row {len(rows) + 1}. Save the tensor as NPY or NPZ."
                )
            rows.append([cell.strip() for cell in row])
    except (UnicodeDecodeError, csv.Error):
        raise AffinityError(f"{name} is no CSV text. Save it as UTF-8.") from None
    return [(number, row) for number, row in enumerate(rows, start=1) if any(row)]


def _matrix(rows: Sequence[tuple[int, list[str]]], name: str) -> tuple[Array, tuple[str, ...]]:
    header = rows[0][1] if rows else []
    marks = decimal_marks(cell for _, row in rows for cell in row)
    names: tuple[str, ...] = ()
    body = rows
    labelled = False
    if _numbered(rows, name) or not all(_is_value(cell, marks) for cell in header):
        body = rows[1:]
        # The names of the tasks stand in front of the rows, too, or not.
        labelled = len(header) == len(body) + 1
        names = tuple(header[labelled:])
    n = len(body)
    if not 2 <= n < _MOST or any(len(row) != n + labelled for _, row in body) or (names and len(names) != n):
        raise AffinityError(
            f"{name} should have the columns {', '.join(_COLUMNS)}. Found {', '.join(header)[:200] or 'none'}. "
            "Instead it may be a matrix, with as many rows of numbers as tasks."
        )
    if labelled:
        body = _in_order(names, body, name)
    values = [[_value(cell, number, name, marks) for cell in row] for number, row in body]
    return np.array(values, dtype=np.float64)[None], names


def _numbered(rows: Sequence[tuple[int, list[str]]], name: str) -> bool:
    """Return whether first row and first column are the names of tasks, though they look like numbers.

    Programs that number tasks write them so, with an empty cell in the corner.
    """
    table = [row for _, row in rows]
    called = table[0][1:] if table else []
    framed = len(called) >= 2 and table[0][0] == "" and [row[0] for row in table[1:]] == called
    if not framed or len(set(called)) < len(called):
        return False
    own = [row[place] if place < len(row) else "" for place, row in enumerate(table) if place]
    if any(own):
        return True
    if all(cell.isdecimal() for cell in called):
        raise AffinityError(
            f"The first row of {name}, {', '.join(called)[:60]}, may be the names of the tasks or their numbers. "
            "Write names with letters, or fill in the diagonal."
        )
    return False


def _in_order(names: Sequence[str], body: Sequence[tuple[int, list[str]]], name: str) -> list[tuple[int, list[str]]]:
    """Return the rows in the order of the columns, without the names in front."""
    by_name = {row[0]: (number, row[1:]) for number, row in body}
    for number, row in body:
        if row[0] not in names or by_name[row[0]][0] != number:
            raise AffinityError(
                f'Row {number} of {name} is called "{row[0][:60]}". Name every row once, as the columns: '
                f"{', '.join(names)[:200]}."
            )
    return [by_name[each] for each in names]


def _is_value(cell: str, marks: str) -> bool:
    try:
        return means_nothing(cell) or number_of(cell, decimal=marks) is not None
    except AmbiguousNumberError:
        return True


def _value(cell: str, number: int, name: str, marks: str) -> float:
    """Return a number, NaN where there is none."""
    if means_nothing(cell):
        return float("nan")
    try:
        found = number_of(cell, decimal=marks)
    except AmbiguousNumberError as fault:
        raise AffinityError(
            f"Row {number} of {name} holds {cell[:40]}, which may be {fault}. Write it with a decimal point."
        ) from None
    if found is None or np.isinf(found):
        raise AffinityError(
            f"Row {number} of {name} holds {cell[:40]!r}, which is no finite number. Write one, or leave it empty."
        )
    return found


def _names(cells: Sequence[tuple[int, list[str]]]) -> dict[str, int]:
    """Return name → index, in the order of first use."""
    found: dict[str, int] = {}
    for _, row in cells:
        for cell in row[1:3]:
            found.setdefault(cell, len(found))
    return found


def _cell(
    row: Sequence[str], names: Mapping[str, int], number: int, name: str, marks: str
) -> tuple[tuple[int, int, int], float]:
    try:
        depth = int(row[0])
        a, b = (names[cell] if names else int(cell) for cell in row[1:3])
    except ValueError:
        raise AffinityError(_bad_row(number, name, row)) from None
    if not (min(depth, a, b) >= 0 and max(depth, a, b) < _MOST):
        raise AffinityError(f"Row {number} of {name} has an index that is not from 0 to {_MOST - 1}.")
    return (depth, a, b), _value(row[3], number, name, marks)


def _bad_row(number: int, name: str, row: Sequence[str]) -> str:
    return (
        f"Row {number} of {name} is {', '.join(row)[:80]!r}. Write a depth from 0, two tasks by number or name, "
        "and a value."
    )


def _filled(cells: dict[tuple[int, int, int], float]) -> Array:
    n_depths = 1 + max(depth for depth, _, _ in cells)
    n_tasks = 1 + max(max(a, b) for _, a, b in cells)
    tensor = np.full((n_depths, n_tasks, n_tasks), np.nan)
    for (depth, a, b), value in cells.items():
        tensor[depth, a, b] = value
    if any(a != b and (depth, b, a) in cells for depth, a, b in cells):
        # Where pairs come in both directions, a row that is left out was lost.
        return tensor
    # One row for each pair is enough: the tensor is symmetric.
    return np.where(np.isnan(tensor), tensor.transpose(0, 2, 1), tensor)
