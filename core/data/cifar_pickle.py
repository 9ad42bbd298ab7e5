"""CIFAR's batch files: pickles, read without letting them name anything but arrays and bytes."""

import pickle
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data_roots import allowed
from core.errors import DataError, printable
from core.regular_file import regular

MAX_BYTES: Final = 250_000_000
_NUMBERS: Final = re.compile(r"[<>|=]?[biuf][1248]")


class _Bytes:
    """Stands for ``_codecs.encode``, by which Python 3 writes bytes in old pickles."""

    def __new__(cls, text: str, _codec: str = "latin1") -> bytes:  # type: ignore[misc]  # a pickle calls it for bytes
        return text.encode("latin1")


class _Dtype:
    """Stands for ``numpy.dtype``: numbers only."""

    def __init__(self, code: str, *_: object) -> None:
        if not isinstance(code, str) or not _NUMBERS.fullmatch(code):
            raise pickle.UnpicklingError("an array of something else than numbers")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1]
        self.dtype = self.dtype.newbyteorder(order if order in ("<", ">") else "=")


class _Array:
    """Stands for a numpy array, and for numpy's function that makes an empty one."""

    values: NDArray[Any]

    def __init__(self, *_: object) -> None:
        self.values = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, column_first, content = state
        if not isinstance(kind, _Dtype):
            raise pickle.UnpicklingError("an array without a type")
        data = content.encode("latin1") if isinstance(content, str) else content
        self.values = np.frombuffer(data, kind.dtype).reshape(shape, order="F" if column_first else "C")


# Everything a batch may name. The stand-ins hold no code of numpy, so that no state a file sets can harm.
_KNOWN: Final[dict[tuple[str, str], type]] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _Bytes,
}


# The unpickler written in Python: the one in C would fill all memory for a memo number a file makes up.
class _Reader(pickle._Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:  # noqa: ANN401  # as in the base class
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return _KNOWN[module, name]


def read_batch(path: Path) -> dict[str, Any]:
    """Return the entries of a CIFAR batch: plain containers, text, numbers and arrays of numbers.

    No code that the file names is ever run.

    Raises:
        DataError: The file is missing, too large, damaged, no batch, or names something that a
            batch has no use for.
    """
    real = allowed(path)
    try:
        size = real.stat().st_size
        with regular(real).open("rb") as file:
            found = _Reader(file, encoding="latin1").load() if size <= MAX_BYTES else None
    except OSError as fault:
        raise DataError(f"{path} can't be read: {fault.strerror}. Check the path.") from None
    except pickle.UnpicklingError as fault:
        reason = printable(fault, 80)
        raise DataError(f"{path.name} is no CIFAR batch: {reason}. Fetch it again from its publisher.") from None
    except (Exception, RecursionError):  # an opcode out of place raises whatever Python raises there
        raise DataError(f"{path.name} is damaged or no CIFAR batch. Fetch it again from its publisher.") from None
    if size > MAX_BYTES:
        raise DataError(f"{path.name} has more than {MAX_BYTES // 10**6} MB, so it is no CIFAR batch.")
    if not isinstance(found, dict):
        raise DataError(f"{path.name} is no CIFAR batch. Fetch it again from its publisher.")
    return {str(key): value.values if isinstance(value, _Array) else value for key, value in found.items()}
