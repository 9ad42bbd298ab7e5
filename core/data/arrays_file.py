"""The short TOML that says what the arrays of an NPZ file are."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data_roots import allowed
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.studies.documents import first_fault
from core.tasks import MAX_TASKS, Kind, check_task_name
from core.toml_text import TomlError, read_toml

MAX_BYTES: Final = 1_000_000
Key = Annotated[str, Field(min_length=1, max_length=200)]


class TaskEntry(BaseModel):
    """One task: its kind, how many classes, labels or channels it has, and which array holds it.

    ``target`` is the array's name, that of the task by default; ``classes`` names the classes
    or labels, in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    n_outputs: Annotated[int, Field(ge=1, le=10_000)]
    target: Key | None = None
    classes: Annotated[tuple[Key, ...], Field(max_length=10_000)] = ()


class ArraysFile(BaseModel):
    """What the TOML says: the NPZ next to it, the arrays of pictures and of splits, and the tasks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Key
    pictures: Key = "pictures"
    split: Key | None = None
    tasks: dict[str, TaskEntry]


def read_arrays_file(path: Path) -> ArraysFile:
    """Return what a TOML file says about an NPZ file::

        file = "rooms.npz"

        [tasks.depth]
        kind = "depth"
        n_outputs = 1

        [tasks.room]
        kind = "classification"
        n_outputs = 3
        classes = ["kitchen", "bath", "hall"]

    Raises:
        DataError: It is missing, no TOML, has an unknown key or a bad value, or names classes
            whose number differs from ``n_outputs``.
    """
    try:
        real = allowed(path)
        data = bounded_bytes(real, MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise DataError(f"{path.name} is larger than 1 MB, so it does not describe arrays. Check the path.")
        found = ArraysFile.model_validate(read_toml(data))
    except OSError as fault:
        raise DataError(
            f"{path} can't be read: {fault.strerror}. Name the TOML file that describes the arrays."
        ) from None
    except ValidationError as fault:
        raise DataError(f"{path.name}: {' '.join(first_fault(fault).split())}. Mend this key.") from None
    except TomlError as fault:
        raise DataError(f"{path.name} {fault}. Write file = … and a [tasks.NAME] for every task.") from None
    except ValueError:
        raise DataError(f"{path.name} names no readable path. Check it.") from None
    if not 1 <= len(found.tasks) <= MAX_TASKS:
        raise DataError(f"{path.name} describes {len(found.tasks)} tasks. Describe 1 to {MAX_TASKS}.")
    for name in found.tasks:
        check_task_name(name)
    for name, entry in found.tasks.items():
        if entry.classes and len(entry.classes) != entry.n_outputs:
            raise DataError(
                f'{path.name} names {len(entry.classes)} classes of task "{name}" and has n_outputs = '
                f"{entry.n_outputs}. The two should agree."
            )
    return found
