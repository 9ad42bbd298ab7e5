"""Fingerprint of a data set on disk: what its files hold, byte for byte, wherever they lie."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from core.data.arrays import npz_of
from core.data.arrays_file import read_arrays_file
from core.data.catalogue import files_of
from core.data.file_digests import Progress, file_digests
from core.data.folder import folder_of, needed_kinds, picture_paths
from core.data.labels_file import read_labels
from core.data_roots import allowed
from core.errors import DataError
from core.studies.dataset_specification import ArraysSpecification, FolderSpecification, InFolder
from core.studies.several_specification import DatasetSpecification, SeveralSpecification

# Raise it when files would be read to other pictures or labels than before, so that what was trained
# on those is trained anew. 2: sixteen-bit and transparent pictures;
# one more for label files with cells that say in words that there is no label.
READING: Final = 2
# Earlier versions gave 32 digits, which stood for names and sizes of most files.
_DIGITS: Final = 64


def with_fingerprint(
    specification: DatasetSpecification, *, base: Path | None = None, progress: Progress | None = None
) -> DatasetSpecification:
    """Return a specification that says which state of the data is meant; call it before keys are made.

    The path becomes absolute. Data sets that lie in no folder, and those that have a
    fingerprint already, come back as they are.

    Args:
        specification: Of any data set.
        base: Folder that a relative path starts from; the present one by default.
        progress: Called now and then with the number of files read and of all; of each set anew where there
            are several.

    Raises:
        DataError: The data are missing, unsound or outside the allowed folders.
    """
    if isinstance(specification, SeveralSpecification):
        marked = [
            each.model_copy(update={"dataset": with_fingerprint(each.dataset, base=base, progress=progress)})
            for each in specification.sets
        ]
        return specification.model_copy(update={"sets": tuple(marked)})
    if not isinstance(specification, InFolder) or specification.fingerprint:
        return specification
    path = Path(specification.path).expanduser()
    placed = specification.model_copy(update={"path": str(allowed((base or Path.cwd()) / path))})
    if isinstance(placed, FolderSpecification):
        placed = placed.model_copy(update={"kinds": needed_kinds(placed)})
    return placed.model_copy(update={"fingerprint": fingerprint_of(placed, progress=progress)})


def fingerprint_of(specification: InFolder, *, progress: Progress | None = None) -> str:
    """Return the fingerprint of the data as they lie there now, 64 hexadecimal digits.

    Every file that is read counts with its name and its content: label files, pictures, annotations, arrays. Where
    the data lie and when they were written makes no difference. Content is read once and then known by the file's
    inode, size and times.

    Args:
        specification: Of the data set.
        progress: Called now and then with the number of files read and of all.

    Raises:
        DataError: The data are missing, unsound or outside the allowed folders.
    """
    reading = READING
    try:
        match specification:
            case FolderSpecification():
                names, paths, reading = _of_folder(specification)
            case ArraysSpecification():
                toml = allowed(specification.path)
                # What the two files are called is no part of the data.
                names, paths = ["description", "arrays"], [toml, npz_of(toml, read_arrays_file(toml))]
            case _:
                names, paths = _of_files(files_of(specification))
    except OSError as fault:
        raise DataError(f"{fault.filename} can't be read: {fault.strerror}. Check its rights.") from None
    return _digest(sorted(zip(names, file_digests(paths, progress=progress), strict=True)), reading)


def check_unchanged(specification: InFolder) -> None:
    """Check that the data are those the specification was made for, else raise DataError."""
    if not specification.fingerprint:
        return
    if len(specification.fingerprint) < _DIGITS:
        raise DataError(
            "An earlier version of Branchwise made this study and told its data apart by the sizes of files, so "
            "whether they are still the same is not known. Its results stay; to train more, copy the study or run "
            "its file again without the line fingerprint."
        )
    if fingerprint_of(specification) != specification.fingerprint:
        raise DataError(
            f"The data in {specification.path} have changed since the study was made, so its results would not fit. "
            "Bring the old files back, or make a new study."
        )


def _of_folder(specification: FolderSpecification) -> tuple[Sequence[str], list[Path], int]:
    folder = folder_of(specification.path)
    labels = read_labels(folder)
    own = [labels.name] if labels.name else []
    paths = [*(folder / name for name in own), *picture_paths(folder, labels)]
    # Earlier versions took words such as "nan" for classes.
    return [*own, *labels.files], paths, READING + bool(labels.missing)


def _of_files(files: Iterable[Path]) -> tuple[Sequence[str], list[Path]]:
    paths = list(files)
    root = os.path.commonpath([path.parent for path in paths])
    return [path.relative_to(root).as_posix() for path in paths], paths


def _digest(entries: Iterable[tuple[str, str]], reading: int) -> str:
    found = hashlib.sha256(f"{reading}\n".encode())
    for name, digest in entries:
        # Names may hold anything but a zero byte, so no two lists are the same stream.
        found.update(f"{name}\0{digest}\n".encode())
    return found.hexdigest()
