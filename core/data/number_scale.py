"""Mean and standard deviation of the numbers of a regression task, from its training split alone."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.splits import Rows
from core.errors import DataError
from core.tasks import Kind, Task

_DIGITS: Final = 9
# Of the standard deviation: steps of single precision that are wider change what a network learns and reaches.
_COARSE: Final = 0.01


def check_precision(values: NDArray[np.generic], where: str) -> None:
    """Check that single precision, in which networks are trained, tells numbers apart.

    Args:
        values: In double precision, NaN where one is missing, ``[n, …]``; each column for itself.
        where: They stand, for messages.

    Raises:
        DataError: Its steps are wide beside the numbers' standard deviation.
    """
    for column in values.reshape(len(values), -1).T.astype(np.float64):
        known = column[~np.isnan(column)]
        if len(known) < 2 or known.min() == known.max() or not np.isfinite(known).all():
            continue
        largest = float(np.abs(known).max())
        step = float(np.spacing(np.float32(largest)))
        middle = float(known.mean())
        if step <= _COARSE * float((known - middle).std()):
            continue
        way_out = (
            f"Subtract {middle:.6g} from all of them"
            if known.min() * known.max() > 0 and largest > 1e-30
            else "Write them in a smaller unit"
        )
        raise DataError(
            f"{where} holds numbers from {known.min():.15g} to {known.max():.15g}; networks count in steps of "
            f"{step:.3g} there, too wide to tell them apart. {way_out}."
        )


def scaled(task: Task, target: NDArray[np.generic], train: Rows) -> Task:
    """Return a regression task with mean and standard deviation of its numbers; other tasks as they are.

    Args:
        task: The task.
        target: Its numbers, ``[n_rows, n_numbers]``, NaN where one is missing.
        train: Rows of the training split.

    Raises:
        DataError: Fewer than two different numbers of the training split are known.
    """
    if task.kind is not Kind.REGRESSION:
        return task
    columns = [column[~np.isnan(column)] for column in target[train].astype(np.float64).T]
    spread = [float(column.std()) if len(column) else 0.0 for column in columns]
    if not all(spread):
        raise DataError(
            f'The training split has fewer than two different numbers of "{task.name}", so there is nothing to learn. '
            "Label more pictures of it, or draw the splits with another seed."
        )
    # Nine digits: single precision holds seven, and files stay readable.
    return replace(
        task,
        mean=tuple(float(f"{column.mean():.{_DIGITS}g}") for column in columns),
        std=tuple(float(f"{value:.{_DIGITS}g}") for value in spread),
    )
