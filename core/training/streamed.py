"""Pictures or targets that stay in a file: rows become tensors when a batch asks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.missing import MISSING_CLASS
from core.data.stream import pieces, rows_per_part

Rows = Tensor | slice


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """An array on disk, seen as the tensor that it would be in memory.

    Args:
        array: Mapped into memory from a file.
        convert: Makes the tensor that is wanted of some rows, each from itself alone, wherever they lie.
        device: Where the tensors should live.
        rows: Which rows of the array count, in this order; all by default.
    """

    array: NDArray[np.generic]
    convert: Callable[[Tensor], Tensor]
    device: torch.device
    rows: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.array) if self.rows is None else len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole tensor."""
        return (len(self), *self[:1].shape[1:])

    def __getitem__(self, wanted: Rows) -> Tensor:
        if isinstance(wanted, Tensor):
            chosen = wanted.cpu().numpy()
            found = self.array[chosen if self.rows is None else self.rows[chosen]]
        else:
            found = self.array[wanted] if self.rows is None else self.array[self.rows[wanted]]
        # A copy: the file itself must not be written to, and its arrays may begin at odd bytes.
        return self.convert(torch.from_numpy(np.array(found)).to(self.device))

    def parts(self) -> list[slice]:
        """Return slices that are small enough to be read whole."""
        row_bytes = 4 * max(int(np.prod(self.array.shape[1:])), 1)
        return list(pieces(len(self), rows_per_part(row_bytes)))


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """Rows without a label, which take no memory until a batch asks for them.

    Args:
        like: No row of what they would be, ``[0, …]``.
        n: How many rows.
    """

    like: Tensor
    n: int

    def __len__(self) -> int:
        return self.n

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole tensor."""
        return (self.n, *self.like.shape[1:])

    @property
    def device(self) -> torch.device:
        """Where the tensors live."""
        return self.like.device

    def __getitem__(self, wanted: Rows) -> Tensor:
        n = len(wanted) if isinstance(wanted, Tensor) else len(range(self.n)[wanted])
        nothing = float("nan") if self.like.is_floating_point() else MISSING_CLASS
        return self.like.new_full((n, *self.like.shape[1:]), nothing)


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Values of several data sets, one after the other, of which some stay in files.

    Args:
        members: Of the same shape but for their length, on one device.
    """

    members: Sequence[Tensor | Streamed | Absent]

    def __len__(self) -> int:
        return sum(map(len, self.members))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole tensor."""
        return (len(self), *self.members[0].shape[1:])

    @property
    def device(self) -> torch.device:
        """Where the tensors live."""
        return self.members[0].device

    def __getitem__(self, wanted: Rows) -> Tensor:
        rows = torch.arange(len(self))[wanted.cpu() if isinstance(wanted, Tensor) else wanted]
        found, places, start = [], [], 0
        for member in self.members:
            (inside,) = torch.nonzero((rows >= start) & (rows < start + len(member)), as_tuple=True)
            found.append(member[(rows[inside] - start).to(self.device)])
            places.append(inside)
            start += len(member)
        return torch.cat(found)[torch.argsort(torch.cat(places)).to(self.device)]

    def parts(self) -> list[slice]:
        """Return slices that are small enough to be read whole."""
        return list(pieces(len(self), rows_per_part(4 * int(np.prod(self.shape[1:])))))


Values = Tensor | Streamed | Joined


def whole(values: Values) -> Tensor:
    """Return all rows as one tensor in memory."""
    return values if isinstance(values, Tensor) else values[:]


def joined(values: Sequence[Values | Absent]) -> Values:
    """Return values of several data sets one after the other; as one tensor where all are tensors."""
    tensors = [each for each in values if isinstance(each, Tensor)]
    if len(tensors) == len(values):
        return torch.cat(tensors)
    members = [each for each in values if not isinstance(each, Joined)]
    assert len(members) == len(values)
    return Joined(members)
