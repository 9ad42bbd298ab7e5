"""Rows of metrics as they were measured: which network, which task, which metric, which value and seed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.backbones.backbone import MAX_BLOCKS
from core.errors import DataError, LayoutError, TableError
from core.estimators.sheet import ROW_INDEX, Percentage, Row, Sheet, add_seed, cell_text, is_empty, shown
from core.estimators.task_labels import are_indices
from core.layouts import Layout
from core.tasks import METRICS, Metric, check_task_name

LARGEST_SEED: Final = 2**31 - 1
# Reading them takes four seconds.
MOST_ROWS: Final = 80_000
NEEDED: Final = ("task", "metric", "value")
# Of which network a value is: its tasks, and what they share.
_TASKS: Final = ("task_a", "task_b", "pair", "tasks")
_SHARED: Final = ("branch_point", "layout")
_KNOWN: Final = (*NEEDED, "direction", "seed", *_TASKS, *_SHARED)
_BETWEEN: Final = re.compile(r"[|;,+&]")
_HIGHER: Final = frozenset(
    ("higher", "up", "max", "maximize", "maximise", "larger", "+", "+1", "1", "true", "yes", "↑")
)
_LOWER: Final = frozenset(
    ("lower", "down", "min", "minimize", "minimise", "smaller", "-", "−", "-1", "−1", "0", "false", "no", "↓")
)
_USUAL: Final = {metric.name.casefold(): metric.higher_is_better for kind in METRICS.values() for metric in kind} | {
    **dict.fromkeys(("acc", "top-1", "f1", "auc", "ap", "map", "iou", "miou", "precision", "recall", "psnr"), True),
    **dict.fromkeys(("loss", "error", "mae", "mse", "rmse", "l1", "abs err", "rel err"), False),
}


@dataclass(frozen=True, slots=True)
class Network:
    """A trained network: its tasks as a file calls them, and what they share.

    Args:
        tasks: One of a single-task network.
        shared: How many leading blocks two tasks share; 0 for other numbers of tasks.
        layout: Which of ``tasks`` share each block; None where the branch point of two says it.
    """

    tasks: tuple[str, ...]
    shared: int = 0
    layout: Layout | None = None

    @property
    def is_single(self) -> bool:
        """Whether nothing is shared in it, so that it is as good as a network of one task."""
        return len(self.tasks) == 1 or (len(self.tasks) == 2 and not self.shared)

    def layout_text(self, index: Mapping[str, int], n_blocks: int) -> str:
        """Return its layout in the numbers of tasks.

        Args:
            index: Task as the file calls it → its number.
            n_blocks: Of the backbone; says where a network of two tasks ends that is given by its branch point.
        """
        layout = self.layout
        if layout is None:
            together, apart = [[0, 1]], [[0], [1]]
            layout = Layout.of([*[together] * self.shared, *[apart] * (n_blocks - self.shared)])
        return Layout.of(
            [[[index[self.tasks[task]] for task in group] for group in block] for block in layout.partitions]
        ).to_text()


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One value.

    Args:
        row: Where it stands.
        network: Whose it is.
        task: One of the network's.
        metric: Its name.
        value: What was measured.
        seed: 0 where the file has none.
    """

    row: Row
    network: Network
    task: str
    metric: str
    value: float
    seed: int


def has_metrics(sheet: Sheet) -> bool:
    """Return whether a sheet holds metrics instead of Δ."""
    return sheet.has(["metric", "value"])


def metric_rows(sheet: Sheet) -> tuple[list[MetricRow], dict[str, dict[str, Metric]]]:
    """Return the rows of a sheet that have a value, and task → name → metric with its direction.

    The columns are ``task``, ``metric`` and ``value``, perhaps ``direction`` and ``seed``; ``task_a`` and ``task_b``,
    or ``tasks`` (``a+b``), say which network a value is of, with ``branch_point`` or ``layout``. A single-task network
    has one task. A direction is needed once for each metric that is not a usual one.

    Raises:
        TableError: A column is missing or not known, a cell can't be read, or a metric has two directions or none.
    """
    for title in filter(None, sheet.header):
        if title.casefold() not in (*_KNOWN, ROW_INDEX):
            raise TableError(
                f'Column "{shown(title)}" of {sheet.name} is not known. A table of metrics has task, metric and value, '
                "task_a and task_b (or tasks), branch_point or layout, and perhaps direction and seed. Remove others."
            )
    place = {title: sheet.column(title) for title in _KNOWN if title in NEEDED or sheet.has([title])}
    found = list(_rows(sheet, place))
    if not found:
        raise TableError(f"{sheet.name} has a header and no values. Add one row per value.")
    _check_percentages(sheet, place["value"], found)
    return found, _metrics(sheet, place, found)


def _rows(sheet: Sheet, place: Mapping[str, int]) -> Iterator[MetricRow]:
    if len(sheet.rows) > MOST_ROWS:
        raise TableError(
            f"{sheet.name} has {len(sheet.rows):,} rows of metrics; at most {MOST_ROWS:,} are read. Leave out metrics "
            "or seeds, or give Δ instead."
        )
    seeds = set[int]()
    # Every task, metric and seed repeats the layouts.
    read: dict[str, Network] = {}
    for row in sheet.rows:
        value = sheet.number(row, place["value"])
        if value is None:
            continue
        task = sheet.text(row, place["task"])
        network = _network(sheet, row, place, task, read)
        if task not in network.tasks:
            sheet.refuse(row, place["task"], f"no task of its network: {shown(', '.join(network.tasks))}. Name one")
        seed = sheet.integer(row, place["seed"], LARGEST_SEED) if "seed" in place else 0
        add_seed(seeds, seed, sheet, row)
        yield MetricRow(row, network, task, sheet.text(row, place["metric"]), value, seed)


def _network(sheet: Sheet, row: Row, place: Mapping[str, int], task: str, read: dict[str, Network]) -> Network:
    """Return the network of a row; ``read`` keeps those of layouts by their text."""
    given = {title: cell_text(row.cells[place[title]]) for title in (*_TASKS, *_SHARED) if title in place}
    if text := given.get("layout"):
        if text not in read:
            read[text] = _of_layout(sheet, row, place["layout"])
        return read[text]
    words = [word.strip("() ") for title in _TASKS[2:] for word in _BETWEEN.split(given.get(title, ""))]
    words = [word for word in (given.get("task_a", ""), given.get("task_b", ""), *words) if word]
    tasks = tuple(dict.fromkeys(words)) or (task,)
    if len(tasks) == 1:
        return Network(tasks)
    column = place.get("branch_point", place.get("layout"))
    if len(tasks) == 2 and column is not None and "branch_point" in place and not is_empty(row.cells[column]):
        return Network(tasks, sheet.integer(row, column, MAX_BLOCKS))
    raise TableError(
        f"Row {row.number} of {sheet.name} has the tasks {shown(', '.join(tasks))}, but does not say what they share. "
        f'Fill in {"branch_point or " if len(tasks) == 2 else ""}layout, as in "a,b | a;b".'
    )


def _of_layout(sheet: Sheet, row: Row, column: int) -> Network:
    text = cell_text(row.cells[column])
    try:
        nested = _checked(json.loads(text)) if text.startswith("[") else _nested(text)
        tasks = tuple(dict.fromkeys(str(task) for block in nested for group in block for task in group))
        for task in tasks:
            check_task_name(task)
        if are_indices(tasks):
            tasks = tuple(sorted(tasks, key=int))
        index = {task: number for number, task in enumerate(tasks)}
        layout = Layout.of([[[index[str(task)] for task in group] for group in block] for block in nested])
    except (ValueError, TypeError, RecursionError):
        sheet.refuse(row, column, 'which is no layout. Write it as in "a,b | a;b"')
    except (LayoutError, DataError) as fault:
        raise TableError(f'Row {row.number}, column "layout" of {sheet.name}: {fault}') from None
    shared = sum(len(partition) == 1 for partition in layout.partitions) if len(tasks) == 2 else 0
    return Network(tasks, shared, layout)


def _checked(nested: Any) -> Any:  # noqa: ANN401  # any decoded document
    if not all(isinstance(group, list) for block in nested for group in block):
        raise TypeError
    return nested


def _nested(text: str) -> list[list[list[str]]]:
    return [
        [[task.strip() for task in group.split(",") if task.strip()] for group in block.split(";")]
        for block in text.split("|")
    ]


def _metrics(sheet: Sheet, place: Mapping[str, int], rows: Sequence[MetricRow]) -> dict[str, dict[str, Metric]]:
    said: dict[tuple[str, str], bool] = {}
    for each in rows:
        key, cell = (each.task, each.metric), each.row.cells[place["direction"]] if "direction" in place else None
        if is_empty(cell):
            continue
        word = cell_text(cell).casefold()
        if word not in _HIGHER and word not in _LOWER:
            sheet.refuse(each.row, place["direction"], 'which is no direction. Write "higher" or "lower"')
        if said.setdefault(key, word in _HIGHER) != (word in _HIGHER):
            sheet.refuse(each.row, place["direction"], f"the opposite of another row of {shown(each.metric)}. Keep one")
    found: dict[str, dict[str, Metric]] = {}
    for each in rows:
        higher = said.get((each.task, each.metric), _USUAL.get(each.metric.casefold()))
        if higher is None:
            raise TableError(
                f'{sheet.name} does not say whether more or less "{shown(each.metric)}" is better. Write "higher" or '
                '"lower" in a column direction.'
            )
        found.setdefault(each.task, {})[each.metric] = Metric(each.metric, higher)
    return found


def _check_percentages(sheet: Sheet, column: int, rows: Sequence[MetricRow]) -> None:
    """Refuse a metric that is a percentage in one row and a share in another."""
    seen: dict[tuple[str, str], bool] = {}
    for each in rows:
        cell: Any = each.row.cells[column]
        percent = isinstance(cell, Percentage) or (isinstance(cell, str) and cell.strip().endswith("%"))
        if seen.setdefault((each.task, each.metric), percent) != percent and each.value:
            words = "with a percent sign and in other rows without" if percent else "and in other rows a percentage"
            sheet.refuse(each.row, column, f"{words}. Write {shown(each.metric)} the same everywhere")
