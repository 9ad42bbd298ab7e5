"""Δ against single-task networks, computed from metrics as they were measured."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import DataError, TableError
from core.estimators.metric_rows import MetricRow, Network, metric_rows
from core.estimators.sheet import Row, Sheet, shown
from core.estimators.task_labels import are_indices
from core.tasks import Metric, relative_performance

_TIDY: Final = ("task_a", "task_b", "branch_point", "task", "value")
Metrics = Mapping[str, Mapping[str, Metric]]


def tidy_sheet(sheet: Sheet) -> tuple[Sheet, tuple[str, ...]]:
    """Return a sheet of metrics as one of Δ of two-task networks, and what has to be said of it.

    Every seed of a network is compared with the single-task networks of its own seed where all have some, else with
    the mean of theirs. A network of two tasks that share nothing counts as two single-task ones; those of more than
    two say nothing of pairs.

    Raises:
        TableError: As ``metric_rows``; or metrics are missing, there twice, or almost zero in single-task networks.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §4.1.
    """
    rows, metrics = metric_rows(sheet)
    wanted = [row for row in rows if len(row.network.tasks) == 2 and not row.network.is_single]
    if not wanted:
        raise TableError(f"{sheet.name} has metrics, but none of two tasks that share blocks. Add such networks.")
    gains = _gains(sheet, rows, wanted, metrics)
    cells = [
        (gain.row.number, (*gain.network.tasks, gain.network.shared, gain.task, gain.value), gain.seed)
        for gain in gains.values
    ]
    larger = len({row.network for row in rows if len(row.network.tasks) > 2})
    more = (f"Networks of three tasks and more say nothing of pairs; left out: {larger}.",) if larger else ()
    return _like(sheet, _TIDY, cells), (*gains.remarks, *more)


def layouts_sheet(sheet: Sheet, tasks: Sequence[str], n_blocks: int) -> Sheet:
    """Return a sheet of metrics as one of trained layouts of all tasks, with Δ of each; other networks are left out.

    Args:
        sheet: As for ``tidy_sheet``.
        tasks: Names, in index order.
        n_blocks: Of the backbone.

    Raises:
        TableError: As ``tidy_sheet``; or it has other tasks, no layout of all, or a layout lacks a task.
    """
    rows, metrics = metric_rows(sheet)
    index = _index(sheet, list(dict.fromkeys(row.task for row in rows)), tasks)
    wanted = [row for row in rows if len(row.network.tasks) == len(tasks)]
    if not wanted:
        raise TableError(
            f"{sheet.name} has metrics, but of no network of all {len(tasks)} tasks. Name them in a column layout."
        )
    found: dict[tuple[Network, int], dict[int, float]] = defaultdict(dict)
    numbers: dict[tuple[Network, int], int] = {}
    for gain in _gains(sheet, rows, wanted, metrics).values:
        found[gain.network, gain.seed][index[gain.task]] = gain.value
        numbers.setdefault((gain.network, gain.seed), gain.row.number)
    cells = []
    for (network, seed), values in found.items():
        missing = [task for number, task in enumerate(tasks) if number not in values]
        text = network.layout_text(index, n_blocks)
        if missing:
            raise TableError(
                f'{sheet.name} has no metrics of "{shown(missing[0])}" in the layout {shown(text)} of seed {seed}. '
                "Add them, or leave the layout out."
            )
        cells.append((numbers[network, seed], (text, *(values[number] for number in range(len(tasks)))), seed))
    return _like(sheet, ("layout", *map(str, range(len(tasks)))), cells)


@dataclass(frozen=True, slots=True)
class _Gain:
    network: Network
    seed: int
    task: str
    value: float
    row: Row


@dataclass(frozen=True, slots=True)
class _Gains:
    values: list[_Gain]
    remarks: tuple[str, ...]


def _gains(sheet: Sheet, rows: Sequence[MetricRow], wanted: Sequence[MetricRow], metrics: Metrics) -> _Gains:
    """Return Δ of every task of every network and seed among ``wanted``."""
    alone = _alone(sheet, rows)
    grouped: dict[tuple[Network, int, str], dict[str, MetricRow]] = defaultdict(dict)
    for row in wanted:
        twin = grouped[row.network, row.seed, row.task].setdefault(row.metric, row)
        if twin is not row:
            raise TableError(
                f"Rows {twin.row.number} and {row.row.number} of {sheet.name} give the same value: {shown(row.metric)} "
                f"of {shown(row.task)}, seed {row.seed}. Keep one of them, or distinguish them in a column seed."
            )
    paired = all(row.seed in alone.get((row.task, row.metric), {}) for row in wanted)
    means: dict[tuple[str, str, int], float] = {}
    values = []
    for (network, seed, task), found in grouped.items():
        first = next(iter(found.values())).row
        singles = {name: alone[task, name] for name in metrics[task] if (task, name) in alone}
        kept = [metric for name, metric in metrics[task].items() if name in singles and metric.makes_gain]
        if not kept:
            raise TableError(
                f'{sheet.name} has no metric of the single-task network of "{shown(task)}", which Δ is relative to. '
                "Add its rows, with that task alone."
            )
        missing = [metric.name for metric in kept if metric.name not in found]
        if missing:
            raise TableError(
                f"{sheet.name} lacks {shown(missing[0])} of {shown(task)} in the network of row {first.number}, "
                f"seed {seed}. Add it, or leave the metric out everywhere."
            )
        baseline = {}
        for metric in kept:
            key = (task, metric.name, seed if paired else -1)
            if key not in means:
                means[key] = _mean(singles[metric.name], seed if paired else None)
            baseline[metric.name] = means[key]
        try:
            gain = relative_performance({name: row.value for name, row in found.items()}, baseline, kept)
        except DataError as fault:
            raise TableError(f'{sheet.name}, task "{shown(task)}": {fault}') from None
        values.append(_Gain(network, seed, task, gain, first))
    return _Gains(values, _remarks(sheet, wanted, metrics, alone, paired=paired))


def _alone(sheet: Sheet, rows: Iterable[MetricRow]) -> dict[tuple[str, str], dict[int, list[float]]]:
    """Return (task, metric) → seed → values of networks that share nothing."""
    found: dict[tuple[str, str], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    single: dict[tuple[Network, str, str, int], MetricRow] = {}
    for row in rows:
        if not row.network.is_single:
            continue
        twin = single.setdefault((row.network, row.task, row.metric, row.seed), row)
        if twin is not row:
            raise TableError(
                f"Rows {twin.row.number} and {row.row.number} of {sheet.name} give {shown(row.metric)} of "
                f"{shown(row.task)} alone twice. Keep one of them, or distinguish them in a column seed."
            )
        found[row.task, row.metric][row.seed].append(row.value)
    return found


def _mean(seeds: Mapping[int, Sequence[float]], seed: int | None) -> float:
    values = [value for each in seeds.values() for value in each] if seed is None else seeds[seed]
    return sum(values) / len(values)


def _remarks(
    sheet: Sheet,
    wanted: Sequence[MetricRow],
    metrics: Metrics,
    alone: Mapping[tuple[str, str], object],
    *,
    paired: bool,
) -> tuple[str, ...]:
    n_seeds = len({row.seed for row in wanted})
    against = "those of the same seed" if paired and n_seeds > 1 else "the mean of their seeds"
    said = [
        f"{sheet.name} holds metrics; Δ was computed against single-task networks"
        + (f", {against}." if sheet.has(["seed"]) else ".")
    ]
    left = sorted(
        {
            name
            for task in {row.task for row in wanted}
            for name, metric in metrics[task].items()
            if not metric.makes_gain or (task, name) not in alone
        }
    )
    if left:
        said.append(
            f"Left out of Δ: {shown(', '.join(left), 120)}, which may be zero or was not measured for single tasks."
        )
    return tuple(said)


def _index(sheet: Sheet, labels: Sequence[str], tasks: Sequence[str]) -> dict[str, int]:
    """Return task as the file calls it → number; a number counts from where the file's numbers start."""
    if are_indices(labels) and not set(labels) <= {*tasks}:
        first = min(map(int, labels))
        found = {label: int(label) - min(first, 1) for label in labels}
    else:
        found = {label: tasks.index(label) if label in tasks else len(tasks) for label in labels}
    strange = [label for label, number in found.items() if not 0 <= number < len(tasks)]
    if strange:
        raise TableError(
            f'{sheet.name} has the task "{shown(strange[0])}", which the table has not. It has: '
            f"{shown(', '.join(tasks), 120)}. Call tasks the same in both."
        )
    return found


def _like(sheet: Sheet, header: tuple[str, ...], rows: Iterable[tuple[int, tuple[object, ...], int]]) -> Sheet:
    """Return a sheet of rows, each with its number, cells and seed; seeds become a column where ``sheet`` has them."""
    has_seed = sheet.has(["seed"])
    return Sheet(
        sheet.name,
        (*header, "seed") if has_seed else header,
        tuple(Row(number, (*cells, seed) if has_seed else cells) for number, cells, seed in rows),
        title=sheet.title,
        others=sheet.others,
        hidden=sheet.hidden,
    )
