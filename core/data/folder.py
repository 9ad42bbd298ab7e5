"""``folder``: own pictures in a folder, with ``labels.csv`` next to them."""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.labels_file import LabelsFile, column_of, read_labels
from core.data.missing import MISSING_CLASS
from core.data.picture_file import read_pictures
from core.data.picture_names import FolderFiles
from core.data.roots import allowed
from core.data.source import Source
from core.data.splits import Rows, shared_out
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.tasks import Kind

Classes = NDArray[np.int64]


def folder_source(specification: FolderSpecification) -> Source:
    """Return the labels and splits of a folder of pictures.

    ``labels.csv`` has the columns ``file``, one per task, and maybe ``split`` (train,
    validation or test); without it the splits are drawn. Pictures of any size are stretched
    to squares.

    Args:
        specification: The folder, picture size, shares of the splits, seed.

    Raises:
        DataError: The folder is missing or outside the allowed ones, the label file is unsound,
            or it names pictures that are not there.
    """
    folder = folder_of(specification.path)
    labels = read_labels(folder)
    paths = picture_paths(folder, labels)
    columns = [column_of(name, cells) for name, cells in labels.columns.items()]
    numbers = [column.target for column in columns if column.task.kind is Kind.CLASSIFICATION]
    return Source(
        name="folder",
        tasks=tuple(column.task for column in columns),
        labels={column.task.name: column.target for column in columns},
        rows=_rows(specification, labels, [np.asarray(n, dtype=np.int64) for n in numbers]),
        pictures=lambda rows: read_pictures([paths[row] for row in rows], specification.size),
        class_names={column.task.name: column.class_names for column in columns},
    )


def folder_of(path: str) -> Path:
    """Return a folder that is there and may be read.

    Raises:
        DataError: It is missing, no folder, or outside the allowed ones.
    """
    folder = allowed(path)
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}. Check the path.")
    return folder


def picture_paths(folder: Path, labels: LabelsFile) -> list[Path]:
    """Return the path of every picture a label file names, whatever the capitals of its name.

    Raises:
        DataError: Some are not in the folder, or two rows name one picture.
    """
    paths, missing = FolderFiles(folder).find_all(labels.files)
    if missing:
        raise DataError(
            f'labels.csv names {len(missing)} picture(s) that are not in {folder}, such as "{missing[0][:100]}". '
            "Put them there or remove their rows."
        )
    if len(set(paths)) < len(paths):
        again = next(path for path, times in Counter(paths).items() if times > 1)
        raise DataError(
            f'labels.csv names the picture "{again.name[:100]}" in two rows, in other capitals. Give it one row.'
        )
    return paths


def _rows(specification: FolderSpecification, labels: LabelsFile, classes: list[Classes]) -> dict[str, Rows]:
    if labels.splits is not None:
        chosen = np.array(labels.splits)
        return {split: np.flatnonzero(chosen == split) for split in SPLITS}
    everything = classes or [np.full(len(labels.files), MISSING_CLASS)]
    rng = np.random.default_rng(specification.seed)
    return shared_out(everything, specification.validation, specification.test, rng)
