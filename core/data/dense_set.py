"""Data sets of scenes with maps: a file for the picture and one for each task, read when they are needed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.missing import MISSING_PIXEL
from core.data.picture_file import read_pictures, read_values
from core.data.source import Answers, Source
from core.data.splits import Rows, drawn, drawn_from
from core.errors import DataError
from core.studies.dataset_specification import DenseSpecification
from core.tasks import Task

Array = NDArray[Any]
PICTURE = "picture"


@dataclass(frozen=True, slots=True, eq=False)
class DenseSet:
    """The files of a data set, and how they are read.

    Args:
        title: What the data set is called.
        tasks: Tasks whose files are there.
        files: ``picture``, and the name of each task with maps → the file of every sample.
        rows: Split → its samples.
        maps: Name of each task with maps → returns the targets of a file at the size that they have there,
            ``[height, width]`` or ``[channels, height, width]``.
        labels: Name of each other task → targets of all samples.
        pictures: Returns the pictures of some files at a size.
        class_names: Task name → what its classes are called.
    """

    title: str
    tasks: tuple[Task, ...]
    files: Mapping[str, Sequence[Path]]
    rows: Mapping[str, Rows]
    maps: Mapping[str, Callable[[Path], Array]]
    labels: Answers = field(default_factory=dict)
    pictures: Callable[[Sequence[Path], int], NDArray[np.uint8]] = read_pictures
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_files(self) -> list[Path]:
        """Every file that is read, each once."""
        return sorted({path for paths in self.files.values() for path in paths})

    def source(self, size: int) -> Source:
        """Return the data set at a size: pictures are stretched, of targets the nearest pixel is taken.

        Args:
            size: Height and width wanted, in pixels.
        """

        def maps(rows: Rows) -> Answers:
            return {
                name: np.stack([nearest(read(self.files[name][row]), size) for row in rows])
                for name, read in self.maps.items()
            }

        return Source(
            name=self.title,
            tasks=self.tasks,
            labels=self.labels,
            rows=self.rows,
            pictures=lambda rows: self.pictures([self.files[PICTURE][row] for row in rows], size),
            maps=maps,
            class_names=self.class_names,
        )


def nearest(values: Array, size: int) -> Array:
    """Return a map at another size, ``[…, size, size]``: no value is mixed from others.

    Args:
        values: ``[…, height, width]``.
        size: Height and width wanted.

    >>> nearest(np.arange(8).reshape(1, 2, 4), 2).tolist()
    [[[1, 3], [5, 7]]]
    """
    down, across = (((np.arange(size) + 0.5) * side / size).astype(np.intp) for side in values.shape[-2:])
    return values[..., down[:, None], across]


def flat(path: Path, *, sixteen: bool = False) -> Array:
    """Return the numbers of a picture of one channel, ``[height, width]``.

    Args:
        path: Of the file.
        sixteen: Whether it has to have 16 bits.

    Raises:
        DataError: It has more channels, or fewer bits.
    """
    values = read_values(path)
    if values.ndim != 2 or (sixteen and values.dtype == np.uint8):
        what = "16 bits and one channel" if sixteen else "one channel"
        raise DataError(f"{path.name} should have {what}; it is {values.dtype} {list(values.shape)}. Fetch it again.")
    return values


def numbered(values: Array, classes: Sequence[int]) -> NDArray[np.uint8]:
    """Return class numbers from 0 of the numbers that a file has; all others are missing.

    Args:
        values: Whole numbers of any range, ``[height, width]``.
        classes: The file's number of each class.
    """
    numbers = values.astype(np.int64)
    known = (numbers >= 0) & (numbers <= max(classes))
    table = np.full(max(classes) + 1, MISSING_PIXEL, dtype=np.uint8)
    table[list(classes)] = np.arange(len(classes))
    return np.where(known, table[np.where(known, numbers, 0)], np.uint8(MISSING_PIXEL))


def metres(values: Array) -> NDArray[np.float32]:
    """Return depths ``[1, height, width]``, NaN where there is none: zero, below, or no number."""
    depth = values.astype(np.float32)
    return np.where(np.isfinite(depth) & (depth > 0), depth, np.float32(np.nan))[None]


def unit_normals(values: Array) -> NDArray[np.float32]:
    """Return normals of length one, ``[3, height, width]``, NaN where they have no length to speak of.

    Args:
        values: Directions, ``[height, width, 3]``.
    """
    last = values.astype(np.float32).transpose(2, 0, 1)
    length = np.sqrt((last**2).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float32] = np.where(length > 0.5, last / length, np.float32(np.nan))
    return found


def drawn_rows(
    specification: DenseSpecification, train: int, validation: int | None, test: int, title: str
) -> dict[str, Rows]:
    """Return rows of the three splits, at most as many of each as are wanted.

    Args:
        specification: How many, and the seed.
        train: Samples that may be trained on; they come first.
        validation: Samples of the set's own validation split, which come next; None where validation is drawn from
            what may be trained on.
        test: Samples of the set's own test split, which come last.
        title: Of the data set.

    Raises:
        DataError: A split has none.
    """
    if min(train, test) < 2 or validation == 0:
        raise DataError(
            f"{title} should have samples to train on and to test on. Found {train} and {test}"
            f"{'' if validation is None else f', and {validation} to validate on'}. Check path and folders."
        )
    sizes = [int(getattr(specification, f"n_{split}")) for split in SPLITS]
    rng = np.random.default_rng(specification.seed)
    if validation is None:
        return drawn_from(np.zeros(train, np.int64), np.zeros(test, np.int64), sizes, rng)
    found, start = {}, 0
    for split, size, n in zip(SPLITS, sizes, (train, validation, test), strict=True):
        found[split] = start + drawn(np.zeros(n, np.int64), [size], rng)[0]
        start += n
    return found


def paired(
    folders: Mapping[str, Path], names: Iterable[str], file: Callable[[str, str], str], title: str
) -> dict[str, list[Path]]:
    """Return the file of every sample for the picture and each task, all of which have to be there.

    Args:
        folders: ``picture`` or task → folder.
        names: Of the samples.
        file: Returns the name of a file from task and sample.
        title: Of the data set.

    Raises:
        DataError: A file is missing.
    """
    found: dict[str, list[Path]] = {task: [] for task in folders}
    present = {task: {path.name for path in folder.iterdir()} for task, folder in folders.items()}
    for name in names:
        for task, folder in folders.items():
            own = file(task, name)
            if own not in present[task]:
                raise DataError(
                    f"{title} should have {own[:100]} in {folder}, which is missing. Every picture needs a file for "
                    f"each task; remove the folder {folder.name} where a task is not wanted."
                )
            found[task].append(folder / own)
    return found
