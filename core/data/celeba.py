"""CelebA: faces with forty attributes, as torchvision leaves them on disk."""

import io
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.known_folder import known_folder
from core.data.picture_file import read_pictures
from core.data.picture_names import FolderFiles
from core.data.roots import allowed
from core.data.source import Source
from core.data.splits import drawn
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.studies.dataset_specification import CelebaSpecification
from core.tasks import Kind, Task

INNER: Final = "celeba"
PICTURES: Final = "img_align_celeba"
ATTRIBUTES: Final = "list_attr_celeba.txt"
PARTITION: Final = "list_eval_partition.txt"
MAX_BYTES: Final = 100_000_000


def celeba_files(specification: CelebaSpecification) -> list[Path]:
    """Return the two text files and every picture.

    Raises:
        DataError: One of them or the folder of pictures is missing.
    """
    folder = _folder(specification)
    pictures = [path for path in (folder / PICTURES).iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    return [folder / ATTRIBUTES, folder / PARTITION, *sorted(pictures)]


def celeba_source(specification: CelebaSpecification) -> Source:
    """Return CelebA, one two-class task per attribute, in CelebA's own three splits.

    Args:
        specification: The folder, at most how many pictures of each split, picture size, seed.

    Raises:
        DataError: A file is missing, the two text files don't match, or a picture is damaged.

    Reference:
        Liu et al., Deep Learning Face Attributes in the Wild, 2015.
    """
    folder = _folder(specification)
    names, files, flags = _attributes(folder / ATTRIBUTES)
    split_of = _partition(folder / PARTITION, files)
    tasks = tuple(Task.usual(name, Kind.CLASSIFICATION, 2) for name in names)
    rng = np.random.default_rng(specification.seed)
    rows = {}
    for number, split in enumerate(SPLITS):
        present = np.flatnonzero(split_of == number)
        size = int(getattr(specification, f"n_{split}"))
        rows[split] = present[drawn(flags[present, 0], [size], rng)[0]]
    return Source(
        name="CelebA",
        tasks=tasks,
        labels={task.name: flags[:, place] for place, task in enumerate(tasks)},
        rows=rows,
        pictures=lambda wanted: _pictures(folder / PICTURES, [files[row] for row in wanted], specification.size),
        class_names={task.name: (f"not {task.name}", task.name) for task in tasks},
    )


def _pictures(folder: Path, names: list[str], size: int) -> NDArray[np.uint8]:
    paths, missing = FolderFiles(folder).find_all(names)
    if missing:
        raise DataError(f"The picture {missing[0]} is missing in {folder}. Fetch CelebA again.")
    return read_pictures(paths, size)


def _folder(specification: CelebaSpecification) -> Path:
    return known_folder(specification.path, INNER, (PICTURES, ATTRIBUTES, PARTITION), "CelebA")


def _attributes(path: Path) -> tuple[list[str], list[str], NDArray[np.int64]]:
    lines = _text(path).split("\n", 2)
    names = [name.replace("_", " ") for name in lines[1].split()] if len(lines) == 3 else []
    if not 2 <= len(names) <= 40:
        raise DataError(f"{path.name} should have a count, a line of 2 to 40 attributes, then a line per picture.")
    files, values = _table(lines[2], len(names), path)
    if not np.isin(values, (-1, 1)).all():
        raise DataError(f"{path.name} has attributes other than −1 and 1. Fetch it again.")
    return names, files, (values > 0).astype(np.int64)


def _partition(path: Path, files: list[str]) -> NDArray[np.int64]:
    named, values = _table(_text(path), 1, path)
    if named != files or not np.isin(values, (0, 1, 2)).all():
        raise DataError(
            f"{path.name} does not give 0, 1 or 2 for the pictures of {ATTRIBUTES} in order. Fetch both again."
        )
    return values[:, 0]


def _table(text: str, n_columns: int, path: Path) -> tuple[list[str], NDArray[np.int64]]:
    # Eight million numbers: pandas reads them in a second.
    import pandas as pd

    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=r"\s+",
            header=None,
            dtype={0: str} | dict.fromkeys(range(1, n_columns + 1), np.int64),
        )
        values = table.iloc[:, 1:].to_numpy(dtype=np.int64)
        files = [str(file) for file in table[0]]
    except (ValueError, KeyError, OverflowError):
        raise DataError(
            f"{path.name} is damaged: a line has other cells than the one before. Fetch it again."
        ) from None
    if values.shape[1] != n_columns:
        raise DataError(f"{path.name} has {values.shape[1]} numbers per picture; {n_columns} are due. Fetch it again.")
    if any("/" in file or "\\" in file or file.startswith(".") for file in files):
        raise DataError(f"{path.name} names a picture outside {PICTURES}. Fetch it again.")
    return files, values


def _text(path: Path) -> str:
    real = allowed(path)
    try:
        data = bounded_bytes(real, MAX_BYTES)
        if len(data) <= MAX_BYTES:
            return data.decode("ascii")
        raise DataError(f"{path.name} is larger than {MAX_BYTES // 10**6} MB, so it is not CelebA's. Fetch it again.")
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path.name} can't be read as plain text. Fetch it again.") from None
