"""The tasks that a data set of the user's own code declares, or that its targets say."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.label_columns import Column, column_of
from core.data.missing import MISSING_CLASS, MISSING_PIXEL
from core.data.number_scale import check_precision
from core.data.own_sample import array_of
from core.errors import DataError
from core.tasks import MAX_TASKS, Kind, Task, check_task_name

FILE: Final = "the data set"
_KEYS: Final = frozenset({"kind", "classes", "n_outputs"})
_MOST_CLASSES: Final = 1000


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of a task; nothing where all is to be guessed.

    Args:
        kind: What it predicts.
        classes: What its classes or labels are called, in the order of their numbers.
        n_outputs: Classes, labels or channels.
    """

    kind: Kind | None = None
    classes: tuple[str, ...] = ()
    n_outputs: int = 0


def declared_tasks(value: Any) -> dict[str, Declared]:  # noqa: ANN401  # whatever the user's code gives
    """Return the declarations of a factory: names, or name → kind, or name → ``{"kind": …, "classes": […]}``.

    Raises:
        DataError: It is none of these.
    """
    if isinstance(value, list | tuple | set | frozenset):
        value = dict.fromkeys(value)
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_TASKS:
        raise DataError(f'tasks should be name → kind, such as {{"age": "regression"}}, of 1 to {MAX_TASKS} tasks.')
    return {_name(name): _declared(str(name), each) for name, each in value.items()}


def _name(name: object) -> str:
    check_task_name(text := str(name))
    return text


def _declared(name: str, value: Any) -> Declared:  # noqa: ANN401
    entry = value if isinstance(value, Mapping) else {"kind": value}
    if strange := [str(key) for key in entry if key not in _KEYS]:
        raise DataError(f'Task "{name}" is declared with "{strange[0][:40]}". Write kind, classes or n_outputs.')
    kinds = [kind.value for kind in Kind]
    kind = entry.get("kind")
    if kind is not None and str(kind) not in kinds:
        raise DataError(f'Task "{name}" is of kind "{str(kind)[:40]}". Choose from: {", ".join(kinds)}.')
    classes = entry.get("classes") or ()
    if isinstance(classes, str) or not all(isinstance(each, str) and each for each in classes):
        raise DataError(f'The classes of task "{name}" should be a list of words, one for each number from 0 on.')
    n_outputs = entry.get("n_outputs") or len(classes)
    if not isinstance(n_outputs, int) or not 0 <= n_outputs <= _MOST_CLASSES or (classes and len(classes) != n_outputs):
        raise DataError(
            f'Task "{name}" has n_outputs = {str(n_outputs)[:20]}. Write a whole number up to {_MOST_CLASSES:,}, as '
            "many as there are classes."
        )
    return Declared(None if kind is None else Kind(str(kind)), tuple(classes), n_outputs)


def is_scalar(value: Any) -> bool:  # noqa: ANN401
    """Return whether a target is one number, word or set of labels, and no map."""
    if value is None or isinstance(value, str | bool | int | float | set | frozenset):
        return True
    if isinstance(value, list | tuple):
        return all(isinstance(each, str) for each in value) or array_of(value).ndim < 2
    return array_of(value).ndim < 2


def simple(value: Any) -> Any:  # noqa: ANN401
    """Return a scalar target as Python has it, and several numbers as a tuple."""
    if isinstance(value, set | frozenset):
        return tuple(sorted(map(str, value)))
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    found = array_of(value)
    return found.item() if found.ndim == 0 or (found.size == 1 and found.ndim == 1) else tuple(found.tolist())


def column_task(name: str, said: Declared, values: Sequence[Any]) -> Column:
    """Return the task of one-number, one-word or many-label targets, guessed as a column of ``labels.csv`` is.

    Args:
        name: Of the task.
        said: What is declared of it.
        values: Of every sample, as ``simple`` returns them.

    Raises:
        DataError: They fit no kind, or not the declared one; or what they are only people know.
    """
    if any(isinstance(value, tuple) and not all(isinstance(each, str) for each in value) for value in values):
        return _rows_of_numbers(name, said, values)
    if said.n_outputs and said.kind in (Kind.CLASSIFICATION, Kind.ORDINAL):
        return _numbered(name, said, values)
    kind: Any = said.kind.value if said.kind is not None else None
    order = said.classes if said.kind is Kind.ORDINAL else None
    try:
        return column_of(name, [_cell(value, said.kind) for value in values], order or kind, file=FILE)
    except DataError as fault:
        text = str(fault).partition(" If it is no task,")[0]
        text = text.replace("below [dataset.kinds]", "in tasks").replace(" [dataset.kinds]", " tasks")
        raise DataError(text.replace('Column "', 'Task "')) from None


def _cell(value: Any, kind: Kind | None) -> str:  # noqa: ANN401
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, tuple):
        return ";".join(value) or ";"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int) and value == MISSING_CLASS and kind is not Kind.REGRESSION:
        return ""
    return repr(value) if isinstance(value, int | float) else str(value).strip()


def _numbered(name: str, said: Declared, values: Sequence[Any]) -> Column:
    assert said.kind is not None
    places = {label: place for place, label in enumerate(said.classes)}
    target = np.full(len(values), MISSING_CLASS, dtype=np.int64)
    for row, value in enumerate(values):
        if _cell(value, said.kind) == "":
            continue
        number = places.get(value) if isinstance(value, str) else value
        if not isinstance(number, bool | int | float) or number != int(number) or not 0 <= number < said.n_outputs:
            raise DataError(
                f'Task "{name}" has the target {str(value)[:40]!r}; its classes are 0 to {said.n_outputs - 1}'
                f"{f' or {list(said.classes[:5])}' if said.classes else ''}, and None or -1 is missing."
            )
        target[row] = int(number)
    return Column(Task.usual(name, said.kind, said.n_outputs), said.classes, target)


def _rows_of_numbers(name: str, said: Declared, values: Sequence[Any]) -> Column:
    """Return the task whose targets are several numbers each: labels that hold or not, or numbers to predict."""
    width = max(len(value) for value in values if isinstance(value, tuple))
    found = np.full((len(values), width), np.nan)
    for row, value in enumerate(values):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        if not isinstance(value, tuple) or len(value) != width:
            raise DataError(f'Targets of task "{name}" differ in length. Give each {width} numbers, or None.')
        found[row] = value
    # What is too large for single precision becomes infinite, which is refused below.
    with np.errstate(over="ignore"):
        target = found.astype(np.float32)
    known = target[~np.isnan(target)]
    kind = said.kind or (Kind.MULTI_LABEL if np.isin(known, (0, 1)).all() else Kind.REGRESSION)
    if kind not in (Kind.MULTI_LABEL, Kind.REGRESSION) or said.n_outputs not in (0, width):
        raise DataError(
            f'Task "{name}" has {width} numbers a picture; that is multi-label or regression with as many outputs. '
            "Declare it so."
        )
    if kind is Kind.MULTI_LABEL and not np.isin(known, (0, 1)).all():
        raise DataError(f'Task "{name}" is multi-label and has labels other than 0 and 1. NaN is missing.')
    if np.isinf(known).any():
        raise DataError(f'Task "{name}" has infinite targets. NaN is missing.')
    if kind is Kind.REGRESSION:
        check_precision(found, f'Task "{name}"')
    return Column(Task.usual(name, kind, width), said.classes, target)


def map_task(name: str, said: Declared, first: NDArray[Any], largest: int) -> Task:
    """Return the task of maps.

    Args:
        name: Of the task.
        said: What is declared of it.
        first: One of the maps.
        largest: The largest number of all maps but 255, where they are whole numbers.

    Raises:
        DataError: What it is has to be declared.
    """
    kind = said.kind
    if kind is None and first.ndim == 2 and first.dtype.kind in "iu":
        kind = Kind.SEGMENTATION
    if kind is None or not kind.is_map:
        maps = ", ".join(each.value for each in Kind if each.is_map)
        raise DataError(
            f'Task "{name}" has maps {list(first.shape)[:6]} of {first.dtype} as targets. Declare its kind in tasks: '
            f"{maps}."
        )
    if kind is Kind.SEGMENTATION:
        n_outputs = said.n_outputs or largest + 1
        if not 2 <= n_outputs <= MISSING_PIXEL:
            raise DataError(f'Task "{name}" has {n_outputs} classes of pixels; 2 to {MISSING_PIXEL} are possible.')
        return Task.usual(name, kind, n_outputs)
    channels = {Kind.DEPTH: 1, Kind.NORMALS: 3}.get(kind)
    found = channels or said.n_outputs or (1 if first.ndim == 2 else min(first.shape[0], first.shape[-1]))
    return Task.usual(name, kind, found)
