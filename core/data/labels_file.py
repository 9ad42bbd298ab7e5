"""Label files of a folder of pictures, such as ``labels.csv``: one row per picture, one column per task."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from core.cell_number import means_nothing, number_of
from core.data.class_folders import read_class_folders
from core.data.column_doubts import column_doubt
from core.data.dataset import SPLITS
from core.data.label_columns import FOLDERS
from core.data.picture_names import has_picture_ending
from core.data.split_words import NUMBERED, SPLIT, is_split_title, split_of
from core.data_roots import allowed
from core.errors import DataError, TableError, printable
from core.estimators.csv_sheet import read_csv_sheet
from core.estimators.sheet import ROW_INDEX, Sheet, cell_text
from core.estimators.workbook import read_workbook_sheet
from core.regular_file import bounded_bytes
from core.tasks import MAX_TASKS, check_task_name

NAME: Final = "labels.csv"
# The first that a folder holds is read.
NAMES: Final = (NAME, "labels.tsv", "labels.txt", "labels.xlsx")
FILE: Final = "file"
MAX_BYTES: Final = 50_000_000
# What people and programs call the column of the pictures, without spaces and signs between words.
_FILE_TITLES: Final = frozenset(
    f"{what}{of}"
    for what in ("file", "image", "img", "picture", "photo", "f")
    for of in ("", "s", "id", "index", "name", "file", "path")
    if what + of not in ("f", "fs", "fid", "findex", "ffile", "fpath")
) | {"path"}
# Cells that say in any column that there is no label; what else may is a class with a warning.
_NO_LABEL: Final = frozenset({"nan", "n/a", "#n/a", "<na>", "-", "--", "–", "—"})
_SHOWN: Final = 60
_WORDS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class LabelsFile:
    """What a label file says, before anything is made of it.

    Args:
        files: Picture of each row, relative to the folder.
        columns: Task name → its cells, as text; an empty cell is a missing label.
        splits: Split of each row, empty where it is in none; None where the file has no such column; validation or
            test may lack.
        name: Of the file; empty where the folders themselves are the labels.
        remarks: Sentences on what was taken for granted in reading it.
        missing: Column → how many cells say in words that there is no label.
        doubts: Column → what has to be asked of it unless its kind is said.
    """

    files: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    splits: tuple[str, ...] | None
    name: str = NAME
    remarks: tuple[str, ...] = ()
    missing: dict[str, int] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.name or FOLDERS


def read_labels(folder: Path) -> LabelsFile:
    """Return what the label file of a folder says; without one what its folders say, each the pictures of a class.

    The column of the pictures is called ``file``, ``image`` or the like, whatever its capitals, or is the only one
    that holds names of pictures; one that counts the rows is left out. ``val``, ``dev`` and other synonyms of splits
    are understood, and so are 0, 1 and 2 for training, validation and test.

    Raises:
        DataError: There is neither, it is too large or can't be read as a table, has no column of pictures, a column
            name twice or none, a row of another width, a picture twice or outside the folder, or a split of another
            name.
    """
    found, *said = _label_file(folder)
    if not found:
        files, columns, splits = read_class_folders(folder)
        return LabelsFile(files, columns, splits, "", tuple(_missing_splits(splits, str(folder))))
    sheet = _sheet(folder / found, found)
    titles = [title for title in sheet.header if title and title != ROW_INDEX]
    if pictures := [title for title in titles if has_picture_ending(title)]:
        raise DataError(
            f'The first row of {found} names the picture "{_shown(pictures[0])}" and no columns. Write a header above '
            f"it: {FILE}, task 1, task 2, …"
        )
    if not sheet.rows:
        raise DataError(f"{found} names no picture. Add a row for each.")
    cells = {title: _column(sheet, title) for title in titles}
    picture, *remarks = _picture_column(cells, found)
    remarks = [*said, *remarks]
    files = cells.pop(picture)
    _check_files(files, sheet, found)
    splits = _splits(cells, sheet, found)
    remarks += _missing_splits(splits, found)
    if splits and (n_without := splits.count("")):
        remarks.append(f"{n_without:,} pictures have an empty split and are left out.")
    if not 1 <= len(cells) <= MAX_TASKS:
        raise DataError(f"{found} has {len(cells)} columns of labels. Give it 1 to {MAX_TASKS}.")
    for name in cells:
        check_task_name(name)
    missing: dict[str, int] = {}
    for name, column in cells.items():
        cells[name] = _without_words(column)
        if words := [was for was, cell in zip(column, cells[name], strict=True) if was and not cell]:
            missing[name] = len(words)
            remarks.append(_missing_words(name, words))
    doubts = {}
    for name, column in cells.items():
        if doubt := column_doubt(name, column, found, semicolons=sheet.semicolons, has_splits=splits is not None):
            doubts[name] = doubt
    return LabelsFile(files, cells, splits, found, (*sheet.remarks, *remarks), missing, doubts)


def _label_file(folder: Path) -> list[str]:
    """Return the name of the label file, empty where there is none, and a remark where it has a name of its own."""
    names = sorted(child.name for child in folder.iterdir()) if folder.is_dir() else []
    for wanted in NAMES:
        # Exactly so, else in other capitals.
        if alike := sorted((name for name in names if name.casefold() == wanted), key=lambda name: name != wanted):
            return [alike[0]]
    tables = [name for name in names if name.casefold().endswith((".csv", ".tsv", ".xlsx"))]
    if len(tables) == 1 and any(map(has_picture_ending, names)):
        return [tables[0], f"The labels are read from {_shown(tables[0])}, the only table in the folder."]
    return [""]


def _sheet(path: Path, name: str) -> Sheet:
    try:
        data = bounded_bytes(allowed(path), MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise DataError(f"{name} is larger than {MAX_BYTES // 10**6} MB. Split the data set.")
        return read_workbook_sheet(data, name) if path.suffix.casefold() == ".xlsx" else read_csv_sheet(data, name)
    except TableError as fault:
        raise DataError(str(fault)) from None
    except OSError as fault:
        raise DataError(f"{path} can't be read: {fault.strerror}. Check the path.") from None


def _column(sheet: Sheet, title: str) -> tuple[str, ...]:
    place = sheet.header.index(title)
    return tuple(cell_text(row.cells[place]) for row in sheet.rows)


def _picture_column(cells: dict[str, tuple[str, ...]], name: str) -> list[str]:
    """Return the title of the column of pictures, and a remark where it is not called ``file``."""
    if FILE in cells:
        return [FILE]
    called = [title for title in cells if "".join(filter(str.isalnum, title.casefold())) in _FILE_TITLES]
    found = called or [title for title, column in cells.items() if all(map(has_picture_ending, column))]
    if len(found) == 1:
        return [found[0]] if found[0].casefold() == FILE else [found[0], f'"{_shown(found[0])}" names the pictures.']
    if found:
        listed = ", ".join(f'"{_shown(title)}"' for title in found[:4])
        raise DataError(f'More than one column of {name} may name the pictures: {listed}. Call one of them "{FILE}".')
    listed = ", ".join(f'"{_shown(title)}"' for title in [*cells][:6])
    raise DataError(f'One column of {name} should name the pictures and be called "{FILE}". Found {listed}. Rename it.')


def _check_files(files: Sequence[str], sheet: Sheet, name: str) -> None:
    for row, file in zip(sheet.rows, files, strict=True):
        parts = PurePosixPath(file.replace("\\", "/")).parts
        if not file or not file.isprintable() or file.startswith(("/", "~")) or ":" in file or ".." in parts:
            raise DataError(
                f'Row {row.number} of {name} names the picture "{_shown(file)}". Name a file inside the folder, '
                "such as birds/01.png."
            )
    again, times = Counter(files).most_common(1)[0]
    if times > 1:
        raise DataError(f'{name} names the picture "{_shown(again)}" {times} times. Give every picture one row.')


def _splits(cells: dict[str, tuple[str, ...]], sheet: Sheet, name: str) -> tuple[str, ...] | None:
    """Take the column of splits out of the others and return it; None where there is none."""
    for title in [title for title in cells if is_split_title(title)]:
        column = cells[title]
        numbered = {*column} - {""} <= {*NUMBERED}
        splits = tuple((NUMBERED[cell] if numbered else split_of(cell)) if cell else None for cell in column)
        if title.casefold() != SPLIT and any(cell and not split for cell, split in zip(column, splits, strict=True)):
            # A "set" or "partition" of something else is a task like any other.
            continue
        del cells[title]
        for row, cell, split in zip(sheet.rows, column, splits, strict=True):
            if split is None and cell:
                raise DataError(
                    f'Row {row.number} of {name} has the split "{_shown(cell)}". Write one of {", ".join(SPLITS)}.'
                )
        return tuple(split or "" for split in splits)
    return None


def _missing_splits(splits: Sequence[str] | None, title: str) -> list[str]:
    """Return a remark for each split that has to be drawn from the training pictures.

    Raises:
        DataError: There is no training picture.
    """
    missing = [split for split in SPLITS if splits is not None and split not in splits]
    if SPLITS[0] in missing:
        raise DataError(f"{title} has no picture in the train split. Give every split at least one.")
    return [
        f"No picture is of the {split} split, so a share of the training ones is drawn for it." for split in missing
    ]


def _without_words(column: tuple[str, ...]) -> tuple[str, ...]:
    """Return cells with nothing in those that say so: as any program writes it, or beside numbers in any words."""
    kept = tuple("" if cell.casefold() in _NO_LABEL else cell for cell in column)
    words = {cell for cell in kept if means_nothing(cell)} - {""}
    if words and all(_is_number(cell) for cell in kept if not means_nothing(cell)):
        return tuple("" if cell in words else cell for cell in kept)
    return kept


def _missing_words(name: str, words: Sequence[str]) -> str:
    """Return a remark on cells that say in words that there is no label, with the words that stand there."""
    listed = " or ".join(f'"{_shown(word)}"' for word, _ in Counter(words).most_common(_WORDS_SHOWN))
    what = "cell" if len(words) == 1 else "cells"
    end = "holds {} and is read as a missing label" if len(words) == 1 else "hold {} and are read as missing labels"
    return f'{len(words):,} {what} of "{_shown(name)}" {end.format(listed)}.'


def _is_number(cell: str) -> bool:
    try:
        return number_of(cell, decimal=".") is not None
    except ValueError:
        return True


def _shown(text: str) -> str:
    return printable(text, _SHOWN)
