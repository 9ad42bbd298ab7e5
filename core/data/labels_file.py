"""``labels.csv`` of a folder of pictures: one row per picture, one column per task."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.missing import MISSING_CLASS
from core.data.roots import allowed
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.tasks import Kind, Task, check_task_names

NAME: Final = "labels.csv"
FILE: Final = "file"
SPLIT: Final = "split"
MAX_BYTES: Final = 50_000_000
MAX_CLASSES: Final = 1000
BETWEEN_LABELS: Final = ";"
_SHOWN: Final = 60
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}")
_DECIMAL: Final = re.compile(r"[+-]?(\d+[.]\d*|\d*[.]\d+)(e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LabelsFile:
    """What a label file says, before anything is made of it.

    Args:
        files: Picture of each row, relative to the folder.
        columns: Task name → its cells, as text; an empty cell is a missing label.
        splits: Split of each row, or None where the file has no such column.
    """

    files: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    splits: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A task made of one column.

    Args:
        task: Its name and kind: multi-label where any cell holds a semicolon, else classification.
        class_names: What the classes or labels are called, in order.
        target: As in ``Samples.targets``, one row per picture.
    """

    task: Task
    class_names: tuple[str, ...]
    target: NDArray[np.generic]


def read_labels(folder: Path) -> LabelsFile:
    """Return what ``labels.csv`` in a folder says.

    Raises:
        DataError: There is none, it is too large or no CSV in UTF-8, has no column ``file``, a
            column name twice or none, a row of another width, a picture twice or outside the
            folder, or a split of another name.
    """
    text = _text(folder)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(map(str.strip, row))]
    except csv.Error as fault:
        raise DataError(f"{NAME} is no readable CSV file: {fault}. Save it again, with commas.") from None
    header = [cell.strip() for cell in rows[0]] if rows else []
    _check_header(header)
    if len(rows) < 2:
        raise DataError(f"{NAME} names no picture. Add a row for each.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise DataError(f"Row {number} of {NAME} has {len(row)} cells; the header has {len(header)}. Mend the row.")
    cells = dict(zip(header, zip(*([cell.strip() for cell in row] for row in rows[1:]), strict=True), strict=True))
    files = cells.pop(FILE)
    _check_files(files)
    splits = cells.pop(SPLIT, None)
    _check_splits(splits)
    return LabelsFile(files, cells, splits)


def column_of(name: str, cells: Sequence[str]) -> Column:
    """Return the task of a column.

    Whole numbers are classes in numeric order, words are classes in alphabetic order.
    ``a;b`` says that both labels hold, a lone ``;`` that none does.

    Args:
        name: Of the column.
        cells: Its text, one cell per picture; an empty one is a missing label.

    Raises:
        DataError: All cells are empty, there is only one class or far too many, a class has one
            picture only, or the cells are measurements.
    """
    filled = [cell for cell in cells if cell]
    if not filled:
        raise DataError(f'Column "{name}" of {NAME} is empty. Fill in some labels or remove it.')
    several = any(BETWEEN_LABELS in cell for cell in filled)
    found = Counter(label for cell in filled for label in (_labels(cell) if several else [cell]))
    names = _ordered(found)
    _check_classes(name, names, found, several=several)
    number = {label: place for place, label in enumerate(names)}
    if not several:
        target = np.array([number[cell] if cell else MISSING_CLASS for cell in cells], dtype=np.int64)
        return Column(Task.usual(name, Kind.CLASSIFICATION, len(names)), names, target)
    flags = np.full((len(cells), len(names)), np.nan, dtype=np.float32)
    for row, cell in zip(flags, cells, strict=True):
        if cell:
            row[:] = 0
            row[[number[label] for label in _labels(cell)]] = 1
    return Column(Task.usual(name, Kind.MULTI_LABEL, len(names)), names, flags)


def _text(folder: Path) -> str:
    path = allowed(folder / NAME)
    try:
        data = bounded_bytes(path, MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise DataError(f"{NAME} is larger than {MAX_BYTES // 10**6} MB. Split the data set.")
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            f"The folder {folder} has no {NAME}. Write one with the columns {FILE}, task 1, task 2, … and a row per "
            "picture."
        ) from None
    except OSError as fault:
        raise DataError(f"{folder / NAME} can't be read: {fault.strerror}. Check the path.") from None
    except UnicodeDecodeError:
        raise DataError(f'{NAME} is not UTF-8 text. Save it as "CSV UTF-8".') from None
    if "\0" in text:
        raise DataError(f'{NAME} holds a zero byte, so it is no text file. Save it as "CSV UTF-8".')
    return text


def _check_header(header: Sequence[str]) -> None:
    if header[:1] != [FILE]:
        found = _shown(header[0]) if header else ""
        raise DataError(f'The first column of {NAME} should be called "{FILE}". Found "{found}". Rename it.')
    for name in header:
        if header.count(name) > 1:
            raise DataError(f'{NAME} has the column "{_shown(name)}" twice. Give every column its own name.')
        if name.lower() in {FILE, SPLIT} and name not in {FILE, SPLIT}:
            raise DataError(f'{NAME} has a column "{_shown(name)}". Write "{name.lower()}" in small letters.')
    check_task_names([name for name in header if name not in {FILE, SPLIT}])


def _check_files(files: Sequence[str]) -> None:
    for number, file in enumerate(files, start=2):
        parts = PurePosixPath(file.replace("\\", "/")).parts
        if not file or not file.isprintable() or file.startswith(("/", "~")) or ":" in file or ".." in parts:
            raise DataError(
                f'Row {number} of {NAME} names the picture "{_shown(file)}". Name a file inside the folder, '
                "such as birds/01.png."
            )
    again, times = Counter(files).most_common(1)[0]
    if times > 1:
        raise DataError(f'{NAME} names the picture "{_shown(again)}" {times} times. Give every picture one row.')


def _check_splits(splits: Sequence[str] | None) -> None:
    if splits is None:
        return
    for number, split in enumerate(splits, start=2):
        if split not in SPLITS:
            raise DataError(
                f'Row {number} of {NAME} has the split "{_shown(split)}". Write one of {", ".join(SPLITS)}.'
            )
    for split in SPLITS:
        if split not in splits:
            raise DataError(f"{NAME} has no picture in the {split} split. Give every split at least one.")


def _labels(cell: str) -> list[str]:
    return sorted({label.strip() for label in cell.split(BETWEEN_LABELS)} - {""})


def _ordered(found: Counter[str]) -> tuple[str, ...]:
    if all(_WHOLE.fullmatch(label) for label in found):
        return tuple(sorted(found, key=lambda label: (int(label), label)))
    return tuple(sorted(found))


def _check_classes(name: str, names: Sequence[str], found: Counter[str], *, several: bool) -> None:
    measured = [label for label in names if _DECIMAL.fullmatch(label)]
    if measured:
        raise DataError(
            f'Column "{name}" of {NAME} holds {_shown(measured[0])}, a measurement. A folder\'s tasks have classes: '
            "sort the values into a few ranges."
        )
    if len(names) > MAX_CLASSES:
        raise DataError(f'Column "{name}" of {NAME} has {len(names):,} classes; at most {MAX_CLASSES:,} are allowed.')
    if len(names) < (1 if several else 2):
        raise DataError(f'Column "{name}" of {NAME} has one class only, so there is nothing to learn. Remove it.')
    rare = [label for label in names if found[label] < 2]
    if rare:
        raise DataError(
            f'Class "{_shown(rare[0])}" of column "{name}" of {NAME} has one picture only. '
            "Add another, merge the class into one that is alike, or leave the cell empty."
        )


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:_SHOWN]
