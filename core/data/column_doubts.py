"""Columns of a label file that only people can read rightly: splits in another form, thousands or decimals."""

import re
from collections.abc import Sequence
from typing import Final

from core.cell_number import AmbiguousNumberError, decimal_marks, number_of
from core.data.dataset import SPLITS
from core.data.label_columns import key_of
from core.data.split_words import SPLIT, may_say_split
from core.errors import printable

_SHOWN: Final = 60
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})")


def column_doubt(title: str, cells: Sequence[str], file: str, *, semicolons: bool, has_splits: bool) -> str:
    """Return what has to be asked of a column unless its kind is said; empty where nothing is in doubt.

    Args:
        title: Of the column.
        cells: Its text; an empty one is a missing label.
        file: Where it stands.
        semicolons: Whether cells are parted by semicolons, as where a point parts thousands.
        has_splits: Whether another column says the splits.
    """
    where, filled = f'Column "{printable(title, _SHOWN)}" of {file}', [cell for cell in cells if cell]
    no_task = f'If it is no task, write {key_of(title)} = "ignore" below [dataset.kinds].'
    if not has_splits and may_say_split(title, filled):
        return (
            f"{where} looks like splits, but its cells are not those of one. Call it {SPLIT} and write "
            f'{", ".join(SPLITS)} in it; if it is a task, write {key_of(title)} = "classification" below '
            f"[dataset.kinds]. {no_task}"
        )
    if (cell := _ambiguous(filled)) and all(c in ".,+- " or c.isdigit() for text in filled for c in text):
        return f'{where} holds "{printable(cell, _SHOWN)}". Thousands or decimals? Write 1000, or 1.0. {no_task}'
    # Whole numbers below a thousand have no point in either reading.
    pointed = [text for text in filled if not text.isdigit()]
    if semicolons and pointed and all(map(_THOUSANDS.fullmatch, pointed)):
        return (
            f'{where} holds "{printable(pointed[0], _SHOWN)}". Thousands or decimals? Write thousands without a point; '
            f'if they are decimals, write {key_of(title)} = "regression" below [dataset.kinds]. {no_task}'
        )
    return ""


def _ambiguous(filled: Sequence[str]) -> str:
    marks = decimal_marks(filled)
    for cell in filled:
        try:
            number_of(cell, decimal=marks)
        except AmbiguousNumberError:
            return cell
    return ""
