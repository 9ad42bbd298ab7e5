"""What single-task networks reached, and the gain of one task in one network over its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.runs.result import Metrics, RunResult, Split
from core.tasks import Task, relative_performance


def delta(measured: Metrics, single: RunResult | None, split: Split, task: Task) -> float:
    """Return Δ of a task; NaN where its single-task network is missing, or one of its values is near zero."""
    baseline = {} if single is None else single.metrics.get(split, {}).get(task.name, {})
    metrics = task.gain_metrics
    if any(metric.name not in baseline or metric.name not in measured for metric in metrics):
        return float("nan")
    if any(abs(baseline[metric.name]) < task.near_zero(metric) for metric in metrics):
        return float("nan")
    return relative_performance(measured, baseline, metrics, task)


def first_values(
    results: Sequence[Sequence[RunResult | None]], tasks: Sequence[Task], split: Split
) -> NDArray[np.float64]:
    """Return the first metric of each task in its network, ``[n_seeds, n_tasks]``; NaN where one is missing.

    Args:
        results: Seed by seed, one for each task: of its single-task network, or of one that has all tasks.
        tasks: In index order.
        split: Where it is measured.
    """
    found = np.full((len(results), len(tasks)), np.nan)
    for s, of_tasks in enumerate(results):
        for t, (result, task) in enumerate(zip(of_tasks, tasks, strict=True)):
            if result is not None:
                found[s, t] = result.metrics[split][task.name][task.metrics[0].name]
    return found
