"""``labels.csv`` of a folder of pictures: one row per picture, one column per task."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from core.data.dataset import SPLITS
from core.data.roots import allowed
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.tasks import check_task_names

NAME: Final = "labels.csv"
FILE: Final = "file"
SPLIT: Final = "split"
MAX_BYTES: Final = 50_000_000
_SHOWN: Final = 60


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


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:_SHOWN]
