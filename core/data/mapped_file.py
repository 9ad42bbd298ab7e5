"""Arrays of an NPZ file of ours without reading them: the operating system brings in what is looked at."""

import math
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.studies.disk_quota import memory_bytes as most_in_memory
from core.studies.home import CACHE, disk_error, home, made

# Length of a member's own header in a ZIP file, and where it says how long name and extra field are.
_HEADER: Final = 30
_LENGTHS: Final = 26
# Smaller arrays, such as class numbers, are read whole.
SMALL: Final = 1 << 24


def mapped_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an NPZ file by name; large ones are mapped into memory and can't be changed.

    Args:
        path: A file written by ``core.data.store``, whose arrays are not compressed.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is damaged.
        zipfile.BadZipFile: It is damaged.
    """
    found: dict[str, NDArray[Any]] = {}
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        end = path.stat().st_size
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError("an array is compressed")
            file.seek(member.header_offset + _LENGTHS)
            lengths = file.read(4)
            if len(lengths) < 4:
                raise ValueError("an array is cut off")
            start = member.header_offset + _HEADER + sum(struct.unpack("<HH", lengths))
            file.seek(start)
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, fortran, dtype = read(file)
            offset, n_bytes = file.tell(), math.prod(shape) * dtype.itemsize
            if fortran or dtype.hasobject or offset - start + n_bytes != member.file_size or offset + n_bytes > end:
                raise ValueError("an array is not as large as its header says")
            name = member.filename.removesuffix(".npy")
            if n_bytes > SMALL:
                found[name] = np.memmap(path, dtype, "r", offset, tuple(shape))
            else:
                file.seek(offset)
                found[name] = np.frombuffer(bytearray(file.read(n_bytes)), dtype).reshape(shape)
    return found


def is_mapped(array: NDArray[Any]) -> bool:
    """Return whether an array lies in a file, and reading all of it may not fit in memory."""
    return isinstance(array, np.memmap)


def room_for(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return an array to fill: in memory, or where it would be too large in a file that vanishes with it.

    Raises:
        DiskError: The file can't be made.
    """
    if 4 * math.prod(shape) <= most_in_memory():
        return np.empty(shape, dtype=np.uint8)
    folder = made(home() / CACHE)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            # Written now: a disk that fills up while an array is changed would end the process.
            for start in range(0, math.prod(shape), SMALL):
                file.write(bytes(min(SMALL, math.prod(shape) - start)))
            file.flush()
            return np.memmap(file, np.uint8, "r+", 0, shape)
    except OSError as fault:
        raise disk_error(fault, f"{folder} can't be written to: {fault.strerror}. Make room.") from None


def memory_bytes(path: Path) -> int:
    """Return how much memory the arrays of an NPZ file take in a training, four bytes a value, from their headers.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is damaged.
        zipfile.BadZipFile: It is damaged.
    """
    return sum(4 * array.size for array in mapped_arrays(path).values())
