"""Data sets by specification, made once and then kept as NPZ files."""

import io
import zipfile
from pathlib import Path

import numpy as np

from core.data import scenes
from core.data.dataset import SPLITS, Dataset, Samples
from core.errors import DataError
from core.studies.home import home, write_whole
from core.studies.specification import DatasetSpecification
from core.tasks import Task

_PICTURES = "pictures"


def load(specification: DatasetSpecification, *, folder: Path | None = None) -> Dataset:
    """Give the data set of a specification, from disk where it was made before.

    Args:
        specification: Which data set, how large, and its seed.
        folder: Where files are kept; ``cache`` in the folder of Branchwise by default.

    Raises:
        StudyError: The folder can't be written to.
    """
    path = (home() / "cache" if folder is None else folder) / scenes.cache_name(specification)
    try:
        return read(path, specification.name, scenes.TASKS)
    except (FileNotFoundError, DataError):
        # A damaged file is made anew like a missing one: the specification holds everything.
        dataset = scenes.make_scenes(specification)
        write(path, dataset)
        return dataset


def write(path: Path, dataset: Dataset) -> None:
    """Write a data set as one NPZ file, complete or not at all.

    Raises:
        StudyError: The folder can't be written to, or the disk is full.
    """
    arrays: dict[str, np.ndarray] = {}
    for split in SPLITS:
        samples: Samples = getattr(dataset, split)
        arrays[f"{split}.{_PICTURES}"] = samples.pictures
        arrays |= {f"{split}.target.{name}": target for name, target in samples.targets.items()}
    buffer = io.BytesIO()
    # Uncompressed: reading takes a tenth of a second, drawing anew some seconds.
    np.savez(buffer, allow_pickle=False, **arrays)
    write_whole(path, buffer.getvalue())


def read(path: Path, name: str, tasks: tuple[Task, ...]) -> Dataset:
    """Give the data set of a file written by ``write``.

    Args:
        path: The NPZ file.
        name: What people call the data set.
        tasks: The tasks whose targets the file holds.

    Raises:
        FileNotFoundError: There is no such file.
        DataError: It is damaged or holds something else.
    """
    try:
        # Opened here: numpy leaves a file that it finds damaged open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            splits = {
                split: Samples(
                    archive[f"{split}.{_PICTURES}"],
                    {task.name: archive[f"{split}.target.{task.name}"] for task in tasks},
                )
                for split in SPLITS
            }
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile):
        raise DataError(f"{path.name} is damaged or no data set of Branchwise. Delete it to make it anew.") from None
    return Dataset(name, tasks, **splits)
