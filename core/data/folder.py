"""``folder``: own pictures in a folder, with ``labels.csv`` next to them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.label_columns import Column, ColumnFacts, column_of, facts_of, is_as_ever
from core.data.labels_file import LabelsFile, read_labels
from core.data.missing import MISSING_CLASS
from core.data.number_scale import scaled
from core.data.picture_file import read_pictures
from core.data.picture_names import FolderFiles
from core.data.source import Source
from core.data.splits import Rows, at_most, drawn, shared_out
from core.data_roots import allowed
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.studies.label_kinds import IGNORE, LabelKind

Classes = NDArray[np.int64]


def folder_source(specification: FolderSpecification) -> Source:
    """Return the labels and splits of a folder of pictures.

    ``labels.csv`` has the columns ``file``, one per task, and maybe ``split`` (train,
    validation or test); without it the splits are drawn. Without a label file folders are classes.
    Pictures of any size are stretched, padded or cropped to squares.

    Args:
        specification: The folder, picture size, shares of the splits, seed.

    Raises:
        DataError: The folder is missing or outside the allowed ones, the label file is unsound,
            or it names pictures that are not there.
    """
    folder = folder_of(specification.path)
    labels = read_labels(folder)
    paths = picture_paths(folder, labels)
    columns = columns_of(specification, labels)
    numbers = [column.target for column in columns if column.task.kind.is_one_class]
    rows = _rows(specification, labels, [np.asarray(n, dtype=np.int64) for n in numbers])
    return Source(
        name="folder",
        tasks=tuple(scaled(column.task, column.target, rows["train"]) for column in columns),
        labels={column.task.name: column.target for column in columns},
        rows=rows,
        pictures=lambda rows: read_pictures([paths[row] for row in rows], specification.size, specification.fit),
        class_names={column.task.name: column.class_names for column in columns if column.class_names},
        remarks=labels.remarks,
    )


def columns_of(specification: FolderSpecification, labels: LabelsFile) -> list[Column]:
    """Return the tasks of a label file; what is in doubt is asked until a study is made, which fingerprints the data.

    Raises:
        DataError: A column can be no task of its kind, what it is only people know, or the specification names a
            column that the file has not.
    """
    kinds = dict(specification.kinds)
    if strange := kinds.keys() - labels.columns.keys():
        raise DataError(
            f'[dataset.kinds] names the column "{min(strange)[:60]}", which {labels.title} has not. '
            f"Its columns are: {', '.join(labels.columns)[:200]}."
        )
    ask = not specification.fingerprint
    for name, doubt in labels.doubts.items():
        if ask and name not in kinds:
            raise DataError(doubt)
    wanted = [(name, cells) for name, cells in labels.columns.items() if kinds.get(name) != IGNORE]
    return [column_of(name, cells, kinds.get(name), file=labels.title, ask=ask) for name, cells in wanted]


def needed_kinds(specification: FolderSpecification) -> tuple[tuple[str, LabelKind], ...]:
    """Return the kinds of a specification without those that its columns have anyway, so that equal data are equal.

    Raises:
        DataError: As ``columns_of``.
    """
    labels = read_labels(folder_of(specification.path))
    columns_of(specification, labels)
    return tuple((name, kind) for name, kind in specification.kinds if not is_as_ever(labels.columns[name], kind))


def folder_facts(specification: FolderSpecification) -> list[ColumnFacts]:
    """Return what each column of a folder's label file holds, in its order.

    Raises:
        DataError: The folder or its label file can't be read.
    """
    labels, kinds = read_labels(folder_of(specification.path)), dict(specification.kinds)
    found = [facts_of(name, cells, kinds.get(name), file=labels.title) for name, cells in labels.columns.items()]
    doubts = {name: doubt for name, doubt in labels.doubts.items() if name not in kinds}
    return [replace(each, kind=None, question=doubts[each.name]) if each.name in doubts else each for each in found]


def folder_of(path: str) -> Path:
    """Return a folder that is there and may be read.

    Raises:
        DataError: It is missing, no folder, or outside the allowed ones.
    """
    folder = allowed(path)
    if not folder.is_dir():
        raise DataError(
            f"There is no folder {folder}. Put the data there, or write in the data set's path where they are."
        )
    return folder


def _pictures(n: int) -> str:
    return "1 picture that is" if n == 1 else f"{n} pictures that are"


def picture_paths(folder: Path, labels: LabelsFile) -> list[Path]:
    """Return the path of every picture a label file names, whatever the capitals of its name.

    Raises:
        DataError: Some are not in the folder, or two rows name one picture.
    """
    paths, missing = FolderFiles(folder).find_all(labels.files)
    if missing:
        raise DataError(
            f'{labels.title} names {_pictures(len(missing))} not in {folder}, such as "{missing[0][:100]}". '
            "Put them there or remove their rows."
        )
    if len(set(paths)) < len(paths):
        again = next(path for path, times in Counter(paths).items() if times > 1)
        raise DataError(
            f'{labels.title} names the picture "{again.name[:100]}" in two rows, in other capitals. Give it one row.'
        )
    return paths


def _rows(specification: FolderSpecification, labels: LabelsFile, classes: list[Classes]) -> dict[str, Rows]:
    everything = classes or [np.full(len(labels.files), MISSING_CLASS)]
    rng = np.random.default_rng(specification.seed)
    rows = _split_rows(specification, labels, everything, rng)
    return at_most(rows, everything[0], {split: getattr(specification, f"n_{split}") for split in SPLITS}, rng)


def _split_rows(
    specification: FolderSpecification, labels: LabelsFile, everything: list[Classes], rng: np.random.Generator
) -> dict[str, Rows]:
    if labels.splits is None:
        return shared_out(everything, specification.validation, specification.test, rng)
    chosen = np.array(labels.splits)
    rows = {split: np.flatnonzero(chosen == split) for split in SPLITS}
    for split in [split for split in SPLITS if not len(rows[split])]:
        train, share = rows["train"], float(getattr(specification, split))
        sizes = (len(train) - max(1, round(len(train) * share)), max(1, round(len(train) * share)))
        kept, drawn_ones = drawn(everything[0][train], sizes, rng)
        rows |= {"train": np.sort(train[kept]), split: np.sort(train[drawn_ones])}
    return rows
