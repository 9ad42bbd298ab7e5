"""One array of an NPY file that somebody else wrote: its header first, no Python objects, nothing on a promise."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.data_roots import allowed
from core.errors import DataError
from core.regular_file import regular

MAX_BYTES: Final = 400_000_000


def read_npy(path: Path) -> NDArray[Any]:
    """Return the numbers of an NPY file.

    Raises:
        DataError: It is missing, damaged, too large, or holds anything but numbers.
    """
    try:
        with regular(allowed(path)).open("rb") as file:
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read(file)
            n_bytes = int(np.prod(shape, dtype=np.float64)) * dtype.itemsize
            if dtype.kind not in "fiub":
                raise DataError(f"{path.name} holds {str(dtype)[:40]}. Save numbers only.")
            if n_bytes > MAX_BYTES:
                raise DataError(f"{path.name} has {n_bytes:,} bytes; at most {MAX_BYTES:,} are read. Split it.")
            if file.tell() + n_bytes != path.stat().st_size:
                raise DataError(f"{path.name} is not as large as its header says. Save it again.")
            file.seek(0)
            found: NDArray[Any] = np.load(file, allow_pickle=False)
            return found
    except FileNotFoundError:
        raise DataError(f"There is no file {path}. Put it there, or remove its sample.") from None
    except (OSError, ValueError, TypeError, SyntaxError, MemoryError, OverflowError, EOFError):
        raise DataError(f"{path.name} is damaged or no NPY file. Save it with numpy.save.") from None


def channels_last(values: NDArray[Any], channels: int, path: Path) -> NDArray[Any]:
    """Return a map as ``[height, width, channels]``, whichever side its channels are on.

    Args:
        values: Of the file.
        channels: How many there should be; a map of one may lack the axis.
        path: Of the file, for errors.

    Raises:
        DataError: It has another shape.
    """
    if values.ndim == 2 and channels == 1:
        return values[..., None]
    if values.ndim == 3 and values.shape[-1] == channels:
        return values
    if values.ndim == 3 and values.shape[0] == channels:
        return values.transpose(1, 2, 0)
    raise DataError(f"{path.name} is {list(values.shape)[:6]}; it should be [height, width, {channels}]. Save it so.")
