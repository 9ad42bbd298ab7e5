"""The example input that somebody describes in words, keeps in a file or makes with a function."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.backbones.input_size import InputSize, Numbers
from core.bounded_zip import DAMAGE, read_zip
from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.lookup import first_line, looked_up
from core.regular_file import bounded_bytes

FILES: Final = (".npz", ".npy")
MAX_BYTES: Final = 500_000_000
_MAX_ARRAYS: Final = 100
_ORDER: Final = "arr_"


def drawn_inputs(sizes: Sequence[InputSize]) -> Inputs:
    """Return a batch of one for each argument: zeros, whose numbers do not matter, or drawn whole numbers.

    Args:
        sizes: The arguments; those in order first.
    """
    generator = torch.Generator().manual_seed(0)
    tensors = [(size.name, _drawn(size, generator)) for size in sizes]
    return Inputs(tuple(t for name, t in tensors if not name), {name: t for name, t in tensors if name})


def _drawn(size: InputSize, generator: torch.Generator) -> Tensor:
    shape = (1, *size.sizes)
    if size.numbers is Numbers.FLOAT:
        return torch.zeros(shape)
    numbers = torch.randint(0, size.below, shape, generator=generator)
    return numbers.bool() if size.numbers is Numbers.BOOL else numbers


def example_from(source: str) -> Inputs:
    """Return the example in a file of NumPy arrays, or the one that a function returns.

    Arrays are arguments by their names in the file, or in order where NumPy named them
    ``arr_0``, ``arr_1``, …; each has the batch as its first dimension.

    Args:
        source: Path of an NPZ or NPY file, or ``MODULE:FUNCTION``.

    Raises:
        BackboneError: There is no such file or function, it can't be read, or gives no tensors.
    """
    if source.lower().endswith(FILES):
        return Inputs.of(_from_file(Path(source)))
    if ":" not in source:
        raise BackboneError(
            f'"{source[:80]}" is no example. Give an .npz file, or MODULE:FUNCTION for a function that returns one.'
        )
    function = looked_up(source)
    try:
        made = function() if callable(function) else function
    except (Exception, SystemExit) as error:
        raise BackboneError(
            f"{source[:80]} can't make an example: {first_line(error)}. It is called without arguments."
        ) from error
    return Inputs.of(made)


def _from_file(path: Path) -> Any:  # noqa: ANN401
    shown = str(path)[-80:]
    try:
        data = bounded_bytes(path, MAX_BYTES)
        if len(data) > MAX_BYTES:
            size = path.stat().st_size
            raise BackboneError(f'"{shown}" has {size / 1e6:,.0f} MB. An example may have {MAX_BYTES / 1e6:,.0f} MB.')
    except OSError as error:
        raise BackboneError(f'"{shown}" can\'t be read: {error.strerror}. Give the path of an .npz file.') from None
    if path.suffix.lower() == ".npy":
        return _tensor(path.name, _array(data, shown))
    try:
        members = read_zip(
            data, lambda _: MAX_BYTES, most_bytes=MAX_BYTES, most_members=_MAX_ARRAYS, wanted=lambda _: True
        )
    except DAMAGE as error:
        raise BackboneError(f'"{shown}" is no NPZ file: {first_line(error)}. Write it with numpy.savez.') from None
    arrays = {name.removesuffix(".npy"): _array(content, shown) for name, content in members.items()}
    return _arranged({name: _tensor(name, array) for name, array in arrays.items()}, shown)


def _arranged(tensors: Mapping[str, Tensor], shown: str) -> Any:  # noqa: ANN401
    order = [f"{_ORDER}{i}" for i in range(len(tensors))]
    if not tensors:
        raise BackboneError(f'"{shown}" holds no arrays. Write them with numpy.savez("{Path(shown).name}", x=…).')
    return tuple(tensors[name] for name in order) if set(order) == set(tensors) else tensors


def _array(data: bytes, shown: str) -> NDArray[Any]:
    from core.bounded_array import read_array

    try:
        return read_array(data)
    except ValueError as error:
        raise BackboneError(f'"{shown}" holds an array that can\'t be read: {first_line(error)}.') from None


def _tensor(name: str, array: NDArray[Any]) -> Tensor:
    if array.dtype.kind not in "fiub":
        raise BackboneError(f'The array "{name[:40]}" holds {array.dtype} values. Give numbers or true and false.')
    # Weights are float32, and torch has no unsigned numbers of more than one byte to count with.
    wide = np.float32 if array.dtype.kind == "f" else np.int64 if array.dtype.kind in "iu" else np.bool_
    kept = array.dtype == np.uint8
    return torch.from_numpy(np.array(array, dtype=array.dtype if kept else wide, copy=True))
