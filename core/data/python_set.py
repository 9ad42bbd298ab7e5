"""``python``: a data set that a function of the user gives, read sample by sample."""

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import core
from core.data.dataset import SPLITS
from core.data.number_scale import scaled
from core.data.own_sample import array_of, map_of, missing_map, picture_of
from core.data.own_tasks import Declared, column_task, declared_tasks, is_scalar, map_task, simple
from core.data.source import Answers, Source
from core.data.splits import Rows
from core.errors import CodeError, DataError
from core.own_code.called import called
from core.own_code.permission import permitted_roots
from core.studies.dataset_specification import PythonSpecification
from core.tasks import Task

OTHER_NAMES: Final = {"validation": ("val", "valid"), "train": ("training",), "test": ()}
_OURS: Final = Path(core.__file__).parent
_MOST: Final = 10_000_000


def python_source(specification: PythonSpecification) -> Source:
    """Return the data set that a function of the user gives.

    The function returns an object, or a mapping, with ``train``, ``validation`` and ``test``, each a list, anything
    with ``__len__`` and ``__getitem__``, or a function that returns the samples anew, and maybe ``tasks``. A sample is
    a picture and a mapping from task to target. All samples are read once for their labels; pictures and maps are
    read again when they are needed.

    Raises:
        DataError: It is not permitted here, fails, or gives something else; code of the user is named by file and line.
    """
    try:
        permitted_roots(specification.reference)
    except CodeError as fault:
        raise DataError(str(fault)) from None
    # Without the state of its code nobody knows whether it is still the same.
    return _known(specification) if specification.code else _read(specification)


@lru_cache(maxsize=2)
def _known(specification: PythonSpecification) -> Source:
    return _read(specification)


def _read(specification: PythonSpecification) -> Source:
    given = _given(specification)
    samples = _Samples(given, specification.reference, specification.size)
    said = _said(given, samples)
    labels, maps, starts = samples.looked_through(said)
    n = np.cumsum([0, *starts])
    rows = {split: np.arange(n[place], n[place + 1]) for place, split in enumerate(SPLITS)}
    columns = {name: column_task(name, said[name], values) for name, values in labels.items()}
    tasks = [
        scaled(columns[name].task, columns[name].target, rows["train"]) if name in columns else maps[name]
        for name in said
    ]
    samples.labels, samples.maps = labels, {task.name: task for task in tasks if task.kind.is_map}
    samples.starts = dict(zip(SPLITS, n.tolist(), strict=False))
    classes = {name: column.class_names for name, column in columns.items() if column.class_names}
    classes |= {name: said[name].classes for name in maps if said[name].classes}
    return Source(
        name="python",
        tasks=tuple(tasks),
        labels={name: column.target for name, column in columns.items()},
        rows=rows,
        pictures=lambda wanted: samples.pieces(wanted)[0],
        maps=lambda wanted: samples.pieces(wanted)[1],
        class_names=classes,
    )


def _given(specification: PythonSpecification) -> Any:  # noqa: ANN401  # whatever the user's code gives
    try:
        return called(specification.reference, specification.args, fingerprint=specification.code)
    except CodeError as fault:
        where = "" if fault.__cause__ is None else _place(fault.__cause__, specification.reference)
        raise DataError(f"{str(fault).rstrip('.')}{f' ({where})' if where else ''}.") from None


def _part(given: Any, name: str) -> Any:  # noqa: ANN401
    for each in (name, *OTHER_NAMES.get(name, ())):
        found = given.get(each) if isinstance(given, Mapping) else getattr(given, each, None)
        if found is not None:
            return found
    return None


def _said(given: Any, samples: "_Samples") -> dict[str, Declared]:  # noqa: ANN401
    tasks = _part(given, "tasks")
    if tasks is not None:
        return declared_tasks(tasks)
    for _, targets in samples.of("train"):
        return declared_tasks(list(targets))
    raise DataError(f"{samples.reference} gives no sample to train on. Give every split at least one.")


def _place(error: BaseException, reference: str) -> str:
    """Return file and line where code of the user failed: the innermost of its module's folder, else of any other."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _OURS not in Path(frame.filename).parents]
    module = sys.modules.get(reference.partition(":")[0])
    file = getattr(module, "__file__", None)
    own = [frame for frame in frames if file and Path(file).parent in Path(frame.filename).parents]
    found = (own or frames)[-1:]
    return f"{Path(found[0].filename).name}, line {found[0].lineno}" if found else ""


@dataclass(slots=True)
class _Samples:
    """The samples of the user's splits.

    Args:
        given: What the function returned.
        reference: Of the function, for errors.
        size: Height and width that pictures are brought to; as they are where None.
    """

    given: Any
    reference: str
    size: int | None
    labels: dict[str, list[Any]] = field(default_factory=dict)
    maps: dict[str, Task] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    _shape: tuple[int, ...] | None = None
    _last: tuple[bytes, tuple[NDArray[np.uint8], Answers]] | None = None
    _cursor: tuple[str, int, Iterator[Any]] | None = None

    def of(self, split: str) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        """Yield picture and targets of each sample of a split."""
        for row, sample in enumerate(self._guarded(split)):
            if row >= _MOST:
                raise DataError(f"{self.reference} gives more than {_MOST:,} samples of {split}. Give fewer.")
            yield self._pair(sample, split, row)

    def looked_through(self, said: Mapping[str, Declared]) -> tuple[dict[str, list[Any]], dict[str, Task], list[int]]:
        """Read every sample; return labels by task, tasks with maps, and the number of samples of each split."""
        labels: dict[str, list[Any]] = {}
        first: dict[str, NDArray[Any]] = {}
        largest = dict.fromkeys(said, 0)
        counts = []
        for split in SPLITS:
            n = 0
            for picture, targets in self.of(split):
                where = f"Sample {n} of {split} of {self.reference}"
                self._picture(picture, where)
                for name in said:
                    if name not in targets:
                        raise DataError(f'{where} has no target of "{name}". Give None where a target is missing.')
                    try:
                        self._take(name, targets[name], labels, first, largest)
                    except DataError as fault:
                        raise DataError(f'{where}, target "{name}": {str(fault).rstrip(".")}.') from None
                n += 1
            if not n:
                raise DataError(f"{self.reference} gives no sample of {split}. Give every split at least one.")
            counts.append(n)
        maps = {name: map_task(name, said[name], first[name], largest[name]) for name in first}
        return {name: labels[name] for name in said if name not in maps}, maps, counts

    @staticmethod
    def _take(
        name: str,
        value: Any,  # noqa: ANN401
        labels: dict[str, list[Any]],
        first: dict[str, NDArray[Any]],
        largest: dict[str, int],
    ) -> None:
        if value is not None and not is_scalar(value):
            found = array_of(value)
            if any(each is not None for each in labels.get(name, ())):
                raise DataError("it is a map, and samples before had none")
            first.setdefault(name, found)
            if found.dtype.kind in "iu" and found.size:
                known = found[found != 255]
                largest[name] = max(largest[name], int(known.max(initial=0)))
        elif name in first and value is not None:
            raise DataError("it is no map, and samples before had one")
        labels.setdefault(name, []).append(None if name in first else simple(value))

    def pieces(self, rows: Rows) -> tuple[NDArray[np.uint8], Answers]:
        """Return pictures and maps of some rows; the last ones are remembered, as both are requested in turn."""
        key = rows.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = key, self._pieces(rows)
        return self._last[1]

    def _pieces(self, rows: Rows) -> tuple[NDArray[np.uint8], Answers]:
        pictures, maps = [], {name: list[NDArray[Any]]() for name in self.maps}
        for row in rows.tolist():
            split = next(each for each in reversed(SPLITS) if self.starts[each] <= row)
            place = row - self.starts[split]
            picture, targets = self._pair(self._one(split, place), split, place)
            where = f"Sample {place} of {split} of {self.reference}"
            for name, known in self.labels.items():
                # NaN is not equal to itself, and is written alike.
                if repr(simple(targets.get(name))) != repr(known[row]):
                    raise DataError(
                        f'{where} has another target of "{name}" when it is read again. Samples have to be the same '
                        "each time: draw nothing at random, or from a seed of the sample."
                    )
            found = self._picture(picture, where)
            pictures.append(found)
            for name, task in self.maps.items():
                size, value = (found.shape[1], found.shape[2]), targets.get(name)
                try:
                    made = (
                        missing_map(task.kind, task.n_outputs, size)
                        if value is None
                        else map_of(value, task.kind, task.n_outputs, size)
                    )
                    maps[name].append(made)
                except DataError as fault:
                    raise DataError(f'{where}, target "{name}": {str(fault).rstrip(".")}.') from None
        return np.stack(pictures), {name: np.stack(found) for name, found in maps.items()}

    def _picture(self, value: Any, where: str) -> NDArray[np.uint8]:  # noqa: ANN401
        try:
            found = picture_of(value, self.size)
        except DataError as fault:
            raise DataError(f"{where}: {str(fault).rstrip('.')}.") from None
        if self._shape is None:
            self._shape = found.shape
        if found.shape != self._shape:
            raise DataError(
                f"{where} is {found.shape[1]} × {found.shape[2]} pixels, and the first one {self._shape[1]} × "
                f"{self._shape[2]}. Give all one size, or write size = … below [dataset]."
            )
        return found

    def _pair(self, sample: Any, split: str, row: int) -> tuple[Any, Mapping[str, Any]]:  # noqa: ANN401
        if not isinstance(sample, tuple | list) or len(sample) != 2 or not isinstance(sample[1], Mapping):
            raise DataError(
                f"Sample {row} of {split} of {self.reference} is a {type(sample).__name__[:40]}; it should be "
                "(picture, {task: target})."
            )
        return sample[0], sample[1]

    def _iterated(self, split: str) -> Iterator[Any]:
        found = self._split(split)
        if callable(found) and not hasattr(found, "__getitem__"):
            return iter(found())
        if hasattr(found, "__len__") and hasattr(found, "__getitem__"):
            return (found[row] for row in range(len(found)))
        return iter(found)

    def _split(self, split: str) -> Any:  # noqa: ANN401
        found = _part(self.given, split)
        if found is None:
            raise DataError(f"{self.reference} gives no {split}. Return train, validation and test.")
        once = hasattr(found, "__next__")
        if once or not (callable(found) or hasattr(found, "__getitem__") or hasattr(found, "__iter__")):
            raise DataError(
                f"The {split} of {self.reference} is a {type(found).__name__[:40]}, which can't be read twice. Give a "
                "list, something with __len__ and __getitem__, or a function that returns the samples anew."
            )
        return found

    def _one(self, split: str, row: int) -> Any:  # noqa: ANN401
        found = self._split(split)
        if hasattr(found, "__len__") and hasattr(found, "__getitem__"):
            return self._call(lambda: found[row], split, row)
        if self._cursor is None or self._cursor[0] != split or self._cursor[1] > row:
            self._cursor = split, 0, self._call(lambda: self._iterated(split), split, 0)
        _, at, samples = self._cursor
        for place in range(at, row + 1):
            try:
                sample = self._call(lambda: next(samples), split, place)
            except StopIteration:
                raise DataError(f"{split} of {self.reference} has fewer samples than before. Give the same.") from None
        self._cursor = split, row + 1, samples
        return sample

    def _guarded(self, split: str) -> Iterator[Any]:
        samples, row = self._call(lambda: self._iterated(split), split, 0), 0
        while True:
            try:
                sample = self._call(lambda: next(samples), split, row)
            except StopIteration:
                return
            yield sample
            row += 1

    def _call(self, read: Callable[[], Any], split: str, row: int) -> Any:  # noqa: ANN401
        try:
            return read()
        except (StopIteration, DataError):
            raise
        except Exception as error:
            first = (str(error).strip().splitlines() or [""])[0][:200].rstrip(".")
            raise DataError(
                f"Sample {row} of {split} of {self.reference} fails in {_place(error, self.reference)}: "
                f"{type(error).__name__}: {first}."
            ) from None
