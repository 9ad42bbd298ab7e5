"""What the multi-path networks of a study reached, as tables: tasks × exits, trained networks, rivals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.families.multipath.exit_words import exit_words
from app.ui.formatting import listed
from app.ui.seed_means import Mean, cells, value_writer
from app.ui.written_table import Writer
from core.backbones import Backbone
from core.costs import CostQuestion, Unit
from core.families.multipath.distillation import Distillation
from core.families.multipath.points import network_cost, path_costs
from core.families.multipath.results import MultiPathResults
from core.families.rivals.points import mean_cost
from core.families.rivals.results import RivalResults
from core.runs.result import Split
from core.tasks import Task

Array = NDArray[np.float64]
COST_WORDS = {
    CostQuestion.STORED: "stored",
    CostQuestion.ALL_TASKS: "cost, all tasks on one input",
    CostQuestion.ONE_TASK: "cost, one active task",
    CostQuestion.RESIDENT: "resident",
}
MATRIX_WORDS = (
    "Gains are those of one network with a head of every task at every exit. Networks trained with the assigned exits "
    "alone may be better or worse; the best of many assignments is usually predicted too well."
)
# Columns of the ends of the 90 % interval of a gain.
ENDS = ("Δ low", "Δ high")
_UNKNOWN = (float("nan"), float("nan"))
_LOSSES = {
    "none": "labels only",
    "doubled": "twice the labels",
    "literal": "literal, α {alpha:g}, T {temperature:g}",
    "additive": "additive, α {alpha:g}, T {temperature:g}",
    "swapped": "swapped, α {alpha:g}, T {temperature:g}",
}


def exit_names(results: MultiPathResults) -> list[str]:
    """Return the names of the exits on the screen, with their numbers."""
    return [f"{number}: {exit_words(name)}" for number, name in enumerate(results.exit_names, start=1)]


def matrix_frame(results: MultiPathResults, split: Split) -> pd.DataFrame:
    """Return one row for every task at every exit: Δ and first metric with their intervals."""
    assert results.matrix is not None
    gains, values = cells(results.matrix.gains[split]), cells(results.matrix.values[split])
    rows = []
    for t, task in enumerate(results.tasks):
        for e, name in enumerate(exit_names(results)):
            gain, value = gains[t][e], values[t][e]
            low, high = gain.interval or _UNKNOWN
            rows.append(
                {
                    "task": task.name, "exit": name, "Δ": gain.value, "Δ low": low, "Δ high": high,
                    "metric": task.metrics[0].name, "value": value.value, "± value": value.half,
                    "seeds": gain.n_seeds,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def loss_words(loss: Distillation) -> str:
    """Return what a network learns from."""
    words = _LOSSES[loss.mix].format(alpha=loss.alpha, temperature=loss.temperature)
    if loss.has_teachers:
        words += ", × T²" if loss.squared else ""
        words += ", KL(teacher‖student)" if loss.direction == "teacher" else ""
    return words


def where_words(assign: Sequence[int], results: MultiPathResults) -> str:
    """Return the exit of each task."""
    return listed([f"{task.name} {exit_ + 1}" for task, exit_ in zip(results.tasks, assign, strict=True)])


def networks_frame(
    results: MultiPathResults, rivals: RivalResults | None, backbone: Backbone, unit: Unit, split: Split
) -> pd.DataFrame:
    """Return one row for each trained network and rival: mean Δ with its interval, value of each task, costs.

    Args:
        results: Of the multi-path networks, at least one of them trained.
        rivals: Of other methods, or None.
        backbone: Of the study.
        unit: Of the costs; each of the questions that go with it has a column.
        split: Where values are measured.
    """
    costs, questions = path_costs(results.exits, backbone, unit), _questions(unit)
    rows = [_single_row(results, split, float(costs[-1]), questions)]
    if (alone := results.fine_alone) is not None:
        rows += [
            {
                "network": f"{results.tasks[alone.fine].name} alone, others read off it",
                "exits": "–",
                "loss": "labels only",
                **_columns(alone.gains[split], alone.values[split], results),
                **{COST_WORDS[each]: float(costs[-1]) for each in questions},
            }
        ]
    rows += [
        {
            "network": network.name, "exits": where_words(network.assign, results), "loss": loss_words(network.loss),
            **_columns(network.gains[split], network.values[split], results),
            **{
                COST_WORDS[each]: network_cost(network.assign, costs, each, results.usage) for each in questions
            },
        }
        for network in results.networks
    ]  # fmt: skip
    rows += [
        {
            "network": method.title, "exits": "–", "loss": "labels only",
            **_columns(method.gains[split], method.values[split], results),
            **{COST_WORDS[each]: _known(mean_cost(method.payloads, backbone, each, unit)) for each in questions},
        }
        for method in (() if rivals is None else rivals.methods)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    # Costs beside the gain that they buy: a table may be wider than the screen.
    first = ["network", "mean Δ", *(COST_WORDS[each] for each in questions), "Δ low", "Δ high"]
    return frame[[*first, *(name for name in frame if name not in first)]]


def cost_column(frame: pd.DataFrame) -> str:
    """Return the first column of costs of a table of networks."""
    return next(words for words in COST_WORDS.values() if words in frame)


def value_writers(frame: pd.DataFrame, tasks: Sequence[Task]) -> dict[str, Writer]:
    """Return how the first metrics of tasks are written: all values of one metric with the same digits.

    Args:
        frame: Of ``networks_frame``.
        tasks: Of the study.
    """
    found: dict[str, Writer] = {}
    for task in tasks:
        alike = [value_column(each) for each in tasks if each.metrics[0].name == task.metrics[0].name]
        found[value_column(task)] = value_writer(frame[alike].to_numpy(dtype=float).ravel())
    return found


def value_column(task: Task) -> str:
    """Return what the column of a task's first metric is called; a task may be called like any other column."""
    return f"{task.name}: {task.metrics[0].name}"


def _known(cost: float | None) -> float:
    """Return a cost; NaN where there is none: a column without any number would have no type."""
    return float("nan") if cost is None else cost


def _questions(unit: Unit) -> list[CostQuestion]:
    return [question for question in CostQuestion if unit in question.units]


def _single_row(
    results: MultiPathResults, split: Split, whole: float, questions: Sequence[CostQuestion]
) -> dict[str, object]:
    values, n_tasks = results.singles[split], len(results.tasks)
    n = int(np.isfinite(values).all(axis=1).sum())
    row: dict[str, object] = {
        "network": "Single-task networks (teachers)", "exits": "–", "loss": "labels only",
        "mean Δ": 0.0 if n else float("nan"), "Δ low": float("nan"), "Δ high": float("nan"),
    }  # fmt: skip
    row |= {value_column(task): Mean.of(values[:, t]).value for t, task in enumerate(results.tasks)}
    of_all = (CostQuestion.STORED, CostQuestion.ALL_TASKS)
    return row | {
        "seeds": n,
        **{COST_WORDS[each]: whole * (n_tasks if each in of_all else 1) for each in questions},
    }


def _columns(gains: Array, values: Array, results: MultiPathResults) -> dict[str, object]:
    mean = Mean.of(gains.mean(axis=1))
    low, high = mean.interval or _UNKNOWN
    found: dict[str, object] = {"mean Δ": mean.value, "Δ low": low, "Δ high": high}
    found |= {value_column(task): Mean.of(values[:, t]).value for t, task in enumerate(results.tasks)}
    return found | {"seeds": mean.n_seeds}
