"""Data sets by specification, made once and then kept as NPZ files; large ones are written and read piece by piece."""

import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data import mapped_file, planted, scenes
from core.data.catalogue import source_of
from core.data.dataset import SPLITS, Dataset, Samples
from core.data.fingerprint import check_unchanged, with_fingerprint
from core.data.mapped_file import mapped_arrays
from core.data.stream import Stream, array_name, write_stream
from core.errors import DataError, StudyError
from core.studies.dataset_specification import ArraysSpecification, InFolder, PlantedSpecification, ScenesSpecification
from core.studies.disk_quota import check_room, memory_bytes
from core.studies.documents import read_json, read_tasks, tasks_document, write_json
from core.studies.drafts import remove_abandoned
from core.studies.home import home, write_whole
from core.studies.several_specification import DatasetSpecification, SeveralSpecification
from core.tasks import Task

# Raise it when the same specification would be read to other arrays: it is part of the cache's names.
VERSION: Final = 1
_MANIFEST: Final = "manifest"


def load(specification: DatasetSpecification, *, folder: Path | None = None) -> Dataset:
    """Return the data set of a specification, from disk where it was made before.

    Args:
        specification: Which data set, how large, and its seed.
        folder: Where files are kept; ``cache`` in the folder of Branchwise by default.

    Raises:
        DataError: The data are missing, unsound, outside the allowed folders, or have changed
            since the specification got its fingerprint.
        StudyError: The folder can't be written to.
    """
    if isinstance(specification, InFolder):
        check_unchanged(specification)
        specification = with_fingerprint(specification)
    if specification.part is not None:
        whole_set = load(specification.model_copy(update={"part": None}), folder=folder)
        return whole_set.with_part(*specification.part)
    path = (home() / "cache" if folder is None else folder) / cache_name(specification)
    # A damaged file is regenerated like a missing one: the specification holds everything.
    with contextlib.suppress(FileNotFoundError, DataError):
        return read(path, specification.name, scenes.TASKS if isinstance(specification, ScenesSpecification) else None)
    remove_abandoned(path.parent)
    streamed, whole = _recipe(specification)
    stream = streamed()
    if stream.memory_bytes() > memory_bytes():
        check_room(path.parent, stream.disk_bytes())
        write_stream(path, stream, {_MANIFEST: _manifest(stream)})
        _check_unchanged(specification, path)
        return read(path, specification.name)
    dataset = whole()
    if isinstance(specification, ArraysSpecification):
        # An NPZ already: a copy would only take space.
        return dataset
    if isinstance(specification, InFolder):
        # Had they changed while they were read, the file would hold other data than its name says.
        check_unchanged(specification)
    write(path, dataset)
    return dataset


def make(specification: DatasetSpecification) -> Dataset:
    """Return the data set of a specification, regenerated or read again.

    Raises:
        DataError: As ``load``, but changes are not looked for.
    """
    if specification.part is not None:
        return make(specification.model_copy(update={"part": None})).with_part(*specification.part)
    return _recipe(specification)[1]()


def _recipe(specification: DatasetSpecification) -> tuple[Callable[[], Stream], Callable[[], Dataset]]:
    """Return what makes a data set piece by piece, and what makes it at once; labels are read once for both.

    Raises:
        DataError: As ``make``.
    """
    if isinstance(specification, ScenesSpecification):
        return partial(scenes.stream_scenes, specification), partial(scenes.make_scenes, specification)
    if isinstance(specification, PlantedSpecification):
        return partial(planted.stream_planted, specification), partial(planted.make_planted, specification)
    if isinstance(specification, SeveralSpecification):
        raise DataError("Several data sets are no single one. Open each of them.")
    source = source_of(specification)
    return source.stream, source.dataset


def cache_name(specification: DatasetSpecification) -> str:
    """Return the file name that only this data set has, wherever its source is."""
    if isinstance(specification, ScenesSpecification):
        return scenes.cache_name(specification)
    content = specification.model_dump(mode="json", exclude={*specification.not_hashed})
    document = json.dumps({"version": VERSION, **content}, sort_keys=True)
    return f"{specification.name}-{hashlib.sha256(document.encode()).hexdigest()[:20]}.npz"


def write(path: Path, dataset: Dataset) -> None:
    """Write a data set as one NPZ file, complete or not at all.

    Raises:
        StudyError: The folder can't be written to, or the disk is full.
    """
    arrays: dict[str, NDArray[Any]] = {_MANIFEST: _manifest(dataset)}
    for split in SPLITS:
        samples: Samples = getattr(dataset, split)
        arrays[array_name(split)] = samples.pictures
        arrays |= {array_name(split, name): target for name, target in samples.targets.items()}
    buffer = io.BytesIO()
    # Uncompressed: reading takes a tenth of a second, regenerating takes some seconds.
    np.savez(buffer, allow_pickle=False, **arrays)
    write_whole(path, buffer.getvalue())


def read(path: Path, name: str, tasks: Sequence[Task] | None = None) -> Dataset:
    """Return the data set of a file written by ``write``.

    Args:
        path: The NPZ file.
        name: Name of the data set, where the file does not say.
        tasks: The tasks whose targets the file holds, where they are known beforehand.

    Raises:
        FileNotFoundError: There is no such file.
        DataError: It is damaged or holds something else.
    """
    try:
        large = mapped_file.memory_bytes(path) > memory_bytes()
        archive = mapped_arrays(path) if large else _in_memory(path)
        # Files of scenes written before there were other data sets have no manifest.
        known = _read_manifest(archive[_MANIFEST]) if _MANIFEST in archive else (name, (), {})
        found = tuple(known[1] if tasks is None else tasks)
        splits = {
            split: Samples(
                archive[array_name(split)], {task.name: archive[array_name(split, task.name)] for task in found}
            )
            for split in SPLITS
        }
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, StudyError):
        raise DataError(f"{path.name} is damaged or no data set of Branchwise. Delete it to make it anew.") from None
    return Dataset(known[0], found, **splits, class_names=known[2])


def _in_memory(path: Path) -> dict[str, NDArray[Any]]:
    # Opened here: numpy leaves a file that it finds damaged open.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive}


def _check_unchanged(specification: DatasetSpecification, path: Path) -> None:
    """Check that data did not change while they were read: the file would hold others than its name says."""
    if isinstance(specification, InFolder):
        try:
            check_unchanged(specification)
        except DataError:
            path.unlink(missing_ok=True)
            raise


def _manifest(dataset: Dataset | Stream) -> NDArray[np.uint8]:
    document = {
        "name": dataset.name,
        "tasks": tasks_document(dataset.tasks),
        "class_names": {name: list(names) for name, names in dataset.class_names.items()},
    }
    return np.frombuffer(write_json(document).encode(), dtype=np.uint8)


def _read_manifest(content: NDArray[np.uint8]) -> tuple[str, tuple[Task, ...], dict[str, tuple[str, ...]]]:
    document = read_json(content.tobytes(), "The data set")
    names = {str(task): tuple(map(str, found)) for task, found in document["class_names"].items()}
    return str(document["name"]), read_tasks(document["tasks"]), names
