"""Folders whose names are the labels: ``cats/01.jpg``, ``train/cats/01.jpg``, ``sketches/cats/01.jpg``."""

import os
from pathlib import Path
from typing import Final

from core.data.picture_names import has_picture_ending
from core.data.split_words import split_of
from core.data_roots import allowed
from core.errors import DataError, printable

CLASS: Final = "class"
DOMAIN: Final = "domain"
MAX_PICTURES: Final = 500_000
_SHOWN: Final = 60

Columns = dict[str, tuple[str, ...]]


def read_class_folders(folder: Path) -> tuple[tuple[str, ...], Columns, tuple[str, ...] | None]:
    """Return pictures, columns of labels and splits that the folders of a folder say.

    One level of folders is the task ``class``; of two levels the upper one is the task ``domain``. A level whose
    folders are all called like splits says the splits.

    Args:
        folder: With folders of pictures and no label file.

    Raises:
        DataError: It has no such folders, pictures lie at different depths, or too many.
    """
    files = _pictures(folder)
    depths = {len(file.parts) for file in files}
    if not files or 1 in depths:
        raise DataError(
            f"The folder {folder} has no labels.csv, and its pictures do not lie in folders of classes. Write one with "
            "the columns file, task 1, task 2, … and a row per picture."
        )
    if len(depths) > 1:
        low, high = (next(file for file in files if len(file.parts) == depth) for depth in (min(depths), max(depths)))
        raise DataError(
            f"{_shown(low)} and {_shown(high)} lie at different depths of {folder}, so which folders are classes is "
            "not clear. Move them, or write a labels.csv."
        )
    levels = [*zip(*(file.parts[:-1] for file in files), strict=True)]
    splits = None
    for place, names in enumerate(levels):
        meant = {name: split_of(name) for name in {*names}}
        if len(meant) > 1 and None not in meant.values():
            splits = tuple(meant[name] or "" for name in names)
            del levels[place]
            break
    if not 1 <= len(levels) <= 2:
        raise DataError(
            f"{_shown(files[0])} lies in {len(levels)} folders below {folder} beside those of splits. Classes are one "
            "or two. Move the pictures, or write a labels.csv."
        )
    titles = (CLASS,) if len(levels) == 1 else (DOMAIN, CLASS)
    return tuple(file.as_posix() for file in files), dict(zip(titles, levels, strict=True)), splits


def _pictures(folder: Path) -> list[Path]:
    """Return every picture below a folder, relative to it, in order; hidden ones are left out."""
    found: list[Path] = []
    root = allowed(folder)
    for here, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        found += [Path(here, name).relative_to(root) for name in names if has_picture_ending(name) and name[0] != "."]
        if len(found) > MAX_PICTURES:
            raise DataError(f"{folder} has more than {MAX_PICTURES:,} pictures. Split the data set.")
    return sorted(found)


def _shown(file: Path) -> str:
    return printable(file.as_posix(), _SHOWN)
