"""What a network answers to a split, in evaluation mode: piece by piece, never more than fits in memory."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.mapped_file import room_for
from core.data.stream import pieces, rows_per_part
from core.studies.disk_quota import memory_bytes
from core.training.streamed import Streamed, Values
from core.training.tensors import Tensors

EVALUATION_BATCH: Final = 250
# A split is evaluated at once, so that sums have one order, where all outputs and targets take at most so many bytes,
WHOLE_BYTES: Final = 400_000_000
# and none of them more than so many: metrics work on one task at a time, and take up to ten times as much.
LARGEST_BYTES: Final = 100_000_000
# Larger ones are evaluated in pieces of so many bytes.
PIECE_BYTES: Final = 1 << 23
# Pictures and outputs of one batch take at most so many bytes.
_BATCH_BYTES: Final = 1 << 28


def row_slices(n: int, sizes: Sequence[int]) -> list[slice]:
    """Return the rows of each piece in which something of a split is evaluated: all at once where it is small.

    Args:
        n: Rows of the split.
        sizes: Bytes of one row of each tensor.

    >>> row_slices(1000, [4, 8]), len(row_slices(1000, [4_000_000]))
    ([slice(0, 1000, None)], 500)
    """
    if n * sum(sizes) <= WHOLE_BYTES and n * max(sizes) <= LARGEST_BYTES:
        return [slice(0, n)]
    return [*pieces(n, min(rows_per_part(sum(sizes), PIECE_BYTES), EVALUATION_BATCH))]


def batches(network: nn.Module, data: Tensors) -> list[slice]:
    """Return the rows of each batch in which a network looks at a split without learning.

    Args:
        network: In evaluation mode; it answers to one picture.
        data: The split.
    """
    return [*pieces(len(data), _batch(data, sum(_output_bytes(network, data))))]


def answers(network: nn.Module, data: Tensors, *, most: int | None = None) -> Iterator[tuple[slice, list[Tensor]]]:
    """Yield rows of a split and the outputs of each task for them, in evaluation mode; small splits at once.

    Args:
        network: Returns task → output, as a ``TreeNetwork`` does.
        data: The split.
        most: How many rows, the first ones; all by default.
    """
    network.eval()
    n = len(data) if most is None else min(most, len(data))
    outputs = _output_bytes(network, data)
    size = _batch(data, sum(outputs))
    for rows in row_slices(n, [*outputs, *map(row_bytes, data.targets)]):
        found = [
            _answered(network, data, slice(rows.start + part.start, rows.start + part.stop))
            for part in pieces(rows.stop - rows.start, size)
        ]
        yield rows, [torch.cat([part[task] for part in found]) for task in range(len(found[0]))]


def predict(network: nn.Module, data: Tensors) -> list[Values]:
    """Return the outputs of each task for a whole split, in evaluation mode; what is large stays in a file.

    Args:
        network: Returns task → output, as a ``TreeNetwork`` does.
        data: The split.

    Raises:
        DiskError: The file can't be made.
    """
    network.eval()
    n_bytes = sum(_output_bytes(network, data))
    slices = pieces(len(data), _batch(data, n_bytes))
    if n_bytes * len(data) <= memory_bytes():
        parts = [_answered(network, data, rows) for rows in slices]
        return [torch.cat([part[task] for part in parts]) for task in range(len(parts[0]))]
    arrays: list[NDArray[Any]] = []
    for rows in slices:
        outputs = _answered(network, data, rows)
        if not arrays:
            arrays = [_room(len(data), output) for output in outputs]
        for array, output in zip(arrays, outputs, strict=True):
            array[rows] = output.cpu().numpy()
    return [Streamed(array, lambda values: values, data.pictures.device) for array in arrays]


def row_bytes(values: Values) -> int:
    """Return how many bytes one row takes in memory."""
    return values[:1].nbytes


def _answered(network: nn.Module, data: Tensors, rows: slice) -> list[Tensor]:
    with torch.no_grad():
        found = network(data.batch(rows)[0])
    return [found[task] for task in sorted(found)]


def _output_bytes(network: nn.Module, data: Tensors) -> list[int]:
    """Return how many bytes each output for one row takes."""
    return [output.nbytes for output in _answered(network, data, slice(0, 1))]


def _batch(data: Tensors, output_bytes: int) -> int:
    return max(min(_BATCH_BYTES // (row_bytes(data.pictures) + output_bytes), EVALUATION_BATCH), 1)


def _room(n: int, output: Tensor) -> NDArray[Any]:
    """Return room for the outputs of so many rows like those of some rows."""
    *inside, last = output.shape[1:]
    dtype = output[:0].cpu().numpy().dtype
    return room_for((n, *inside, last * dtype.itemsize)).view(dtype)
