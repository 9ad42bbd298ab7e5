"""The honest baseline of a hierarchy: one network for the finest task, whose answer also gives all coarser ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.families.multipath.payload import MultiPathPayload
from core.families.single.gain import delta
from core.runs.result import SPLITS, RunResult, Split
from core.tasks import Task

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FineAlone:
    """What the single-task network of the finest task reaches at every task.

    Args:
        fine: Number of the finest task.
        gains: Split → Δ against the single-task network of each task, percent, ``[n_seeds, n_tasks]``; 0 for the
            finest task, NaN where a run is missing.
        values: Split → share of right answers, ``[n_seeds, n_tasks]``.
    """

    fine: int
    gains: Mapping[Split, Array] = field(repr=False)
    values: Mapping[Split, Array] = field(repr=False)


def fine_alone(
    tasks: Sequence[Task], singles: Sequence[Sequence[RunResult | None]], payloads: Iterable[MultiPathPayload]
) -> FineAlone | None:
    """Return what one task's single-task network reaches at all tasks; None where they are no hierarchy.

    Nothing is trained for it: the counts of true and answered classes say how often the coarser class is right.

    Args:
        tasks: In index order.
        singles: The single-task networks of each seed, ``[n_seeds][n_tasks]``.
        payloads: Of trained multi-path networks, which say which class of one task lies in which of another.
    """
    above = next((payload.above for payload in payloads if payload.above), {})
    for fine, task in enumerate(tasks):
        levels = [
            tuple(range(task.n_outputs)) if coarse is task else above.get(coarse.name, {}).get(task.name, ())
            for coarse in tasks
        ]
        if len(tasks) > 1 and all(len(level) == task.n_outputs for level in levels):
            return _of(fine, tasks, levels, singles)
    return None


def share_right(counts: Sequence[Sequence[int]], level: Sequence[int]) -> float:
    """Return how often the coarser class of the answer is right; NaN of no answers.

    Args:
        counts: True class by answered class, ``[n_classes, n_classes]``.
        level: Coarser class of each class, ``[n_classes]``.

    >>> share_right([[3, 1, 0], [1, 3, 0], [0, 1, 1]], (0, 0, 1))
    0.9
    """
    found, coarser = np.asarray(counts, dtype=np.int64), np.asarray(level)
    if found.shape != (len(coarser),) * 2 or not found.sum():
        return float("nan")
    return float(found[coarser[:, None] == coarser].sum() / found.sum())


def _of(
    fine: int,
    tasks: Sequence[Task],
    levels: Sequence[Sequence[int]],
    singles: Sequence[Sequence[RunResult | None]],
) -> FineAlone:
    shape = (len(singles), len(tasks))
    gains = {split: np.full(shape, np.nan) for split in SPLITS}
    values = {split: np.full(shape, np.nan) for split in SPLITS}
    for s, row in enumerate(singles):
        network = row[fine]
        for split in SPLITS if network is not None else ():
            assert network is not None
            counts = network.confusion.get(split, {}).get(tasks[fine].name, [])
            for t, (task, level) in enumerate(zip(tasks, levels, strict=True)):
                right = share_right(counts, level)
                values[split][s, t] = right
                if np.isfinite(right):
                    gains[split][s, t] = delta({"accuracy": right}, row[t], split, task)
    return FineAlone(fine, gains, values)
