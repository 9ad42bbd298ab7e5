"""Fingerprint of a data set on disk: its labels byte for byte, its other files by size."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from core.data.arrays import npz_of
from core.data.arrays_file import read_arrays_file
from core.data.catalogue import files_of
from core.data.folder import folder_of, picture_paths
from core.data.labels_file import NAME, read_labels
from core.data.npz_file import checksums
from core.data.roots import allowed
from core.errors import DataError
from core.studies.dataset_specification import (
    ArraysSpecification,
    DatasetSpecification,
    FolderSpecification,
    InFolder,
    SeveralSpecification,
)

_ENTRY = "{name}\0{size}\n"


def with_fingerprint(specification: DatasetSpecification, *, base: Path | None = None) -> DatasetSpecification:
    """Return a specification that says which state of the data is meant; call it before keys are made.

    The path becomes absolute. Data sets that lie in no folder, and those that have a
    fingerprint already, come back as they are.

    Args:
        specification: Of any data set.
        base: Folder that a relative path starts from; the present one by default.

    Raises:
        DataError: The data are missing, unsound or outside the allowed folders.
    """
    if isinstance(specification, SeveralSpecification):
        marked = [
            each.model_copy(update={"dataset": with_fingerprint(each.dataset, base=base)})
            for each in specification.sets
        ]
        return specification.model_copy(update={"sets": tuple(marked)})
    if not isinstance(specification, InFolder) or specification.fingerprint:
        return specification
    path = Path(specification.path).expanduser()
    placed = specification.model_copy(update={"path": str(allowed((base or Path.cwd()) / path))})
    return placed.model_copy(update={"fingerprint": fingerprint_of(placed)})


def fingerprint_of(specification: InFolder) -> str:
    """Return the fingerprint of the data as they lie there now, 32 hexadecimal digits.

    A folder counts by its label file and the sizes of the pictures in it; an NPZ by the
    check sums of its arrays; a well-known set by its text files and the sizes of all others.
    Where the data lie makes no difference.

    Raises:
        DataError: The data are missing, unsound or outside the allowed folders.
    """
    try:
        match specification:
            case FolderSpecification():
                return _of_folder(specification)
            case ArraysSpecification():
                return _of_arrays(specification)
            case _:
                return _of_files(files_of(specification))
    except OSError as fault:
        raise DataError(f"{fault.filename} can't be read: {fault.strerror}. Check its rights.") from None


def check_unchanged(specification: InFolder) -> None:
    """Check that the data are those the specification was made for, else raise DataError."""
    if specification.fingerprint and fingerprint_of(specification) != specification.fingerprint:
        raise DataError(
            f"The data in {specification.path} have changed since the study was made, so its results would not fit. "
            "Bring the old files back, or make a new study."
        )


def _of_folder(specification: FolderSpecification) -> str:
    folder = folder_of(specification.path)
    paths = picture_paths(folder, read_labels(folder))
    sizes = sorted((path.relative_to(folder).as_posix(), path.stat().st_size) for path in paths)
    return _digest([(folder / NAME).read_bytes(), *_entries(sizes)])


def _of_arrays(specification: ArraysSpecification) -> str:
    toml = allowed(specification.path)
    found = checksums(npz_of(toml, read_arrays_file(toml)))
    sums = sorted((f"{name} {crc}", size) for name, (size, crc) in found.items())
    return _digest([toml.read_bytes(), *_entries(sums)])


def _of_files(files: Iterable[Path]) -> str:
    paths = sorted(files)
    root = os.path.commonpath([path.parent for path in paths])
    texts = [path.read_bytes() for path in paths if path.suffix == ".txt"]
    return _digest([*texts, *_entries((path.relative_to(root).as_posix(), path.stat().st_size) for path in paths)])


def _entries(sizes: Iterable[tuple[str, int]]) -> Iterable[bytes]:
    return (_ENTRY.format(name=name, size=size).encode() for name, size in sizes)


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        # The length first, so that no two lists of parts are the same stream.
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()[:32]
