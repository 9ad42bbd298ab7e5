"""The wide form of a two-task table: one row per branch point, two columns per pair of tasks."""

import re
from itertools import combinations
from typing import NamedTuple

import numpy as np

from core.backbones.backbone import MAX_BLOCKS
from core.errors import TableError
from core.estimators.sheet import ROW_INDEX, Row, Sheet, shown
from core.estimators.task_labels import are_indices, check_writable, named_tasks, pair_of, tasks_of_pairs
from core.estimators.two_task import Array, TwoTaskTable

# Word processors and spreadsheets make a dash of the hyphen.
_PAIR_COLUMN = re.compile("(.+?)\\s*[-\u2013\u2212]\\s*([012])")


class _PairColumn(NamedTuple):
    place: int
    first: str
    second: str
    which: int
    # Where the file starts to count the two.
    base: int = 0

    @property
    def title(self) -> str:
        return f"({self.first}, {self.second})-{self.which + self.base}"

    @property
    def target(self) -> tuple[str, str]:
        """The task whose Δ this column holds, and its partner."""
        return (self.second, self.first) if self.which else (self.first, self.second)


def read_wide(sheet: Sheet) -> tuple[TwoTaskTable, tuple[str, ...]]:
    """Return the table of a sheet with a column ``branch`` and columns ``(a, b)-0`` and ``(a, b)-1``, and remarks.

    ``(a, b)-0`` is Δ of a next to b and ``(a, b)-1`` is Δ of b next to a, with a before b.
    Columns and rows may be in any order; a row left out and an empty cell are holes, and branch 0
    may be left out. Named tasks get the index order in which a comes
    before b in every column. Row numbers in front of the columns are not read; without a column
    ``branch`` they are the branch points. Where tasks are counted from 1, or the two columns of a pair end in 1 and
    2, a remark says so.

    Args:
        sheet: The rows.

    Raises:
        TableError: A column is missing, there twice or not known; a branch point is there twice; a pair is in
            falling order; a cell is no number; Δ at branch point 0 is not 0.
        DataError: Task names are unusable, or there are fewer than 2 or more than 40.
    """
    branch = sheet.column("branch" if sheet.has(["branch"]) else ROW_INDEX)
    columns = _from_zero(
        sheet,
        [
            _pair_column(sheet, place)
            for place, title in enumerate(sheet.header)
            if title and place != branch and title != ROW_INDEX
        ],
    )
    tasks = _tasks(sheet, columns)
    places = _places(sheet, columns, tasks)
    rows = _rows_by_branch(sheet, branch)
    values = np.full((len(tasks), len(tasks), max(rows) + 1), np.nan)
    values[..., 0] = 0.0
    values[np.arange(len(tasks)), np.arange(len(tasks))] = 0.0
    for b, row in rows.items():
        for (i, j), place in places.items():
            value = sheet.number(row, place)
            if b == 0 and value is not None and abs(value) > 1e-9:
                sheet.refuse(row, place, "but branch 0 means two single-task networks. Write 0")
            values[i, j, b] = (0.0 if b == 0 else np.nan) if value is None else value
    names, numbered = named_tasks(tasks, sheet.name)
    ended = (
        f'The columns of {sheet.name} end in -1 and -2, so "({tasks[0]}, {tasks[1]})-1" was read as Δ of {tasks[0]} '
        f'and "({tasks[0]}, {tasks[1]})-2" as Δ of {tasks[1]}.'
    )
    remarks = (numbered, ended if columns[0].base else "")
    return TwoTaskTable(names, values), tuple(filter(None, remarks))


def is_wide(sheet: Sheet) -> bool:
    """Return whether a sheet has the column of branch points, or row numbers and pairs of tasks."""
    return sheet.has(["branch"]) or (sheet.has([ROW_INDEX]) and any(map(_pair_and_place, sheet.header)))


def wide_rows(table: TwoTaskTable) -> list[list[object]]:
    """Return the rows of the wide form, header first; holes are empty. Standard errors and seeds are left out."""
    check_writable(table.tasks)
    pairs = list(combinations(range(table.n_tasks), 2))
    header: list[object] = ["branch"]
    for a, b in pairs:
        header += [f"({table.tasks[a]}, {table.tasks[b]})-{which}" for which in (0, 1)]
    rows = [header]
    for point in range(table.n_blocks + 1):
        row: list[object] = [point]
        for a, b in pairs:
            row += [cell_of(table.values, a, b, point), cell_of(table.values, b, a, point)]
        rows.append(row)
    return rows


def cell_of(values: Array, i: int, j: int, b: int) -> object:
    """Return a value as a cell: empty for a hole."""
    value = float(values[i, j, b])
    return "" if np.isnan(value) else value


def _pair_column(sheet: Sheet, place: int) -> _PairColumn:
    title = sheet.header[place]
    found = _pair_and_place(title)
    if found is None:
        raise TableError(
            f'Column "{shown(title)}" of {sheet.name} is neither "branch" nor a pair such as "(0, 1)-0". '
            "Rename or remove it."
        )
    column = _PairColumn(place, *found)
    if column.first == column.second:
        raise TableError(
            f'Column "{shown(title)}" of {sheet.name} pairs a task with itself. A pair has two different tasks.'
        )
    return column


def _pair_and_place(title: str) -> tuple[str, str, int] | None:
    match = _PAIR_COLUMN.fullmatch(title)
    pair = pair_of(match[1]) if match else None
    return (*pair, int(match[2])) if match and pair else None


def _from_zero(sheet: Sheet, columns: list[_PairColumn]) -> list[_PairColumn]:
    """Return the columns with the places 0 and 1 where a file writes 1 and 2."""
    largest = max(columns, key=lambda column: column.which, default=None)
    if largest is None or largest.which < 2:
        return columns
    if any(column.which == 0 for column in columns):
        raise TableError(
            f'Column "{shown(largest.title, 160)}" of {sheet.name} ends in 2, but others end in 0. End the two columns '
            "of a pair in -0 and -1 everywhere."
        )
    return [column._replace(which=column.which - 1, base=1) for column in columns]


def _tasks(sheet: Sheet, columns: list[_PairColumn]) -> tuple[str, ...]:
    if not columns:
        raise TableError(f'{sheet.name} has no column such as "(0, 1)-0". A table needs at least two tasks.')
    tasks = tasks_of_pairs([(column.first, column.second) for column in columns], sheet.name)
    numbered = are_indices(label for column in columns for label in column.target)
    seen: set[tuple[str, str]] = set()
    for column in columns:
        pair = (column.first, column.second)
        falling = int(column.first) > int(column.second) if numbered else pair[::-1] in seen
        if falling:
            raise TableError(
                f'Column "{shown(column.title, 160)}" of {sheet.name} names its tasks in falling order. '
                f'Write "({shown(column.second)}, {shown(column.first)})-{1 - column.which + column.base}".'
            )
        seen.add(pair)
    if tasks is None:
        raise TableError(
            f"The columns of {sheet.name} put their tasks in a circle, so no order of them has a before b in every "
            '"(a, b)-0". Write all pairs in one order of the tasks.'
        )
    return tasks


def _places(sheet: Sheet, columns: list[_PairColumn], tasks: tuple[str, ...]) -> dict[tuple[int, int], int]:
    found: dict[tuple[str, str], _PairColumn] = {}
    for column in columns:
        twin = found.setdefault(column.target, column)
        if twin is not column:
            raise TableError(
                f'{sheet.name} has the column "{shown(column.title, 160)}" twice (columns {twin.place + 1} and '
                f"{column.place + 1}). Remove one of them."
            )
    places = {}
    for i, j in combinations(range(len(tasks)), 2):
        for which, (target, partner) in enumerate(((i, j), (j, i))):
            column_of = found.get((tasks[target], tasks[partner]))
            if column_of is None:
                raise TableError(
                    f'Column "({tasks[i]}, {tasks[j]})-{which + columns[0].base}" is missing in {sheet.name}. '
                    "Add it, with empty cells for runs that were not made."
                )
            places[target, partner] = column_of.place
    return places


def _rows_by_branch(sheet: Sheet, branch: int) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for row in sheet.rows:
        point = sheet.integer(row, branch, MAX_BLOCKS)
        twin = rows.setdefault(point, row)
        if twin is not row:
            sheet.refuse(row, branch, f"as does row {twin.number}. Keep one row per branch point")
    if not any(rows):
        raise TableError(f"{sheet.name} has no row above branch 0. It needs at least branch 1.")
    return rows
