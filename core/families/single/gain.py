"""The gain of one task in one network over its single-task network."""

from core.runs.result import Metrics, RunResult, Split
from core.tasks import Task, relative_performance

# As ``relative_performance`` has it: a change relative to less says nothing.
_ZERO = 1e-6


def delta(measured: Metrics, single: RunResult | None, split: Split, task: Task) -> float:
    """Return Δ of a task; NaN where its single-task network is missing, or one of its values is near zero."""
    baseline = {} if single is None else single.metrics.get(split, {}).get(task.name, {})
    names = [metric.name for metric in task.metrics]
    if any(name not in baseline or name not in measured or abs(baseline[name]) < _ZERO for name in names):
        return float("nan")
    return relative_performance(measured, baseline, task.metrics)
