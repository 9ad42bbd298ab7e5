"""Other people's tensors and losses: NPY, NPZ and CSV, read as data only."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.affinity.array_file import HEADER_BYTES, MAX_BYTES, Kind, array_of, check_header, kind_of, too_large
from core.affinity.distance import check_shape, check_symmetric
from core.affinity.recombined import RecombinedLosses
from core.affinity.tensor_csv import read_tensor_csv
from core.backbones.backbone import MAX_BLOCKS
from core.errors import AffinityError
from core.regular_file import bounded_bytes
from core.tasks import MAX_TASKS, check_task_names

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ArrayFile:
    """Content of a file before it is validated.

    Args:
        name: What sentences call the file.
        values: Numbers; NaN where something is missing.
        tasks: Names in index order, where the file has them.
        kind: What its numbers are, where the file says so.
    """

    name: str
    values: NDArray[Any] = field(repr=False)
    tasks: tuple[str, ...] = ()
    kind: Kind | None = None

    @property
    def holds_losses(self) -> bool:
        """Whether these are losses of samples and no finished tensor."""
        return self.values.ndim == 4

    def names_or(self, others: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the tasks: the file's own, others if there are as many, or ``task 0`` and so on."""
        n = self.values.shape[1]
        return self.tasks or (tuple(others) if len(others) == n else tuple(f"task {i}" for i in range(n)))


def read_tensor(path: Path, kind: Kind | None = None) -> tuple[Array, Kind, tuple[str, ...]]:
    """Return a tensor ``[n_depths, n_tasks, n_tasks]``, what its numbers are, and the names of its tasks or none.

    Args:
        path: Of the file.
        kind: What its numbers are; None for what the file says, and affinities where it says nothing.

    Raises:
        AffinityError: The file can't be read, contradicts ``kind`` or holds something else; the message names the
            place.
    """
    found = read_array(_content(path), path.name, kind, losses=False)
    if kind and found.kind and kind != found.kind:
        raise AffinityError(
            f"{path.name} calls its numbers {found.kind}, but --kind says {kind}. Leave out --kind, or rename them in "
            "the file."
        )
    known: Kind = found.kind or kind or "affinity"
    values = tensor_of(found, known)
    if np.isnan(values).any():
        depth, a, b = np.argwhere(np.isnan(values))[0].tolist()
        way_out = "Add the row" if path.suffix.lower() == ".csv" else "Fill it in"
        raise AffinityError(f"{path.name} has no value for depth {depth}, tasks {a} and {b}. {way_out}.")
    return values, known, found.tasks


def read_losses(path: Path) -> tuple[Array, tuple[str, ...]]:
    """Return per-sample losses, and the names of their tasks or none.

    Returns:
        ``[n_depths, n_tasks, n_tasks, n_samples]``: depth, target, source, sample.

    Raises:
        AffinityError: The file can't be read, holds no array ``losses``, or names other than its tasks.
    """
    _check_extension(path.name)
    values, tasks, _ = array_of(_content(path), path.name, kind=None, losses=True, tensors=False)
    if values.ndim == 4 and tasks:
        _check_names(tasks, values.shape[1], path.name)
    return values.astype(np.float64), tasks


def read_array(data: bytes, name: str, kind: Kind | None = None, *, losses: bool = True) -> ArrayFile:
    """Return what a file holds: a tensor, or losses of samples.

    NPY holds one array of numbers; NPZ one, or one called ``losses``, ``affinity`` or ``distance``, and names of
    tasks in ``tasks``; CSV has the columns ``depth, task_a, task_b, value`` with numbers from 0 or names of tasks, or
    is a matrix. One matrix, ``[n_tasks, n_tasks]``, is a tensor of one depth.

    Args:
        data: Content of the file.
        name: Its name; the extension distinguishes CSV from the others.
        kind: Which array is wanted where an NPZ holds affinities and distances.
        losses: Whether losses are wanted, before others.

    Raises:
        AffinityError: It holds something else, or several that may be meant; the message names the place.
    """
    if len(data) > MAX_BYTES:
        raise AffinityError(too_large(name))
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        values, tasks, column = read_tensor_csv(data, name)
        return ArrayFile(name, values, tasks, kind_of(column))
    _check_extension(name)
    values, tasks, called = array_of(data, name, kind=kind, losses=losses, tensors=True)
    found = ArrayFile(name, values, tasks, kind_of(called))
    is_matrix = found.values.ndim == 2 and len(found.values) == found.values.shape[1]
    return replace(found, values=found.values[None]) if is_matrix else found


def tensor_of(found: ArrayFile, kind: Kind) -> Array:
    """Return a file's tensor, checked; NaN where something is missing.

    Args:
        found: The file.
        kind: What its numbers are.

    Returns:
        ``[n_depths, n_tasks, n_tasks]``, symmetric, also where the file holds one triangle only; affinities above zero
        on the diagonal, distances zero. A diagonal that is missing altogether is 1 and 0: such affinities are
        normalised already.

    Raises:
        AffinityError: It is no such tensor; the message names the place.
    """
    what = f"The {kind} tensor in {found.name}"
    check_shape(found.values, what)
    _check_size(found.values.shape[1], len(found.values), found)
    values = found.values.astype(np.float64)
    if np.isinf(values).any():
        depth, i, j = np.argwhere(np.isinf(values))[0].tolist()
        raise AffinityError(f"{what} is infinite at depth {depth}, tasks {i} and {j}. Correct it, or leave it empty.")
    check_symmetric(values, what)
    values = _both_directions(values, what)
    if np.isnan(values).all():
        raise AffinityError(f"{what} has no number at all. Fill it in.")
    return _distances(values, what) if kind == "distance" else _affinities(values, what)


def losses_of(found: ArrayFile, tasks: Sequence[str] = ()) -> RecombinedLosses:
    """Return a file's losses, checked.

    A network that was not trained is NaN on every sample, a sample without a label NaN for every source.

    Args:
        found: The file, with values ``[n_depths, n_tasks, n_tasks, n_samples]``: depth, target, source, sample.
        tasks: What to call the tasks where the file does not say; ``task 0`` and so on where there are others.

    Raises:
        AffinityError: These are no such losses; the message names the place.
    """
    values = found.values
    if values.ndim != 4 or values.shape[1] != values.shape[2] or 0 in values.shape:
        raise AffinityError(
            f"The losses in {found.name} should have shape [n_depths, n_tasks, n_tasks, n_samples]: depth, target, "
            f"source, sample. Found {list(values.shape)}.{_axis_hint(values.shape)}"
        )
    _check_size(values.shape[1], len(values), found)
    if np.isinf(values).any():
        depth, target, source, sample = np.argwhere(np.isinf(values))[0].tolist()
        raise AffinityError(
            f"The loss in {found.name} at depth {depth}, target {target}, source {source}, sample {sample} is "
            "infinite. Train that network again, or write NaN on all of its samples."
        )
    known = ~np.isnan(values)
    if not known.any():
        raise AffinityError(f"The losses in {found.name} have no number at all. Fill them in.")
    expected = known.any(axis=3, keepdims=True) & known.any(axis=2, keepdims=True)
    if (known != expected).any():
        depth, target, source, sample = np.argwhere(known != expected)[0].tolist()
        raise AffinityError(
            f"The losses in {found.name} have no number at depth {depth}, target {target}, source {source}, sample "
            f"{sample}, though other sources have one. Leave out the sample for all sources, or the source altogether."
        )
    return RecombinedLosses(found.names_or(tasks), (0,), values.astype(np.float32)[None])


def _both_directions(values: Array, what: str) -> Array:
    """Return a tensor whose missing triangle is filled from the other one; else both directions of a pair are known."""
    mirrored = values.transpose(0, 2, 1)
    one_sided = np.isnan(values) & ~np.isnan(mirrored)
    # A file may leave out one triangle altogether, but a single number that is missing was lost.
    off = ~np.eye(values.shape[1], dtype=bool)
    both = ~np.isnan(values) & ~np.isnan(mirrored) & off
    halves = [np.tril(one_sided).any(), np.triu(one_sided).any()]
    if one_sided.any() and (both.any() or all(halves)):
        depth, i, j = np.argwhere(one_sided)[0].tolist()
        raise AffinityError(
            f"{what} has no number at depth {depth}, tasks {i} and {j}, but {values[depth, j, i]:g} for {j} and {i}. "
            "Write the number in both directions, or leave out both."
        )
    return np.where(np.isnan(values), mirrored, values)


def _distances(values: Array, what: str) -> Array:
    own = np.diagonal(values, axis1=1, axis2=2)
    if (np.nan_to_num(own) != 0).any():
        depth, i = np.argwhere(np.nan_to_num(own) != 0)[0].tolist()
        raise AffinityError(
            f"{what} has {own[depth, i]:g} at depth {depth} from task {i} to itself. Write 0, or say that these are "
            "affinities."
        )
    if (values < 0).any():
        depth, i, j = np.argwhere(values < 0)[0].tolist()
        raise AffinityError(f"{what} is below 0 at depth {depth}, tasks {i} and {j}. Bring it to 0 or more.")
    diagonal = np.arange(values.shape[1])
    values[:, diagonal, diagonal] = 0.0
    return values


def _affinities(values: Array, what: str) -> Array:
    own = np.diagonal(values, axis1=1, axis2=2)
    if np.isnan(own).all():
        return _already_normalised(values, what)
    if (own <= 0).any():
        depth, i = np.argwhere(own <= 0)[0].tolist()
        raise AffinityError(
            f"{what} has {own[depth, i]:g} at depth {depth} for task {i} with itself; affinities are shown in "
            "proportion to it. Bring one above zero, or say that these are distances."
        )
    return values


def _already_normalised(values: Array, what: str) -> Array:
    """Return affinities of a file without a diagonal: they are in proportion to the tasks' own already, which are 1."""
    outside = (values < 0) | (values > 1)
    if outside.any():
        depth, i, j = np.argwhere(outside)[0].tolist()
        raise AffinityError(
            f"{what} has no task with itself, so its affinities should be normalised, 0 to 1. Found "
            f"{values[depth, i, j]:g} at depth {depth}, tasks {i} and {j}. Add each task with itself (the diagonal), "
            "or normalise by it."
        )
    diagonal = np.arange(values.shape[1])
    values[:, diagonal, diagonal] = 1.0
    return values


def _check_size(n_tasks: int, n_depths: int, found: ArrayFile) -> None:
    if not 2 <= n_tasks <= MAX_TASKS:
        raise AffinityError(
            f"{found.name} has {n_tasks} task{'' if n_tasks == 1 else 's'}. Branchwise compares 2 to {MAX_TASKS}; "
            + ("one task has nothing to compare with." if n_tasks == 1 else "leave some out.")
        )
    if n_depths > MAX_BLOCKS:
        raise AffinityError(f"{found.name} has {n_depths} depths. Branchwise compares up to {MAX_BLOCKS}; merge some.")
    if found.tasks:
        _check_names(found.tasks, n_tasks, found.name)


def _check_names(tasks: tuple[str, ...], n_tasks: int, name: str) -> None:
    if len(tasks) != n_tasks:
        raise AffinityError(f"{name} names {len(tasks)} tasks, but its array has {n_tasks}. Name each of them once.")
    check_task_names(tasks)


def _axis_hint(shape: Sequence[int]) -> str:
    if len(shape) != 4:
        return ""
    if shape[0] == shape[1]:
        return " Depth comes first: move it before target and source."
    return " Samples come last: move them behind the source." if shape[2] == shape[3] else ""


def _check_extension(name: str) -> None:
    if name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        raise AffinityError(f"{name} is a workbook. Save the sheet as CSV: a matrix, or depth, task_a, task_b, value.")


def _content(path: Path) -> bytes:
    try:
        check_header(bounded_bytes(path, HEADER_BYTES), path.name)
        data = bounded_bytes(path, MAX_BYTES)
    except ValueError:
        raise AffinityError(f"{str(path)[:200]!r} is no path of a file. Check it.") from None
    except OSError as fault:
        raise AffinityError(f"{path} can't be read: {fault.strerror}. Check the path.") from None
    if len(data) > MAX_BYTES:
        raise AffinityError(too_large(path.name))
    return data
