"""One NumPy array from a file of anybody's: never a Python object, never larger than the file."""

import io
import math
import tokenize
from typing import Any

from numpy.lib import format as npy
from numpy.typing import NDArray


def read_array(data: bytes) -> NDArray[Any]:
    """Return the array of an NPY file.

    Raises:
        ValueError: It is no such file, holds Python objects, or its header does not fit its size.
    """
    # The header is read first: a header that promises terabytes would otherwise be allocated.
    try:
        stream = io.BytesIO(data)
        version = npy.read_magic(stream)
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = reader(stream)
        fits = not dtype.hasobject and math.prod(shape) * dtype.itemsize == len(data) - stream.tell()
        if fits:
            stream.seek(0)
            array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    except (ValueError, TypeError, SyntaxError, tokenize.TokenError, MemoryError, OverflowError):
        raise ValueError("it is no array of NumPy") from None
    if not fits:
        raise ValueError("it is not what its header says")
    return array
