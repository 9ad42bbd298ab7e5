"""The tidy form of a two-task table: one row per value, with its standard error or its seed."""

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np

from core.backbones.backbone import MAX_BLOCKS
from core.errors import TableError
from core.estimators.sheet import ROW_INDEX, Row, Sheet, add_seed, cell_text, shown
from core.estimators.task_labels import check_writable, named_tasks, pair_of, tasks_of_pairs
from core.estimators.two_task import TwoTaskTable
from core.estimators.wide import cell_of

NEEDED = ("task_a", "task_b", "branch_point", "task", "value")
# Both tasks in one column.
PAIR = "pair"
OPTIONAL = ("stderr", "seed")
# Parts of titles that mean something, however they are written.
_MEANT = ("std", "err", "seed", "dev", "task", "branch", "value")
LARGEST_SEED = 2**31 - 1


class _Entry(NamedTuple):
    row: Row
    pair: tuple[str, str]
    target: str
    point: int
    value: float
    stderr: float
    seed: int


def read_tidy(sheet: Sheet) -> tuple[TwoTaskTable, tuple[str, ...]]:
    """Return the table of a sheet with one row per value, and remarks on what was assumed.

    The columns are task_a, task_b, branch_point, task and value. A column ``pair`` may stand for task_a and task_b:
    ``(a, b)``, ``a+b`` or ``a|b``. ``task`` says whose Δ the value is: that of task_a or that of task_b. Rows may be in
    any order; a row left out and an empty value are holes; branch point 0 may be left out. Named tasks get the order
    in which task_a comes before task_b in every row; where there is none, the order of first appearance. With a column
    ``seed`` the table keeps every seed and holds their means. Where tasks are counted from 1, a remark says so.

    Args:
        sheet: The rows.

    Raises:
        TableError: A column is missing or not known, a value is there twice or no number, a
            task is not in its pair, or Δ at branch point 0 is not 0.
        DataError: Task names are unusable, or there are fewer than 2 or more than 40.
    """
    needed, left_out = _columns(sheet)
    place = {title: sheet.column(title) for title in (*needed, *OPTIONAL) if sheet.has([title])}
    entries = _entries(sheet, place)
    tasks = _tasks(sheet, entries)
    n_blocks = max((entry.point for entry in entries), default=0)
    if n_blocks < 1:
        raise TableError(f"{sheet.name} has no branch point above 0. A table needs at least one block.")
    seeds = sorted({entry.seed for entry in entries})
    # Sizes are checked before anything is allocated.
    if len(seeds) * len(tasks) ** 2 * n_blocks > 50 * max(len(entries), 10_000):
        raise TableError(
            f"{sheet.name} speaks of {len(tasks)} tasks, {n_blocks} blocks and {len(seeds)} seeds, but fills only "
            f"{len(entries)} rows of them. Check the columns branch_point and seed for a wrong number."
        )
    index = {task: place for place, task in enumerate(tasks)}
    values = np.full((len(seeds), len(tasks), len(tasks), n_blocks + 1), np.nan)
    stderr = np.full(values.shape[1:], np.nan)
    rows: dict[tuple[int, ...], Row] = {}
    place_of = {seed: place for place, seed in enumerate(seeds)}
    for entry in entries:
        partner = entry.pair[1] if entry.target == entry.pair[0] else entry.pair[0]
        key = (place_of[entry.seed], index[entry.target], index[partner], entry.point)
        twin = rows.setdefault(key, entry.row)
        if twin is not entry.row:
            raise TableError(
                f"Rows {twin.number} and {entry.row.number} of {sheet.name} give the same value: Δ of {entry.target} "
                f"with {partner} at branch point {entry.point}. Keep one of them, or distinguish them in a column seed."
            )
        values[key], stderr[key[1:]] = entry.value, entry.stderr
    values[..., 0] = np.nan_to_num(values[..., 0])
    values[:, np.arange(len(tasks)), np.arange(len(tasks))] = 0.0
    names, numbered = named_tasks(tasks, sheet.name)
    remarks = (*left_out, *((numbered,) if numbered else ()))
    if sheet.has(["seed"]):
        return TwoTaskTable.from_samples(names, values), remarks
    stderr[..., 0] = 0.0
    stderr[np.arange(len(tasks)), np.arange(len(tasks))] = 0.0
    return TwoTaskTable(names, values[0], stderr if sheet.has(["stderr"]) else None), remarks


def tidy_rows(table: TwoTaskTable) -> list[list[object]]:
    """Return the rows of the tidy form, header first: one per seed where the seeds give the table's means."""
    check_writable(table.tasks)
    samples = table.samples if _seeds_tell_all(table) else None
    header: list[object] = [*NEEDED]
    if samples is not None:
        header.append("seed")
    elif table.stderr is not None:
        header.append("stderr")
    rows = [header]
    for seed, values in enumerate([table.values] if samples is None else samples):
        for a, b in combinations(range(table.n_tasks), 2):
            for point in range(table.n_blocks + 1):
                for target, partner in ((a, b), (b, a)):
                    row: list[object] = [table.tasks[a], table.tasks[b], point, table.tasks[target]]
                    row.append(cell_of(values, target, partner, point))
                    if samples is not None:
                        row.append(seed)
                    elif table.stderr is not None:
                        row.append(cell_of(table.stderr, target, partner, point))
                    rows.append(row)
    return rows


def _seeds_tell_all(table: TwoTaskTable) -> bool:
    if table.samples is None:
        return False
    again = TwoTaskTable.from_samples(table.tasks, table.samples)
    off = ~np.eye(table.n_tasks, dtype=bool)
    return np.allclose(again.values[off], table.values[off], rtol=1e-9, atol=1e-9, equal_nan=True)


def _columns(sheet: Sheet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns that are needed, two of tasks or one of pairs, and a remark on each that says nothing."""
    needed = (PAIR, *NEEDED[2:]) if sheet.has([PAIR]) and not sheet.has(["task_a"]) else NEEDED
    for title in needed:
        sheet.column(title)
    remarks = []
    for place, title in enumerate(sheet.header):
        if not title or title.casefold() in (*needed, *OPTIONAL, ROW_INDEX):
            continue
        varies = len({cell_text(row.cells[place]) for row in sheet.rows}) > 1
        if varies or len(sheet.rows) < 2 or any(part in title.casefold() for part in _MEANT):
            # Rows that differ in it may be of different experiments; and a title may be misspelt.
            raise TableError(
                f'Column "{shown(title)}" of {sheet.name} is not known. '
                f"A tidy table has {', '.join(NEEDED)} and optionally stderr or seed. Remove other columns."
            )
        remarks.append(f'Column "{shown(title)}" of {sheet.name} is the same in every row and is left out.')
    if sheet.has(OPTIONAL):
        raise TableError(f"{sheet.name} has both stderr and seed. Standard errors follow from seeds; keep one of them.")
    return needed, tuple(remarks)


def _entries(sheet: Sheet, place: Mapping[str, int]) -> list[_Entry]:
    entries, seeds = [], set[int]()
    for row in sheet.rows:
        entry = _entry(sheet, row, place)
        if "seed" in place:
            add_seed(seeds, entry.seed, sheet, row)
        entries.append(entry)
    return entries


def _entry(sheet: Sheet, row: Row, place: Mapping[str, int]) -> _Entry:
    pair = _pair(sheet, row, place)
    target = sheet.text(row, place["task"])
    if target not in pair:
        sheet.refuse(row, place["task"], f"which is neither {shown(pair[0])} nor {shown(pair[1])}. Name one of the two")
    point = sheet.integer(row, place["branch_point"], MAX_BLOCKS)
    value = sheet.number(row, place["value"])
    if point == 0 and value is not None and abs(value) > 1e-9:
        sheet.refuse(row, place["value"], "but branch point 0 means two single-task networks. Write 0")
    stderr = sheet.number(row, place["stderr"]) if "stderr" in place else None
    if stderr is not None and stderr < 0:
        sheet.refuse(row, place["stderr"], "but a standard error is never negative. Write its absolute value")
    seed = sheet.integer(row, place["seed"], LARGEST_SEED) if "seed" in place else 0
    return _Entry(
        row, pair, target, point, np.nan if value is None else value, np.nan if stderr is None else stderr, seed
    )


def _pair(sheet: Sheet, row: Row, place: Mapping[str, int]) -> tuple[str, str]:
    if PAIR not in place:
        pair = (sheet.text(row, place["task_a"]), sheet.text(row, place["task_b"]))
        if pair[0] == pair[1]:
            sheet.refuse(row, place["task_b"], "the same task as task_a. A pair has two different tasks")
        return pair
    found = pair_of(sheet.text(row, place[PAIR]))
    if found is None or found[0] == found[1]:
        sheet.refuse(row, place[PAIR], 'which is no pair of two tasks. Write "(a, b)", "a+b" or "a|b"')
    return found


def _tasks(sheet: Sheet, entries: list[_Entry]) -> tuple[str, ...]:
    if not entries:
        raise TableError(f"{sheet.name} has a header and no rows. Add one row per value.")
    pairs = list(dict.fromkeys(entry.pair for entry in entries))
    tasks = tasks_of_pairs(pairs, sheet.name)
    return tuple(dict.fromkeys(task for pair in pairs for task in pair)) if tasks is None else tasks
