"""Two-task tables as files: CSV or XLSX, wide or tidy."""

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from core.errors import TableError
from core.estimators.csv_sheet import read_csv_sheet, write_csv_rows
from core.estimators.metric_rows import has_metrics
from core.estimators.raw_metrics import tidy_sheet
from core.estimators.sheet import Sheet, shown
from core.estimators.tidy import NEEDED, read_tidy, tidy_rows
from core.estimators.two_task import TwoTaskTable
from core.estimators.wide import is_wide, read_wide, wide_rows
from core.estimators.workbook import read_workbook_sheet, worksheet_titles, write_workbook_rows
from core.regular_file import bounded_bytes

LARGEST_FILE = 20 * 2**20
_WORKBOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".tsv", ".txt")


class TableFile(NamedTuple):
    """The table of a file, and what has to be said of how it was read."""

    table: TwoTaskTable
    remarks: tuple[str, ...]


def read_table(data: bytes, filename: str, *, worksheet: str | None = None) -> TwoTaskTable:
    """Return the two-task table of a file, wide or tidy.

    Args:
        data: What the file holds.
        filename: Its name; the extension decides whether it is a workbook or CSV.
        worksheet: Which worksheet of a workbook; the first visible one by default.

    Raises:
        TableError: The file can't be read as a table; the message names the row and the column.
        DataError: Task names are unusable, or there are fewer than 2 or more than 40.

    >>> table = read_table(b"branch,(0, 1)-0,(0, 1)-1\\n0,0,0\\n1,2.5,-1", "two_task.csv")
    >>> table.values[0, 1].tolist(), table.values[1, 0].tolist()
    ([0.0, 2.5], [0.0, -1.0])
    """
    return table_of(read_sheet(data, filename, worksheet=worksheet)).table


def table_of(sheet: Sheet) -> TableFile:
    """Return the two-task table of a sheet, wide, tidy or of metrics, with remarks on what was hidden or assumed.

    Raises:
        TableError: It is no table; the message names the row and the column.
        DataError: Task names are unusable, or there are fewer than 2 or more than 40.
    """
    if has_metrics(sheet):
        computed, said = tidy_sheet(sheet)
        table, remarks = read_tidy(computed)
        return TableFile(table, (*sheet.remarks, *said, *remarks))
    is_tidy = any(sheet.has([title]) for title in NEEDED)
    if is_tidy or is_wide(sheet):
        table, remarks = read_wide(sheet) if is_wide(sheet) else read_tidy(sheet)
        return TableFile(table, (*sheet.remarks, *remarks))
    others = f" {sheet.note} Choose the sheet that holds the table." if sheet.others else ""
    raise TableError(
        f'{sheet.name} has neither the column "branch" of a wide table nor {", ".join(NEEDED)} of a tidy one. '
        f"Found: {shown(', '.join(filter(None, sheet.header)), 120)}.{others}"
    )


def check_measured(table: TwoTaskTable, name: str) -> None:
    """Check that a table says something of every task, so that a recommendation rests on numbers.

    Args:
        table: The table.
        name: What its file is called, for messages.

    Raises:
        TableError: A task has no value above branch point 0.
    """
    pairs = ~np.eye(table.n_tasks, dtype=bool)
    known = ((~np.isnan(table.values[..., 1:])).any(axis=-1) & pairs).any(axis=1)
    if not known.any():
        raise TableError(
            f"{name} has no number above branch 0, so nothing can be recommended. Fill in what is measured."
        )
    if not known.all():
        task = table.tasks[int(np.argmin(known))]
        raise TableError(
            f'{name} has no number above branch 0 for the task "{shown(task)}" beside any other. Fill one in, or '
            "leave the task out."
        )


def read_table_path(path: Path | str) -> TwoTaskTable:
    """Return the two-task table of the file at ``path``.

    Raises:
        TableError: The file can't be opened, is larger than 20 MB, or is no table.
        DataError: Task names are unusable, or there are fewer than 2 or more than 40.
    """
    return read_table(file_bytes(path), Path(path).name)


def write_table(
    table: TwoTaskTable, format: Literal["wide", "tidy"] = "wide", kind: Literal["csv", "xlsx"] = "csv"
) -> bytes:
    """Return a file that :func:`read_table` reads back exactly, unless names differ only in capitals or spaces.

    The wide form holds means only; the tidy form keeps seeds or standard errors.

    Args:
        table: The table.
        format: ``wide`` or ``tidy``.
        kind: ``csv`` or ``xlsx``.

    Raises:
        TableError: Task names would be read back as indices of other tasks, or the format or kind is not known.
    """
    if format not in ("wide", "tidy") or kind not in ("csv", "xlsx"):
        raise TableError(f"A table is written as wide or tidy, csv or xlsx; found {format!r} and {kind!r}.")
    rows = wide_rows(table) if format == "wide" else tidy_rows(table)
    return write_csv_rows(rows) if kind == "csv" else write_workbook_rows(rows)


def read_sheet(data: bytes, filename: str, *, worksheet: str | None = None) -> Sheet:
    """Return the sheet of a CSV file or a workbook.

    Args:
        data: What the file holds.
        filename: Its name.
        worksheet: Which worksheet of a workbook; the first visible one by default.

    Raises:
        TableError: The file is larger than 20 MB, of another kind, or damaged, or has no such worksheet.
    """
    name, is_workbook = _checked(data, filename)
    if is_workbook:
        return read_workbook_sheet(data, name, worksheet)
    if worksheet is not None:
        raise TableError(f"{name} is no workbook, so it has no sheets to choose from. Leave the sheet out.")
    return read_csv_sheet(data, name)


def sheet_titles(data: bytes, filename: str) -> tuple[str, ...]:
    """Return the worksheets of a workbook, visible ones first; none of a CSV file.

    Raises:
        TableError: As ``read_sheet``.
    """
    name, is_workbook = _checked(data, filename)
    return worksheet_titles(data, name) if is_workbook else ()


def _checked(data: bytes, filename: str) -> tuple[str, bool]:
    """Return what a file is called and whether it is a workbook."""
    name = shown(Path(filename.replace("\0", "")).name or "the table", 80)
    if len(data) > LARGEST_FILE:
        raise TableError(
            f"{name} has {len(data) / 2**20:,.1f} MB; a table has at most {LARGEST_FILE // 2**20} MB. "
            "Save only the table, without other sheets or pictures."
        )
    ending = Path(name).suffix.lower()
    if ending in _WORKBOOKS or (ending in _TEXTS and data[:4] == b"PK\3\4"):
        return name, True
    if ending in _TEXTS:
        return name, False
    raise TableError(f'{name} should end in .csv or .xlsx; found "{shown(ending)}". Save it in one of these formats.')


def file_bytes(path: Path | str) -> bytes:
    """Return the content of a file of at most 20 MB.

    Raises:
        TableError: The file can't be opened or is larger.
    """
    path = Path(path)
    try:
        data = bounded_bytes(path, LARGEST_FILE)
        if len(data) > LARGEST_FILE:
            size = max(path.stat().st_size, len(data))
            raise TableError(
                f"{shown(path.name)} has {size / 2**20:,.1f} MB; a table has at most {LARGEST_FILE // 2**20} MB."
            )
        return data
    except OSError as fault:
        why = fault.strerror or "the system does not say why"
        raise TableError(f'The file "{shown(path, 200)}" can\'t be opened: {why}. Check the path.') from None
    except ValueError:
        raise TableError(f'"{shown(path, 200)}" is no path of a file. Check it.') from None
