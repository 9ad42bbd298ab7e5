"""Arrays of an NPZ file that somebody else wrote: headers first, no Python objects, nothing allocated on a promise."""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.data_roots import allowed
from core.errors import DataError, printable
from core.regular_file import regular

MAX_UNPACKED: Final = 4_000_000_000  # bytes of all arrays together
_T = TypeVar("_T")
# What zipfile and numpy raise for damaged, encrypted or foreign files.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    SyntaxError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,
)


@dataclass(frozen=True, slots=True)
class Header:
    """What an array claims to be: its shape and type."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def n_bytes(self) -> int:
        """How much memory the array takes."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_headers(path: Path) -> dict[str, Header]:
    """Return the declared type and shape of every array of an NPZ file.

    Raises:
        DataError: The file is missing, no NPZ, holds Python objects, an array whose header does
            not fit its size, two arrays of one name, or too much.
    """

    def read(archive: zipfile.ZipFile) -> dict[str, Header]:
        found = {}
        for member in archive.infolist():
            with archive.open(member) as file:
                header = _header(file)
                start = file.tell()
            name = member.filename.removesuffix(".npy")
            if name in found:
                raise DataError(f'{path.name} has two arrays "{_plain(name)}". Save it again, with one.')
            if header.dtype.hasobject:
                raise DataError(
                    f'Array "{_plain(name)}" of {path.name} holds Python objects, which are never read. '
                    "Save numbers only, each array with one shape."
                )
            if header.n_bytes != member.file_size - start:
                raise DataError(
                    f'Array "{_plain(name)}" of {path.name} is not as large as its header says. Save it again.'
                )
            found[name] = header
        return found

    found = _with_archive(path, read)
    if (total := sum(header.n_bytes for header in found.values())) > MAX_UNPACKED:
        raise DataError(f"{path.name} unpacks to {total:,} bytes; at most {MAX_UNPACKED:,} are read. Save less of it.")
    return found


def read_array(path: Path, name: str) -> NDArray[Any]:
    """Return one array of an NPZ file.

    Args:
        path: The file; ``read_headers`` has found it sound.
        name: Of the array.

    Raises:
        DataError: There is no such array, or it is damaged.
    """

    def read(archive: zipfile.ZipFile) -> NDArray[Any]:
        with archive.open(f"{name}.npy") as file:
            array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return array

    try:
        return _with_archive(path, read)
    except KeyError:
        raise DataError(f'{path.name} has no array "{_plain(name)}". Check the name.') from None


def _with_archive(path: Path, read: Callable[[zipfile.ZipFile], _T]) -> _T:
    try:
        with zipfile.ZipFile(regular(allowed(path))) as archive:
            return read(archive)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}. Check the name in the TOML file.") from None
    except _DAMAGE as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else "it is damaged or something else"
        raise DataError(f"{path.name} can't be read as NPZ: {reason}. Write it with numpy.savez.") from None


def _header(file: IO[bytes]) -> Header:
    version = npy.read_magic(file)
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = reader(file)
    return Header(tuple(shape), dtype)


def _plain(name: str) -> str:
    return printable(name, 80)
