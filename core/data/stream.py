"""A data set piece by piece, so that one that is larger than the memory can be written to a file."""

import contextlib
import itertools
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.data.dataset import SPLITS, Samples
from core.errors import DataError
from core.studies.home import PRIVATE_FILE, disk_error, made
from core.tasks import Task

PICTURES: Final = "pictures"
# Values count as the four bytes that they take in a training.
_VALUE_BYTES: Final = 4
_COPY_BYTES: Final = 1 << 24

Array = NDArray[Any]


def array_name(split: str, task: str = "") -> str:
    """Return what an array of a data set is called in its file: pictures, or the targets of a task."""
    return f"{split}.target.{task}" if task else f"{split}.{PICTURES}"


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A data set whose samples come one piece after the other.

    Args:
        name: Its name.
        tasks: Its tasks.
        sizes: Split → number of samples.
        parts: Gives the samples of a split in their order, a few at a time.
        class_names: Task name → what its classes or labels are called, where known.
    """

    name: str
    tasks: tuple[Task, ...]
    sizes: Mapping[str, int]
    parts: Callable[[str], Iterator[Samples]]
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def memory_bytes(self) -> int:
        """Return how much memory the whole takes in a training; looks at the first samples.

        Raises:
            DataError: They can't be read.
        """
        first = self._first()
        values = first.pictures.size + sum(target.size for target in first.targets.values())
        return _VALUE_BYTES * values * sum(self.sizes.values()) // len(first)

    def disk_bytes(self) -> int:
        """Return how large the file of the whole is.

        Raises:
            DataError: The first samples can't be read.
        """
        first = self._first()
        found = first.pictures.nbytes + sum(target.nbytes for target in first.targets.values())
        return found * sum(self.sizes.values()) // len(first)

    def _first(self) -> Samples:
        return next(self.parts(SPLITS[0]))


def write_stream(path: Path, stream: Stream, more: Mapping[str, Array]) -> None:
    """Write a data set as one NPZ file without ever holding more than a piece of it; complete or not at all.

    Pictures go straight into the file. A file can't take two arrays at once, so targets wait in files without a name,
    which a killed process leaves no trace of.

    Args:
        path: Of the file; arrays in it are not compressed, so that it can be mapped into memory.
        stream: What to write.
        more: Other arrays to write into it.

    Raises:
        DataError: Samples can't be read, or pieces don't fit together.
        DiskError: The folder can't be written to, or the disk is full.
    """
    made(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        draft.touch(mode=PRIVATE_FILE)
        with draft.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, array in more.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        npy.write_array(member, array, allow_pickle=False)
                for split in SPLITS:
                    _write_split(archive, stream, split, path.parent)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as fault:
        raise disk_error(
            fault, f"{path} can't be written: {fault.strerror}. Free some space or choose another folder."
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def _write_split(archive: zipfile.ZipFile, stream: Stream, split: str, folder: Path) -> None:
    n, waiting = stream.sizes[split], dict[str, _Waiting]()
    parts = stream.parts(split)
    first = next(parts)
    with contextlib.ExitStack() as stack:
        with archive.open(f"{array_name(split)}.npy", "w", force_zip64=True) as member:
            _write_header(member, first.pictures, n)
            done = 0
            for part in itertools.chain([first], parts):
                if part.pictures.shape[1:] != first.pictures.shape[1:]:
                    raise DataError(f"Pictures of the {split} split differ in size. Bring them to one size.")
                member.write(np.ascontiguousarray(part.pictures).data)
                for name, target in part.targets.items():
                    if name not in waiting:
                        file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
                        waiting[name] = _Waiting(name, target[:0], file)
                    waiting[name].add(target)
                done += len(part)
        if done != n:
            raise DataError(f"The {split} split should have {n} samples, and {done} came. Check how they are counted.")
        for name, found in waiting.items():
            with archive.open(f"{array_name(split, name)}.npy", "w", force_zip64=True) as member:
                found.copy(member, n)


def _write_header(file: IO[bytes], like: Array, n: int) -> None:
    header = {"descr": npy.dtype_to_descr(like.dtype), "fortran_order": False, "shape": (n, *like.shape[1:])}
    npy.write_array_header_1_0(file, header)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Targets of one task in a file of their own, until all are there."""

    name: str
    like: Array
    file: IO[bytes]

    def add(self, target: Array) -> None:
        if target.shape[1:] != self.like.shape[1:] or target.dtype != self.like.dtype:
            raise DataError(f'Targets of "{self.name}" differ in shape or type. Bring them to one.')
        self.file.write(np.ascontiguousarray(target).data)

    def copy(self, member: IO[bytes], n: int) -> None:
        _write_header(member, self.like, n)
        self.file.seek(0)
        shutil.copyfileobj(self.file, member, _COPY_BYTES)


def rows_per_part(row_bytes: int, most: int = 1 << 26) -> int:
    """Return how many rows of so many bytes make a piece of at most ``most`` bytes; at least one, at most 256."""
    return int(np.clip(most // max(row_bytes, 1), 1, 256))


def pieces(n: int, size: int) -> Sequence[slice]:
    """Return slices of ``size`` that cover ``n`` rows.

    >>> pieces(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]
