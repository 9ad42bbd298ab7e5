"""One array of an NPY or NPZ file, chosen by name and bounded before memory is taken for it."""

import io
import math
import tokenize
import zipfile
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.backbones.backbone import MAX_BLOCKS
from core.bounded_array import read_array
from core.bounded_zip import DAMAGE, TooLarge, read_zip
from core.errors import AffinityError
from core.tasks import MAX_TASKS

Kind = Literal["affinity", "distance"]

MAX_BYTES: Final = 200_000_000
# An NPY header says shape and type in less than that.
HEADER_BYTES: Final = 65_536
# As many numbers of 32 bits as the largest file has.
MAX_NUMBERS: Final = MAX_BYTES // 4
LOSSES: Final = "losses"
MAX_ARRAYS: Final = 200
_NAMES: Final = "tasks"
_KINDS: Final[dict[str, Kind]] = {
    "affinity": "affinity",
    "affinities": "affinity",
    "similarity": "affinity",
    "similarities": "affinity",
    "distance": "distance",
    "distances": "distance",
    "dissimilarity": "distance",
    "dissimilarities": "distance",
}


def kind_of(called: str) -> Kind | None:
    """Return what the numbers of an array or a column are, where its name says so."""
    return _KINDS.get(called.lower())


def check_header(head: bytes, name: str) -> None:
    """Check what the beginning of an NPY file promises, before the rest is read; other files pass.

    Raises:
        AffinityError: It has more tasks, depths or numbers than are compared.
    """
    if not head.startswith(npy.MAGIC_PREFIX):
        return
    try:
        stream = io.BytesIO(head)
        reader = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
        shape, _, _ = reader(stream)
    except (ValueError, TypeError, SyntaxError, tokenize.TokenError, MemoryError, OverflowError):
        raise AffinityError(_no_array(name)) from None
    n_tasks = max(shape[-2:] if len(shape) < 4 else shape[1:3], default=0)
    # Of another order of axes the shape is wrong, not the number of tasks.
    misplaced = len(shape) > 2 and shape[0] == shape[1] <= MAX_TASKS
    if len(shape) > 1 and n_tasks > MAX_TASKS and not misplaced:
        raise AffinityError(f"{name} has {n_tasks} tasks. Branchwise compares 2 to {MAX_TASKS}; leave some out.")
    if len(shape) > 2 and shape[0] > MAX_BLOCKS:
        raise AffinityError(f"{name} has {shape[0]} depths. Branchwise compares up to {MAX_BLOCKS}; merge some.")
    if math.prod(shape) > MAX_NUMBERS:
        raise AffinityError(f"{name} holds {math.prod(shape):,} numbers. Bring at most {MAX_NUMBERS:,}: fewer samples.")


def array_of(
    data: bytes, name: str, *, kind: Kind | None, losses: bool, tensors: bool
) -> tuple[NDArray[Any], tuple[str, ...], str]:
    """Return the array that is meant, the names of its tasks or none, and what it is called in the file or nothing.

    Args:
        data: Content of an NPY or NPZ file.
        name: What sentences call it.
        kind: Which one is wanted where the file holds affinities and distances.
        losses: Take an array ``losses``, before all others.
        tensors: Take affinities or distances, whatever they are called.

    Raises:
        AffinityError: There is no such array, or more than one.
    """
    try:
        if data.startswith(npy.MAGIC_PREFIX):
            return _numbers(data, name), (), ""
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = [each.removesuffix(".npy") for each in packed.namelist()[:MAX_ARRAYS]]
        chosen = _chosen(names, name, kind=kind, losses=losses, tensors=tensors)
        members = read_zip(
            data,
            lambda _: MAX_BYTES,
            most_bytes=MAX_BYTES,
            most_members=MAX_ARRAYS,
            wanted=lambda member: member.removesuffix(".npy") in (chosen, _NAMES),
        )
        arrays = {member.removesuffix(".npy"): content for member, content in members.items()}
        tasks = _task_names(read_array(arrays[_NAMES]), name) if _NAMES in arrays else ()
        return _numbers(arrays[chosen], name), tasks, chosen
    except TooLarge:
        raise AffinityError(too_large(name)) from None
    except (ValueError, *DAMAGE):
        raise AffinityError(_no_array(name)) from None


def too_large(name: str) -> str:
    """Return the sentence about a file of too many bytes."""
    return f"{name} is larger than {MAX_BYTES // 10**6} MB. Bring fewer samples or depths."


def _no_array(name: str) -> str:
    return f"{name} is no NPY or NPZ file of numbers. Save the array with numpy.save."


def _numbers(data: bytes, name: str) -> NDArray[Any]:
    check_header(data[:HEADER_BYTES], name)
    found = read_array(data)
    if found.dtype.kind not in "fiub":
        raise AffinityError(f"{name} holds {found.dtype} values. An array of numbers is needed.")
    if found.dtype.kind == "f":
        return found
    return found.astype(np.float32 if found.ndim == 4 else np.float64)


def _chosen(names: Sequence[str], name: str, *, kind: Kind | None, losses: bool, tensors: bool) -> str:
    arrays = [each for each in names if each != _NAMES]
    if losses and LOSSES in arrays:
        return LOSSES
    known = [each for each in arrays if tensors and kind_of(each)]
    meant = [each for each in known if kind is None or kind_of(each) == kind] if len(known) > 1 else known
    wanted = meant or (arrays if len(arrays) == 1 else [])
    if len(wanted) == 1:
        return wanted[0]
    if len(wanted) > 1:
        held = " and ".join(f'"{each[:40]}"' for each in wanted[:3])
        way = "Say which with --kind, or save" if len({kind_of(each) for each in wanted}) > 1 else "Save"
        raise AffinityError(f"{name} holds {held}, which may both be meant. {way} one of them alone.")
    keys = [LOSSES] * losses + ["affinity", "distance"] * tensors
    raise AffinityError(
        f"{name} holds {', '.join(names)[:200] or 'nothing'}. Put one array into it, named {' or '.join(keys)}."
    )


def _task_names(found: NDArray[Any], name: str) -> tuple[str, ...]:
    if found.dtype.kind != "U" or found.ndim != 1:
        raise AffinityError(f"The array {_NAMES} in {name} should be a list of names. Save it as text.")
    return tuple(map(str, found[: MAX_TASKS + 1]))
