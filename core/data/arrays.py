"""``arrays``: own pictures and targets in one NPZ file, described by a short TOML; dense targets, too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.array_forms import PICTURES, as_classes, as_pictures, channel_axis
from core.data.arrays_file import ArraysFile, TaskEntry, read_arrays_file
from core.data.dataset import SPLITS
from core.data.missing import MISSING_CLASS, MISSING_PIXEL
from core.data.named_arrays import NamedArrays
from core.data.number_scale import check_precision, scaled
from core.data.source import Source
from core.data.split_words import NUMBERED, split_of
from core.data.splits import Rows, at_most, shared_out
from core.data_roots import allowed
from core.errors import DataError
from core.studies.dataset_specification import ArraysSpecification
from core.tasks import Kind, Task

Array = NDArray[Any]

_LIKE: Final = {
    Kind.CLASSIFICATION: "[n] or [n, 1] of whole numbers, −1 or NaN where missing",
    Kind.ORDINAL: "[n] or [n, 1] of whole numbers in the order of the classes, −1 or NaN where missing",
    Kind.REGRESSION: "[n, n_outputs], or [n] of one number each, NaN where missing",
    Kind.MULTI_LABEL: "[n, n_outputs] of 0 and 1, NaN where missing",
    Kind.SEGMENTATION: "[n, height, width] of whole numbers, 255 where missing",
    Kind.NORMALS: "[n, 3, height, width] of decimal numbers, NaN where missing",
    Kind.DEPTH: "[n, 1, height, width] or [n, height, width] of decimal numbers, NaN where missing",
    Kind.REGRESSION_MAP: "[n, n_outputs, height, width] of decimal numbers, NaN where missing",
}


def arrays_source(specification: ArraysSpecification) -> Source:
    """Return the pictures and targets of an NPZ file.

    Pictures are ``[n, height, width]``, or with 1, 3 or 4 channels first or last, of 8 or 16 bits or of decimal
    numbers from 0 to 1. Where the file has one array per split, its splits stay; else the array ``split``, where named,
    holds 0, 1, 2 or words for training, validation and test; else the splits are drawn.

    Args:
        specification: The TOML file, shares of the splits, seed.

    Raises:
        DataError: TOML or NPZ are missing or unsound, an array is missing or has another
            shape or type than its kind requires, or values out of range.
    """
    toml = allowed(specification.path)
    described = read_arrays_file(toml)
    arrays = NamedArrays.of(npz_of(toml, described))
    own_splits = _own_splits(arrays, described)
    pictures = _pictures(arrays, described.pictures)
    size = (len(pictures), *pictures.shape[2:])
    tasks = {name: Task.usual(name, entry.kind, entry.n_outputs) for name, entry in described.tasks.items()}
    labels = {name: _target(arrays, name, entry, size) for name, entry in described.tasks.items()}
    rows = own_splits or _rows(specification, arrays, described, labels)
    first = next((labels[name] for name, task in tasks.items() if task.kind.is_one_class), np.full(len(pictures), 0))
    sizes = {split: getattr(specification, f"n_{split}") for split in SPLITS}
    rows = at_most(rows, np.asarray(first, np.int64), sizes, np.random.default_rng(specification.seed))
    return Source(
        name="arrays",
        tasks=tuple(scaled(task, labels[name], rows["train"]) for name, task in tasks.items()),
        labels=labels,
        rows=rows,
        pictures=lambda rows: pictures[rows],
        class_names={name: entry.classes for name, entry in described.tasks.items() if entry.classes},
    )


def npz_of(toml: Path, described: ArraysFile) -> Path:
    """Return the path of the NPZ file that a TOML file names, relative to its own folder.

    Raises:
        DataError: It is outside the allowed folders.
    """
    return allowed(toml.parent / described.file)


def _pictures(arrays: NamedArrays, name: str) -> NDArray[np.uint8]:
    header, called = arrays.header(name), f'Pictures "{name}" of {arrays.path.name}'
    # Said by the header, before anything is read.
    if channel_axis(header.shape) is None or header.dtype.kind not in "uibf":
        raise DataError(f"{called} are {header.dtype} {list(header.shape)}. {PICTURES}.")
    found = arrays.read(name)
    sizes = arrays.split_sizes(name)
    if found.dtype.kind == "f" and sizes is not None:
        highest = [float(part.max()) for part in np.split(found, np.cumsum(sizes)[:-1])]
        if min(highest) <= 1 < max(highest):
            words = ", ".join(f"{each:g}" for each in highest)
            raise DataError(
                f"{called} go up to {words} in training, validation and test. Save all splits from 0 to 1, or from "
                "0 to 255."
            )
    return as_pictures(found, called)


def _target(arrays: NamedArrays, name: str, entry: TaskEntry, size: tuple[int, ...]) -> NDArray[np.generic]:
    array, npz = entry.target or name, arrays.path
    header = arrays.header(array)
    whole = entry.kind.is_one_class or entry.kind is Kind.SEGMENTATION
    channels = {Kind.NORMALS: 3, Kind.DEPTH: 1}.get(entry.kind, entry.n_outputs)
    expected = {
        Kind.CLASSIFICATION: size[:1],
        Kind.ORDINAL: size[:1],
        Kind.REGRESSION: (size[0], channels),
        Kind.MULTI_LABEL: (size[0], channels),
        Kind.SEGMENTATION: size,
    }.get(entry.kind, (size[0], channels, *size[1:]))
    # A column of one, and a map of one channel, first or last.
    alike = {expected} | ({(*expected, 1), (size[0], 1, *expected[1:])} if whole else set())
    alike |= {size[:1]} if expected == (size[0], 1) else set()
    alike |= {size, (*size, 1)} if expected == (size[0], 1, *size[1:]) else set()
    if header.shape not in alike or header.dtype.kind not in "fiub" or channels != entry.n_outputs:
        raise DataError(
            f'Target "{array}" of {npz.name} is {header.dtype} {list(header.shape)}, {size[0]} pictures are '
            f'{size[1]} × {size[2]}, and task "{name}" has n_outputs = {entry.n_outputs}. '
            f"A target of kind {entry.kind.value} should be {_LIKE[entry.kind]}."
        )
    found = arrays.read(array).reshape(expected)
    if not whole:
        return _values(name, entry.kind, found)
    numbers = as_classes(found)
    if numbers is None:
        raise DataError(f'Target "{array}" of {npz.name} holds decimal numbers; classes are {_LIKE[entry.kind]}.')
    return _numbers(name, entry, numbers)


def _numbers(name: str, entry: TaskEntry, found: Array) -> Array:
    segmentation = entry.kind is Kind.SEGMENTATION
    numbers = found
    missing = (numbers == MISSING_CLASS) | (segmentation & (numbers == MISSING_PIXEL))
    wrong = numbers[~missing & ((numbers < 0) | (numbers >= entry.n_outputs))]
    if len(wrong):
        raise DataError(
            f'Task "{name}" has n_outputs = {entry.n_outputs}, but a target is {wrong.flat[0]}. '
            f"Class numbers run from 0 to {entry.n_outputs - 1}."
        )
    if not segmentation:
        return numbers
    if entry.n_outputs > MISSING_PIXEL:
        raise DataError(f'Task "{name}" has {entry.n_outputs} classes of pixels; at most {MISSING_PIXEL} are allowed.')
    return np.where(missing, MISSING_PIXEL, numbers).astype(np.uint8)


def _values(name: str, kind: Kind, found: Array) -> Array:
    # What is too large for single precision becomes infinite, which is refused below.
    with np.errstate(over="ignore"):
        values = found.astype(np.float32)
    if np.isinf(values).any():
        raise DataError(f'Task "{name}" has infinite targets. Write NaN where a label is missing.')
    if kind is Kind.REGRESSION:
        check_precision(found, f'Task "{name}"')
    if kind is Kind.MULTI_LABEL and not np.isin(values[~np.isnan(values)], (0, 1)).all():
        raise DataError(f'Task "{name}" has labels other than 0 and 1. Write NaN where a label is missing.')
    if kind is Kind.DEPTH and (values <= 0).any():
        raise DataError(f'Task "{name}" has depths of zero or less. Write NaN where the depth is missing.')
    if kind is Kind.NORMALS:
        length = np.sqrt((values.astype(np.float64) ** 2).sum(axis=1))
        if (np.abs(length - 1) > 0.05).any():
            raise DataError(f'Task "{name}" has normals whose length is not 1. Write NaN where they are missing.')
    return values


def _rows(
    specification: ArraysSpecification,
    arrays: NamedArrays,
    described: ArraysFile,
    labels: Mapping[str, Array],
) -> dict[str, Rows]:
    n = len(next(iter(labels.values())))
    if described.split is None:
        classes = [labels[t] for t, entry in described.tasks.items() if entry.kind.is_one_class]
        rng = np.random.default_rng(specification.seed)
        everything = classes or [np.full(n, MISSING_CLASS)]
        return shared_out(everything, specification.validation, specification.test, rng)
    header = arrays.header(described.split)
    fits = header.shape in ((n,), (n, 1)) and header.dtype.kind in "iuU"
    words = arrays.read(described.split).reshape(n) if fits else np.empty(0)
    meant = {word: NUMBERED.get(str(word)) or split_of(str(word)) for word in np.unique(words).tolist()}
    if {*meant.values()} != {*SPLITS}:
        raise DataError(
            f'Array "{described.split}" of {arrays.path.name} should be [{n}] with 0, 1 and 2, or train, validation '
            "and test, each at least once."
        )
    return {
        split: np.flatnonzero(np.isin(words, [word for word, each in meant.items() if each == split]))
        for split in SPLITS
    }


def _own_splits(arrays: NamedArrays, described: ArraysFile) -> dict[str, Rows] | None:
    """Return the rows of each split where the file has one array per split; None where it has none such."""
    names = [described.pictures, *(entry.target or name for name, entry in described.tasks.items())]
    for name in names:
        arrays.header(name)
    sizes = {name: arrays.split_sizes(name) for name in names}
    first = sizes[described.pictures]
    odd = next((name for name in names if sizes[name] != first), None)
    if odd is not None:
        raise DataError(
            f'"{described.pictures}" and "{odd}" of {arrays.path.name} are not in the same splits: '
            f"{_split_words(first)}, and {_split_words(sizes[odd])}. Give both one array per split, of equal lengths."
        )
    if first is None:
        return None
    if described.split is not None:
        raise DataError(
            f'{arrays.path.name} has one array of "{described.pictures}" per split, and "{described.split}" says '
            "splits, too. Leave out split in the TOML file."
        )
    ends = np.cumsum(first).tolist()
    return {split: np.arange(end - n, end) for split, end, n in zip(SPLITS, ends, first, strict=True)}


def _split_words(sizes: tuple[int, ...] | None) -> str:
    return "one array" if sizes is None else " + ".join(f"{n:,}" for n in sizes)
