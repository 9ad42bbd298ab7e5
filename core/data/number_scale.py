"""Mean and standard deviation of the numbers of a regression task, from its training split alone."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.splits import Rows
from core.errors import DataError
from core.tasks import Kind, Task

_DIGITS: Final = 9


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
