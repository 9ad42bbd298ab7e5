"""The median of numbers that come piece by piece, exactly, without all of them in memory."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Final

import numpy as np
import torch
from torch import Tensor

from core.errors import StudyError
from core.studies.home import CACHE, disk_error, home, made

_HALF: Final = 1 << 16


def median(piece: Callable[[int], Tensor], n: int) -> float:
    """Return the median; of an even number of values the lower one of the two in the middle, as torch does.

    The bits of float32 numbers are in the order of the numbers. So one look at all pieces finds the upper half of
    the median's bits, and a second one the lower half.

    Args:
        piece: Returns the float32 values of a piece by its number; called twice for each where there are several.
        n: How many pieces.

    Returns:
        NaN where a value is NaN, or where there is none.

    >>> median(lambda place: torch.tensor([[3.0, -1.0], [7.0, 5.0]])[place], 2)
    3.0
    """
    if n == 1:
        values = piece(0)
        return float(values.median()) if len(values) else float("nan")
    counts = torch.zeros(_HALF, dtype=torch.int64)
    for place in range(n):
        values = piece(place)
        if torch.isnan(values).any():
            return float("nan")
        counts += torch.bincount(_order(values) >> 16, minlength=_HALF).cpu()
    if not counts.sum():
        return float("nan")
    rank = (int(counts.sum()) - 1) // 2
    upper, rank = _bin(counts, rank)
    counts = torch.zeros(_HALF, dtype=torch.int64)
    for place in range(n):
        order = _order(piece(place))
        counts += torch.bincount(order[order >> 16 == upper] & (_HALF - 1), minlength=_HALF).cpu()
    lower, _ = _bin(counts, rank)
    return _number((upper << 16) + lower)


def _order(values: Tensor) -> Tensor:
    """Return the place of each value among all float32 numbers, from 0."""
    bits = values.float().contiguous().view(torch.int32).long()
    return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits) + (1 << 31)


def _number(order: int) -> float:
    bits = order - (1 << 31)
    return float(np.int32(bits if bits >= 0 else bits ^ 0x7FFFFFFF).view(np.float32))


def _bin(counts: Tensor, rank: int) -> tuple[int, int]:
    """Return in which bin the value of a rank is, and its rank inside."""
    ends = counts.cumsum(0)
    found = int(torch.searchsorted(ends, rank, right=True))
    return found, rank - int(ends[found] - counts[found])


@dataclass(slots=True)
class Kept:
    """Values whose median is wanted once all are there: one piece as it is, several in a file that vanishes."""

    _only: Tensor | None = None
    _file: IO[bytes] | None = None
    _ends: list[int] = field(default_factory=lambda: [0])

    def add(self, values: Tensor) -> None:
        """Add values, ``[n]``.

        Raises:
            DiskError: The file can't be written.
        """
        if self._file is None and self._only is None:
            self._only = values
            return
        if self._file is None:
            self._file = _room()
        if self._only is not None:
            self._write(self._file, self._only)
            self._only = None
        self._write(self._file, values)

    def median(self) -> float:
        """Return the median of all values, and forget them."""
        only = self._only
        if only is not None:
            return median(lambda _place: only, 1)
        if self._file is None:
            return float("nan")
        places = list(pairwise(self._ends))
        with self._file as file:

            def read(place: int) -> Tensor:
                start, end = places[place]
                file.seek(start)
                return torch.from_numpy(np.frombuffer(bytearray(file.read(end - start)), dtype=np.float32))

            found = median(read, len(places))
        self._file = None
        return found

    def _write(self, file: IO[bytes], values: Tensor) -> None:
        try:
            file.write(values.float().cpu().numpy().tobytes())
        except OSError as fault:
            raise _no_room(fault) from None
        self._ends.append(file.tell())


def _room() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(dir=made(home() / CACHE))
    except OSError as fault:
        raise _no_room(fault) from None


def _no_room(fault: OSError) -> StudyError:
    return disk_error(fault, f"{home() / CACHE} can't be written to: {fault.strerror}. Make room.")
