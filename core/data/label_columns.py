"""Tasks made of columns of labels: the kind is guessed from the cells, or said."""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cell_number import AmbiguousNumberError, decimal_marks, number_of
from core.data.missing import MISSING_CLASS
from core.data.number_scale import check_precision
from core.errors import DataError, printable
from core.studies.label_kinds import IGNORE, LabelKind
from core.tasks import MAX_NAME_LENGTH, Kind, Task

MAX_CLASSES: Final = 1000
# More different whole numbers than these may be classes or numbers to predict: only people know.
MAX_UNASKED: Final = 20
LARGEST: Final = 1e15
BETWEEN_LABELS: Final = ";"
# What folders whose names are the labels are called in messages.
FOLDERS: Final = "the class folders"
_IGNORED: Final = f'"{IGNORE}"'
_SHOWN: Final = 60
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}")
# As programs write whole numbers in a column that has gaps.
_WITH_ZEROS: Final = re.compile(r"([+-]?\d{1,15})\.0*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A task made of one column.

    Args:
        task: Its name and kind.
        class_names: What the classes or labels are called, in order; empty for numbers.
        target: As in ``Samples.targets``, one row per picture.
    """

    task: Task
    class_names: tuple[str, ...]
    target: NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a column holds, before anything is trained.

    Args:
        name: Of the column.
        kind: What it is taken for; None where only people know, or it can be no task.
        question: What has to be said or mended first; empty where nothing is in doubt.
        choices: Kinds it can be.
        n_labelled: Cells that are filled.
        n_missing: Cells that are empty.
        counts: Value → how often, the most frequent first; labels one by one where a cell holds several.
        low: The least number; NaN where the cells are no numbers.
        middle: The median.
        high: The largest number.
    """

    name: str
    kind: Kind | None
    question: str
    choices: tuple[Kind, ...]
    n_labelled: int
    n_missing: int
    counts: tuple[tuple[str, int], ...]
    low: float = math.nan
    middle: float = math.nan
    high: float = math.nan

    @property
    def baseline(self) -> str:
        """What one answer for every picture reaches, in words: the share of the most frequent class, or the median."""
        if not self.n_labelled:
            return ""
        if self.kind is Kind.REGRESSION:
            return f"median {self.middle:.6g}"
        value, times = self.counts[0]
        return f"{100 * times / self.n_labelled:.1f} % {_shown(value)}"

    @property
    def summary(self) -> str:
        """Return in words what it holds: a range of numbers, or classes with the most frequent one."""
        if not self.counts:
            return "nothing"
        if math.isfinite(self.low) and self.kind is not Kind.CLASSIFICATION:
            return f"{self.low:.6g} to {self.high:.6g}, median {self.middle:.6g}; {len(self.counts):,} different values"
        value, times = self.counts[0]
        what = "labels" if self.kind is Kind.MULTI_LABEL else "classes"
        return f"{len(self.counts):,} {what}, {_shown(value)} in {100 * times / self.n_labelled:.1f} %"


def column_of(
    name: str, cells: Sequence[str], kind: LabelKind | None = None, *, file: str = "labels.csv", ask: bool = True
) -> Column:
    """Return the task of a column.

    Words are classes in alphabetic order, a few different whole numbers are classes in numeric order, numbers with
    decimals are numbers to predict. ``a;b`` says that both labels hold, a lone ``;`` that none does.

    Args:
        name: Of the column.
        cells: Its text, one cell per picture; an empty one is a missing label.
        kind: What it is; guessed by default. A list of words is the order of ordinal classes.
        file: Where it stands, for messages.
        ask: Whether many different whole numbers are refused unless ``kind`` says what they are; else they are classes.
            So are names of folders that would be anything but classes.

    Raises:
        DataError: All cells are empty, there is only one class or far too many, a class has one picture only, the
            cells don't fit the kind, or what they are only people know.
    """
    where = f'Column "{_shown(name)}" of {file}'
    try:
        if ask and kind is None and file == FOLDERS:
            _check_folders(name, cells)
        return _column(name, cells, kind, where, ask=ask)
    except DataError as fault:
        if kind is not None or _IGNORED in str(fault):
            raise
        raise DataError(f"{fault} If it is no task, write {key_of(name)} = {_IGNORED} below [dataset.kinds].") from None


def _column(name: str, cells: Sequence[str], kind: LabelKind | None, where: str, *, ask: bool) -> Column:
    filled = [cell for cell in cells if cell]
    if not filled:
        raise DataError(f"{where} is empty. Fill in some labels or remove it.")
    order = () if kind is None or isinstance(kind, str) else kind
    found = Kind.ORDINAL if order else Kind(kind) if isinstance(kind, str) else _guessed(name, filled, where, ask=ask)
    if found is Kind.REGRESSION:
        return _numbers(name, cells, where, ask=ask)
    cells = _without_zeros(cells)
    several = found is Kind.MULTI_LABEL
    if not several and any(BETWEEN_LABELS in cell for cell in cells):
        shown = next(cell for cell in cells if BETWEEN_LABELS in cell)
        raise DataError(f'{where} holds "{_shown(shown)}", two labels. Let it be multi-label, or write one label.')
    counts = Counter(label for cell in cells if cell for label in (_labels(cell) if several else [cell]))
    names = _ordered(counts)
    if found is Kind.ORDINAL:
        names = _of_order(names, order, name, where)
    _check_classes(names, counts, where, several=several)
    number = {label: place for place, label in enumerate(names)}
    if not several:
        target = np.array([number[cell] if cell else MISSING_CLASS for cell in cells], dtype=np.int64)
        return Column(Task.usual(name, found, len(names)), names, target)
    flags = np.full((len(cells), len(names)), np.nan, dtype=np.float32)
    for row, cell in zip(flags, cells, strict=True):
        if cell:
            row[:] = 0
            row[[number[label] for label in _labels(cell)]] = 1
    return Column(Task.usual(name, Kind.MULTI_LABEL, len(names)), names, flags)


def facts_of(
    name: str, cells: Sequence[str], kind: LabelKind | None = None, *, file: str = "labels.csv"
) -> ColumnFacts:
    """Return what a column holds and what it is taken for; a doubt is a question in it, not an error.

    Args:
        name: Of the column.
        cells: Its text, one cell per picture; an empty one is a missing label.
        kind: What it is said to be; guessed by default.
        file: Where it stands, for messages.
    """
    question, taken = "", None
    if kind != IGNORE:
        try:
            taken = column_of(name, cells, kind, file=file).task.kind
        except DataError as fault:
            question = str(fault)
    filled = _without_zeros([cell for cell in cells if cell])
    several = any(BETWEEN_LABELS in cell for cell in filled)
    counts = Counter(label for cell in filled for label in (_labels(cell) if several else [cell]))
    values = np.array([] if several else _values_of(filled) or [], dtype=np.float64)
    choices = [Kind.CLASSIFICATION, *([Kind.ORDINAL, Kind.REGRESSION] if len(values) else [])]
    return ColumnFacts(
        name,
        taken,
        question,
        (Kind.MULTI_LABEL,) if several else tuple(choices),
        n_labelled=len(filled),
        n_missing=len(cells) - len(filled),
        counts=tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0]))),
        **dict(zip(("low", "middle", "high"), np.quantile(values, (0, 0.5, 1)).tolist(), strict=True))
        if len(values)
        else {},
    )


def is_as_ever(cells: Sequence[str], kind: LabelKind) -> bool:
    """Return whether a kind is the one that a column of no said kind has once it is read without asking."""
    filled = [cell for cell in cells if cell]
    try:
        return isinstance(kind, str) and kind == _guessed("", filled, "", ask=False)
    except DataError:
        return False


def _check_folders(name: str, folders: Sequence[str]) -> None:
    """Check that names of folders, which are classes, would not be read as several labels or numbers to predict."""
    if several := [folder for folder in folders if BETWEEN_LABELS in folder]:
        raise DataError(
            f'The folder "{_shown(several[0])}" has a semicolon in its name, which parts two labels. Rename it, or say '
            f'that it means both: {key_of(name)} = "multi-label" below [dataset.kinds].'
        )
    numbers = _values_of(folders)
    if numbers and any(number % 1 for number in numbers):
        raise DataError(
            f'Folders are called by numbers such as "{_shown(folders[0])}". Classes, or numbers to predict? Say which: '
            f'{key_of(name)} = "classification", or "regression", below [dataset.kinds].'
        )


def _guessed(name: str, filled: Sequence[str], where: str, *, ask: bool) -> Kind:
    if any(BETWEEN_LABELS in cell for cell in filled):
        return Kind.MULTI_LABEL
    if all(_WHOLE.fullmatch(cell) or _WITH_ZEROS.fullmatch(cell) for cell in filled):
        numbers = {int(float(cell)) for cell in filled}
        if ask and len(numbers) > MAX_UNASKED:
            raise DataError(
                f"{where} holds {len(numbers):,} different whole numbers from {min(numbers)} to {max(numbers)}. "
                f'Numbers to predict, or classes? Say which: {key_of(name)} = "regression", or "classification", below '
                '[dataset.kinds]; "ordinal" for classes in this order, "ignore" for no task.'
            )
        return Kind.CLASSIFICATION
    marks = decimal_marks(filled)
    values = [_value(cell, marks) for cell in filled]
    if all(value is not None for value in values):
        return Kind.REGRESSION
    decimals = [cell for cell, value in zip(filled, values, strict=True) if value is not None and value % 1]
    if not decimals:
        return Kind.CLASSIFICATION
    word = next(cell for cell, value in zip(filled, values, strict=True) if value is None)
    raise DataError(
        f'{where} holds the number {_shown(decimals[0])} and "{_shown(word)}", which is none. Clear cells that '
        f'hold no number, or say what they are: {key_of(name)} = "classification" below [dataset.kinds].'
    )


def _numbers(name: str, cells: Sequence[str], where: str, *, ask: bool) -> Column:
    marks = decimal_marks(filter(None, cells))
    found = np.full((len(cells), 1), np.nan)
    for place, cell in enumerate(cells):
        if not cell:
            continue
        try:
            value = number_of(cell, decimal=marks)
        except AmbiguousNumberError as fault:
            raise DataError(f'{where} holds "{_shown(cell)}", which may be {fault}. Write a decimal point.') from None
        if value is None or not abs(value) <= LARGEST:
            raise DataError(
                f'{where} holds "{_shown(cell)}", which is no number up to {LARGEST:.0e}. Write one, clear the cell, '
                "or let the column have classes."
            )
        found[place] = value
    if len(np.unique(found[~np.isnan(found)])) < 2:
        raise DataError(f"{where} holds one number only, so there is nothing to learn. Remove it.")
    target = found.astype(np.float32)
    if ask or len(np.unique(target[~np.isnan(target)])) < 2:
        check_precision(found, where)
    return Column(Task.usual(name, Kind.REGRESSION, 1), (), target)


def _of_order(names: tuple[str, ...], order: tuple[str, ...], name: str, where: str) -> tuple[str, ...]:
    if order:
        if strange := [label for label in names if label not in order]:
            raise DataError(
                f'{where} holds "{_shown(strange[0])}", which is not in its order of classes. Add it there.'
            )
        # A class that no picture has can't be learned.
        return tuple(label for label in order if label in names)
    values = _values_of(names)
    if values is None:
        raise DataError(
            f"{where} holds words, whose order nobody knows. List them from the lowest to the highest below "
            f"[dataset.kinds]: {key_of(name)} = {json.dumps([n[:20] for n in names[:3]], ensure_ascii=False)}."
        )
    return tuple(label for _, label in sorted(zip(values, names, strict=True)))


def _values_of(texts: Sequence[str]) -> list[float] | None:
    """Return the numbers of texts; None where one is none."""
    marks = decimal_marks(texts)
    found = [_value(text, marks) for text in texts]
    numbers = [value for value in found if value is not None]
    return numbers if len(numbers) == len(found) else None


def _value(text: str, marks: str) -> float | None:
    try:
        found = number_of(text, decimal=marks)
    except AmbiguousNumberError:
        return None
    return found if found is not None and math.isfinite(found) else None


def _without_zeros(cells: Sequence[str]) -> Sequence[str]:
    """Return whole numbers as such where a program wrote ``1.0`` for all of them; other cells as they are."""
    filled = [cell for cell in cells if cell]
    if not all(_WHOLE.fullmatch(cell) or _WITH_ZEROS.fullmatch(cell) for cell in filled):
        return cells
    return [found[1] if (found := _WITH_ZEROS.fullmatch(cell)) else cell for cell in cells]


def _labels(cell: str) -> list[str]:
    return sorted({label.strip() for label in cell.split(BETWEEN_LABELS)} - {""})


def _ordered(found: Counter[str]) -> tuple[str, ...]:
    if all(_WHOLE.fullmatch(label) for label in found):
        return tuple(sorted(found, key=lambda label: (int(label), label)))
    return tuple(sorted(found))


def _check_classes(names: Sequence[str], found: Counter[str], where: str, *, several: bool) -> None:
    if len(names) > MAX_CLASSES:
        raise DataError(f"{where} has {len(names):,} classes; at most {MAX_CLASSES:,} are allowed.")
    if len(names) < (1 if several else 2):
        raise DataError(f"{where} has one class only, so there is nothing to learn. Remove it.")
    rare = [label for label in names if found[label] < 2]
    if rare:
        raise DataError(
            f'Class "{_shown(rare[0])}" of c{where[1:]} has one picture only. '
            "Add another, merge the class into one that is alike, or leave the cell empty."
        )


def key_of(name: str) -> str:
    """Return a column's name as a key of a TOML file."""
    short = name[:MAX_NAME_LENGTH]
    return short if _BARE_KEY.fullmatch(short) else json.dumps(short, ensure_ascii=False)


def _shown(text: str) -> str:
    return printable(text, _SHOWN)
