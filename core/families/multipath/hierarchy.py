"""Tasks whose classes are parts of those of a coarser task: a fine answer then gives the coarse one, too."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS, Dataset
from core.data.missing import MISSING_CLASS, labelled
from core.tasks import Kind, Task

Classes = NDArray[np.int64]
# (coarse, fine) → coarse class of each fine class.
Levels = dict[tuple[str, str], dict[int, int]]


def pairs_of(data: Dataset, fine: Task, coarse: Task) -> list[tuple[int, int]]:
    """Return the pairs of a fine and a coarse class that some picture of a data set has."""
    found: set[tuple[int, int]] = set()
    for split in SPLITS:
        targets = getattr(data, split).targets
        one, other = (np.asarray(targets[task.name]) for task in (fine, coarse))
        known = labelled(fine.kind, one) & labelled(coarse.kind, other)
        found |= {*zip(one[known].tolist(), other[known].tolist(), strict=True)}
    return sorted(found)


def implied(data: Dataset, fine: Task, coarse: Task) -> dict[int, int] | None:
    """Return the coarse class that each fine class lies in; None where the two are no levels of a hierarchy.

    Args:
        data: Every labelled picture of it is looked at.
        fine: The task with more classes.
        coarse: The task with fewer classes.
    """
    if {fine.kind, coarse.kind} != {Kind.CLASSIFICATION} or fine.n_outputs <= coarse.n_outputs:
        return None
    pairs = pairs_of(data, fine, coarse)
    above = dict(pairs)
    return above if len(above) == len(pairs) == fine.n_outputs else None


def levels(data: Dataset, tasks: Sequence[Task]) -> Levels:
    """Return (coarse, fine) → coarse class of each fine class, for all pairs of levels of a hierarchy."""
    return {
        (coarse.name, fine.name): above
        for coarse in tasks
        for fine in tasks
        if (above := implied(data, fine, coarse)) is not None
    }


def derived_accuracy(answers: Classes, target: Classes, above: Mapping[int, int]) -> float:
    """Return how often the coarse class of a fine answer is right, over what is labelled.

    Args:
        answers: Fine class that a network answers, ``[n]``.
        target: True coarse class, ``[n]``; −1 where missing.
        above: Coarse class of each fine class.

    >>> derived_accuracy(np.array([0, 1, 2, 2]), np.array([0, 0, 0, -1]), {0: 0, 1: 0, 2: 1})
    0.6666666666666666
    """
    known = target != MISSING_CLASS
    table = np.array([above[number] for number in range(len(above))])
    return float((table[answers[known]] == target[known]).mean())
