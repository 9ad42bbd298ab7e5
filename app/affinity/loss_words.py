"""Losses of samples in so many digits that the lowest can be told from the others."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from app.ui.formatting import minus

_FEWEST, _MOST = 3, 7


def distinct_losses(losses: NDArray[np.floating]) -> list[list[str]]:
    """Return every loss in words; in each column the lowest reads differently from all that are higher.

    Args:
        losses: ``[n_encoders, n_samples]``; NaN in holes, which have no words.

    >>> distinct_losses(np.array([[0.41], [0.0000412], [0.0000413]]))
    [['0.41'], ['0.0000412'], ['0.0000413']]
    """
    columns = [_column(column) for column in losses.T.tolist()]
    return [list(row) for row in zip(*columns, strict=True)]


def lowest_cells(losses: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Return the cells that hold the lowest loss of their column; all of those that are equal."""
    known = np.where(np.isnan(losses), np.inf, losses)
    cells = np.argwhere((known == known.min(axis=0)) & np.isfinite(known)).tolist()
    return [(row, column) for row, column in cells]


def _column(values: list[float]) -> list[str]:
    known = [value for value in values if value == value]
    for digits in range(_FEWEST, _MOST + 1):
        words = ["" if value != value else significant(value, digits) for value in values]
        lowest = significant(min(known), digits) if known else ""
        if not any(word == lowest and value > min(known) for word, value in zip(words, values, strict=True) if word):
            break
    return words


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits; very small ones as a power of ten.

    >>> significant(0.41234), significant(1.5e-9), significant(0.0), significant(123.4)
    ('0.412', '1.5·10⁻⁹', '0', '123')
    """
    if value and abs(value) < 1e-5:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return minus(f"{Decimal(mantissa).normalize():f}·10{power}")
    return minus(f"{Decimal(f'{value:.{digits}g}').normalize():f}")
