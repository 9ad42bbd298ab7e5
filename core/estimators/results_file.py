"""Trained layouts as a file: one row per layout, one column of Δ per task."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import LayoutError, TableError
from core.estimators.metric_rows import has_metrics
from core.estimators.raw_metrics import layouts_sheet
from core.estimators.sheet import Row, Sheet
from core.estimators.table_file import file_bytes, read_sheet
from core.estimators.two_task import Array
from core.layouts import Layout

LARGEST_SEED = 2**31 - 1
# Reading as many of ten tasks and 16 blocks takes four seconds.
MOST_LAYOUTS = 20_000
_COLUMNS = ("layout", "seed")


@dataclass(frozen=True, slots=True, eq=False)
class TrainedLayouts:
    """Δ of every task after training, layout by layout.

    Args:
        layouts: The layouts that were trained, each once.
        deltas: Δ in percent, ``[n_seeds, n_layouts, n_tasks]``.

    Raises:
        TableError: The shapes disagree.
    """

    layouts: tuple[Layout, ...]
    deltas: Array

    def __post_init__(self) -> None:
        if self.deltas.ndim != 3 or self.deltas.shape[1] != len(self.layouts):
            raise TableError(
                f"{len(self.layouts)} layouts should come with Δ of shape [n_seeds, n_layouts, n_tasks]. "
                f"Found {list(self.deltas.shape)}."
            )

    @property
    def means(self) -> Array:
        """Mean over seeds, ``[n_layouts, n_tasks]``."""
        result: Array = self.deltas.mean(axis=0)
        return result


def read_results(
    data: bytes, filename: str, tasks: Sequence[str], n_blocks: int, *, worksheet: str | None = None
) -> TrainedLayouts:
    """Return the trained layouts of a CSV file or a workbook.

    The column ``layout`` holds JSON or the text form; each task has a column headed by its name or
    its index, a task called layout or seed by its index. A column ``seed`` makes one row per
    layout and seed; every seed then has every layout. Further columns are not read. A file of metrics,
    with the columns ``task``, ``metric`` and ``value``, gives Δ of the networks of all tasks.

    Args:
        data: What the file holds.
        filename: Its name.
        tasks: Names, in index order.
        n_blocks: Number of blocks of the layouts.
        worksheet: Which worksheet of a workbook; the first visible one by default.

    Raises:
        TableError: A column is missing, a layout can't be read or is there twice, or a cell is no number.

    >>> read_results(b'layout,a,b\\n"0,1",1.5,-2\\n0;1,0,0', "r.csv", ["a", "b"], 1).means.tolist()
    [[1.5, -2.0], [0.0, 0.0]]
    """
    return results_of(read_sheet(data, filename, worksheet=worksheet), tasks, n_blocks)


def results_of(sheet: Sheet, tasks: Sequence[str], n_blocks: int) -> TrainedLayouts:
    """Return the trained layouts of a sheet; see ``read_results``.

    Raises:
        TableError: As ``read_results``.
    """
    if has_metrics(sheet):
        sheet = layouts_sheet(sheet, tasks, n_blocks)
    place = sheet.column("layout")
    columns = [_task_column(sheet, index, name) for index, name in enumerate(tasks)]
    seed_place = sheet.column("seed") if sheet.has(["seed"]) else None
    found: dict[int, dict[Layout, list[float]]] = {}
    rows: dict[tuple[int, Layout], Row] = {}
    # Every seed repeats the layouts.
    read: dict[str, Layout] = {}
    for row in sheet.rows:
        text = sheet.text(row, place)
        if text not in read and len(read) == MOST_LAYOUTS:
            raise TableError(
                f"Row {row.number} of {sheet.name} has another layout than the {MOST_LAYOUTS:,} before it, which are "
                "the most that are read. Leave some out."
            )
        layout = read.get(text) or read.setdefault(text, _layout(sheet, row, place, tasks, n_blocks))
        seed = 0 if seed_place is None else sheet.integer(row, seed_place, LARGEST_SEED)
        twin = rows.setdefault((seed, layout), row)
        if twin is not row:
            sheet.refuse(row, place, f"the same layout as row {twin.number}. Keep one, or add a column seed")
        found.setdefault(seed, {})[layout] = [_delta(sheet, row, column) for column in columns]
    return _gathered(sheet.name, found)


def read_results_path(path: Path | str, tasks: Sequence[str], n_blocks: int) -> TrainedLayouts:
    """Return the trained layouts of the file at ``path``.

    Raises:
        TableError: The file can't be opened, is larger than 20 MB, or can't be read.
    """
    return read_results(file_bytes(path), Path(path).name, tasks, n_blocks)


def _task_column(sheet: Sheet, index: int, name: str) -> int:
    is_reserved = name.casefold() in _COLUMNS
    titles = [title for title in (name, str(index)) if title in sheet.header and not (is_reserved and title == name)]
    if is_reserved and not titles:
        raise TableError(
            f'The task "{name}" is called like the column {name.casefold()} of {sheet.name}. Head the column of its Δ '
            f"with its index, {index}."
        )
    return sheet.header.index(titles[0]) if titles else sheet.column(name)


def _layout(sheet: Sheet, row: Row, place: int, tasks: Sequence[str], n_blocks: int) -> Layout:
    text = sheet.text(row, place)
    where = f'Row {row.number}, column "layout" of {sheet.name}'
    try:
        layout = Layout.parse(text, tasks)
    except LayoutError as fault:
        raise TableError(f"{where}: {fault}") from None
    if layout.n_blocks != n_blocks:
        raise TableError(
            f"{where} has a layout of {layout.n_blocks} blocks, the table {n_blocks}. Use the same blocks."
        )
    return layout


def _delta(sheet: Sheet, row: Row, column: int) -> float:
    value = sheet.number(row, column)
    if value is None:
        sheet.refuse(row, column, "but a trained layout has a Δ for every task. Fill it in or remove the row")
    return value


def _gathered(name: str, found: dict[int, dict[Layout, list[float]]]) -> TrainedLayouts:
    if not found:
        raise TableError(f"{name} has a header and no rows. Add one row per trained layout.")
    first, *others = sorted(found)
    layouts = tuple(found[first])
    for seed in others:
        if set(found[seed]) != set(layouts):
            odd = min(set(found[seed]) ^ set(layouts))
            raise TableError(
                f"{name} has the layout {odd} for one of the seeds {first} and {seed} only. "
                "Give every layout the same seeds."
            )
    return TrainedLayouts(layouts, np.array([[found[seed][layout] for layout in layouts] for seed in sorted(found)]))
