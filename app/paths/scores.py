"""What the multi-path networks of a study reached, as tables: tasks × exits, trained networks, rivals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.families.multipath.exit_words import exit_words
from app.ui.formatting import ONE_SEED, listed, minus, percent, plural
from app.ui.written_table import Writer
from core.backbones import Backbone
from core.costs import CostQuestion, Unit
from core.families.multipath.distillation import Distillation
from core.families.multipath.points import network_cost, path_costs
from core.families.multipath.results import MultiPathResults
from core.families.rivals.points import mean_cost
from core.families.rivals.results import RivalResults
from core.plane.interval import t_interval
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
_UNKNOWN = (float("nan"), float("nan"))
SPLIT_WORDS: dict[Split, str] = {"validation": "Validation split", "test": "Test split"}
_LOSSES = {
    "none": "labels only",
    "doubled": "twice the labels",
    "literal": "literal, α {alpha:g}, T {temperature:g}",
    "additive": "additive, α {alpha:g}, T {temperature:g}",
    "swapped": "swapped, α {alpha:g}, T {temperature:g}",
}


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean over seeds with its 90 % interval.

    Args:
        value: NaN where no seed is measured.
        interval: Its ends; None with fewer than two seeds.
        n_seeds: How many are measured.
    """

    value: float
    interval: tuple[float, float] | None
    n_seeds: int

    @classmethod
    def of(cls, values: Sequence[float] | Array) -> "Mean":
        """Return the mean of what is measured."""
        known = [float(value) for value in values if np.isfinite(value)]
        return cls(sum(known) / len(known) if known else float("nan"), t_interval(known), len(known))

    @property
    def half(self) -> float:
        """Half the width of the interval; NaN without one."""
        return float("nan") if self.interval is None else (self.interval[1] - self.interval[0]) / 2

    @property
    def written(self) -> str:
        """The mean as a gain, with half its interval where there is one."""
        return self.in_digits(1)

    def in_digits(self, digits: int) -> str:
        """Return the mean as a gain with so many digits, and half its interval where there is one."""
        gain = percent(self.value, digits)
        return gain if self.interval is None else f"{gain.removesuffix(' %')} ± {self.half:.{digits}f} %"


def exit_names(results: MultiPathResults) -> list[str]:
    """Return the names of the exits on the screen, with their numbers."""
    return [f"{number}: {exit_words(name)}" for number, name in enumerate(results.exit_names, start=1)]


def cells(values: Array) -> list[list[Mean]]:
    """Return the mean over seeds of every cell.

    Args:
        values: ``[n_seeds, n_tasks, n_exits]``.
    """
    return [[Mean.of(values[:, task, exit_]) for exit_ in range(values.shape[2])] for task in range(values.shape[1])]


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


def seeds_sentence(found: Array, split: Split) -> str:
    """Return the split, seeds and interval that numbers stand for.

    Args:
        found: ``[n_seeds, …]``; a seed with a missing number is not counted.
        split: Where it was measured.
    """
    return f"{SPLIT_WORDS[split]}, equal task weights, {seeds_words(found)}."


def seeds_words(found: Array) -> str:
    """Return the seeds and the interval that numbers stand for.

    Args:
        found: ``[n_seeds, …]``; a seed with a missing number is not counted.
    """
    n = int(np.isfinite(found.reshape(len(found), -1)).all(axis=1).sum())
    return f"{plural(n, 'seed')}; {ONE_SEED if n == 1 else '90 % intervals of the mean over seeds'}"


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


def value_writer(values: Sequence[float] | Array) -> Writer:
    """Return how some values are written: with four digits of the largest, and so many decimals for all.

    >>> write = value_writer([0.818, 0.8817])
    >>> write(0.818), write(0.8817), value_writer([12.34, 5.0])(5.0)
    ('0.8180', '0.8817', '5.00')
    """
    largest = max((abs(float(value)) for value in values if np.isfinite(value)), default=1.0)
    decimals = min(max(3 - math.floor(math.log10(largest)), 0), 8) if largest else 3
    return lambda value: minus(f"{value:.{decimals}f}")


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
