"""Other people's tensors and losses: NPY, NPZ and CSV, read as data only."""

import csv
import io
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import AffinityError

Array = NDArray[np.float64]

MAX_BYTES = 200_000_000
_COLUMNS = ("depth", "task_a", "task_b", "value")


def read_tensor(path: Path) -> Array:
    """Give an affinity or distance tensor ``[n_depths, n_tasks, n_tasks]``.

    NPY and NPZ hold one array of numbers; CSV has the columns ``depth, task_a, task_b, value`` with indices from 0.

    Raises:
        AffinityError: The file can't be read, or holds something else; the message names the place.
    """
    data = _content(path)
    if path.suffix.lower() == ".csv":
        return _from_csv(data, path.name)
    return _array(data, path.name, key=None)


def read_losses(path: Path) -> Array:
    """Give per-sample losses ``[n_depths, n_tasks, n_tasks, n_samples]``: depth, target, source, sample.

    Raises:
        AffinityError: The file can't be read, or holds no array ``losses``.
    """
    return _array(_content(path), path.name, key="losses")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AffinityError(f"{path.name} is larger than {MAX_BYTES // 10**6} MB. Bring fewer samples or depths.")
        return path.read_bytes()
    except OSError as fault:
        raise AffinityError(f"{path} can't be read: {fault.strerror}. Check the path.") from None


def _array(data: bytes, name: str, *, key: str | None) -> Array:
    try:
        if data[:6] == npy.MAGIC_PREFIX:
            found = npy.read_array(io.BytesIO(data), allow_pickle=False)
        else:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                names = archive.files
                wanted = key if key in names else names[0] if len(names) == 1 else None
                if wanted is None:
                    raise AffinityError(
                        f"{name} holds {', '.join(names)[:200] or 'nothing'}. "
                        f"Put one array into it{f', named {key}' if key else ''}."
                    )
                found = archive[wanted]
    except AffinityError:
        raise
    except Exception:  # a damaged file makes numpy raise almost anything
        raise AffinityError(f"{name} is no NPY or NPZ file of numbers. Save the array with numpy.save.") from None
    if found.dtype.kind not in "fiub":
        raise AffinityError(f"{name} holds {found.dtype} values. An array of numbers is needed.")
    return found.astype(np.float64)


def _from_csv(data: bytes, name: str) -> Array:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise AffinityError(f"{name} is no CSV text. Save it as UTF-8.") from None
    header = tuple(cell.strip().lower() for cell in rows[0]) if rows else ()
    if sorted(header) != sorted(_COLUMNS):
        raise AffinityError(f"{name} should have the columns {', '.join(_COLUMNS)}. Found {', '.join(header)[:200]}.")
    cells: dict[tuple[int, int, int], float] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        place, value = _cell(dict(zip(header, row, strict=False)), number, name)
        if place in cells:
            raise AffinityError(f"Row {number} of {name} repeats depth {place[0]}, tasks {place[1]} and {place[2]}.")
        cells[place] = value
    return _filled(cells, name)


def _cell(row: dict[str, str], number: int, name: str) -> tuple[tuple[int, int, int], float]:
    try:
        depth, a, b = (int(row[column]) for column in _COLUMNS[:3])
        value = float(row["value"])
    except (KeyError, ValueError):
        raise AffinityError(
            f"Row {number} of {name} is {', '.join(row.values())[:80]!r}. Write whole numbers from 0, and a value."
        ) from None
    if min(depth, a, b) < 0 or max(a, b) >= 1000 or depth >= 1000 or not np.isfinite(value):
        raise AffinityError(f"Row {number} of {name} has an index below 0 or a value that is no number.")
    return (depth, a, b), value


def _filled(cells: dict[tuple[int, int, int], float], name: str) -> Array:
    if not cells:
        raise AffinityError(f"{name} has no row below its header.")
    n_depths = 1 + max(depth for depth, _, _ in cells)
    n_tasks = 1 + max(max(a, b) for _, a, b in cells)
    tensor = np.full((n_depths, n_tasks, n_tasks), np.nan)
    for (depth, a, b), value in cells.items():
        tensor[depth, a, b] = value
    # One direction is enough: the tensor is symmetric.
    mirrored = tensor.transpose(0, 2, 1)
    tensor = np.where(np.isnan(tensor), mirrored, tensor)
    if np.isnan(tensor).any():
        depth, a, b = np.argwhere(np.isnan(tensor))[0].tolist()
        raise AffinityError(f"{name} has no value for depth {depth}, tasks {a} and {b}. Add the row.")
    return tensor
