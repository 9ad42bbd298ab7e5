"""Input of the table commands: a two-task table without holes, weights, block costs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
from numpy.typing import NDArray

from app.command.output import say
from app.ui.formatting import no_interval
from core.errors import BudgetError
from core.estimators import TwoTaskTable, estimates
from core.estimators.basis import basis_of
from core.estimators.coverage import interpolation_warnings
from core.estimators.holes import FilledTable
from core.estimators.prediction import Estimator
from core.estimators.resampling import Spread
from core.estimators.table_file import check_measured, file_bytes, read_sheet, table_of
from core.estimators.weights import TaskWeights, weight_warnings
from core.families.layouts.gain_intervals import GainIntervals
from core.layouts import Layout
from core.plain_number import plain_number
from core.plane.interval import LEVEL
from core.selection.choice import COST_RULE, usable_cost
from core.selection.layout_score import GainScore, score_of

Array = NDArray[np.float64]
Command = TypeVar("Command", bound=Callable[..., Any])

table_argument = click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def sheet_option(command: Command) -> Command:
    """Add ``--sheet`` to a command."""
    return click.option(
        "--sheet", metavar="NAME", help="Worksheet of TABLE, if it is a workbook; the first visible one by default."
    )(command)


def costs_option(command: Command) -> Command:
    """Add ``--costs`` to a command."""
    return click.option(
        "--costs", required=True, metavar="C1,C2,…", help="Cost of each block, from the input, in any unit."
    )(command)


def weights_option(command: Command) -> Command:
    """Add ``--weights`` to a command."""
    return click.option(
        "--weights",
        default="svde",
        show_default=True,
        metavar="svde|uniform|paper|W0,W1,…",
        help="Weight of each task; numbers are divided by their sum.",
    )(command)


def estimator_option(command: Command) -> Command:
    """Add ``--estimator`` to a command."""
    return click.option(
        "--estimator",
        type=click.Choice([each.value for each in Estimator]),
        default=Estimator.PAPER.value,
        show_default=True,
        help="How gains are predicted: as the paper does, block by block, or so from a posterior.",
    )(command)


# How the intervals of gains are made, in a sentence.
_INTERVALS = {
    Spread.SEEDS: "Student's intervals over the scores of the table's seeds.",
    Spread.STDERR: Spread.STDERR.value,
    Spread.POSTERIOR: Spread.POSTERIOR.value,
    Spread.TRAINED: Spread.TRAINED.value,
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A table ready for prediction.

    Args:
        measured: The table as it was read.
        filled: The same, its holes filled.
        weighting: Weights of the tasks, and what makes them.
        notes: Remarks on both.
        remarks: What was hidden in the file or assumed when it was read; said on standard error.
        estimator: How gains are predicted.
    """

    measured: TwoTaskTable
    filled: FilledTable
    weighting: TaskWeights
    notes: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    estimator: Estimator = Estimator.PAPER

    @property
    def table(self) -> TwoTaskTable:
        """The table without holes."""
        return self.filled.table

    @property
    def weights(self) -> Array:
        """One weight per task, ``[n_tasks]``, sum 1."""
        return self.weighting.values

    def warnings(self, layout: Layout | None = None) -> tuple[str, ...]:
        """Return what has to be said before the case's predictions, or before one layout is recommended."""
        return (*interpolation_warnings(self.measured, layout), *weight_warnings(self.table.tasks, self.weighting))

    @property
    def intervals(self) -> GainIntervals:
        """Predicted gains with their intervals, as on pages."""
        return GainIntervals(self.measured, self.filled, self.weighting, self.estimator)

    def basis(self) -> dict[str, object]:
        """Return what scores and intervals rest on, for JSON."""
        samples = self.measured.samples
        return {
            "weighting": str(self.weighting.rule),
            "estimator": str(self.estimator),
            "seeds": None if samples is None else len(samples),
            # A table does not say on which split it was measured.
            "split": None,
            "level": LEVEL,
            "interval": self._interval,
        }

    @property
    def _interval(self) -> str:
        found = _INTERVALS.get(self.intervals.spread) or f"{no_interval(self.measured).capitalize()}."
        if self.intervals.spread is Spread.SEEDS and self.measured.holes.any():
            return found.replace(".", "; filled cells widen them.")
        return found

    @property
    def score(self) -> GainScore:
        """What a search maximises."""
        return score_of(self.table.values, self.weights, self.estimator)

    def estimates(self, layout: Layout) -> Array:
        """Return the predicted Δ of every task of a layout, percent, ``[n_tasks]``."""
        return estimates(self.table.values, layout, self.estimator)


def read_case(path: Path, weights: str, sheet: str | None = None, estimator: str = Estimator.PAPER) -> Case:
    """Return the case of a table file.

    Args:
        path: CSV file or workbook.
        weights: ``svde``, ``uniform``, ``paper`` or one number per task.
        sheet: Which worksheet of a workbook; the first visible one by default.
        estimator: How gains are predicted.

    Raises:
        TableError: The file is no two-task table or holds no number, or the weights don't fit it.
    """
    found_sheet = read_sheet(file_bytes(path), path.name, worksheet=sheet)
    table, remarks = table_of(found_sheet)
    for remark in remarks:
        say(f"Note: {remark}", err=True)
    check_measured(table, found_sheet.name)
    n_holes = int(table.holes.sum())
    filled, found = basis_of(table, weights, Estimator(estimator))
    notes = []
    if found_sheet.others and sheet is None:
        notes.append(f"{found_sheet.note} Choose another with --sheet NAME.")
    if n_holes:
        how = "inferred from the others" if estimator == Estimator.BAYES else "interpolated"
        notes.append(
            f"Cells of the table without a number: {n_holes}, empty or in a missing row. "
            f"They were {how} over the branch points."
        )
        orphans = np.argwhere(table.holes[..., 1:].all(axis=-1)).tolist()
        if orphans and estimator != Estimator.BAYES:
            pairs = [f"{table.tasks[task]} with {table.tasks[other]}" for task, other in orphans[:4]]
            pairs += ["…"] * (len(orphans) > 4)
            notes.append(
                f"Without any result: {', '.join(pairs)}. The mean of the task's other pairs stands in for it."
            )
    notes += [found.note] if found.note else []
    return Case(table, filled, found, tuple(notes), remarks, Estimator(estimator))


def read_costs(text: str, n_blocks: int) -> Array:
    """Return the block costs written as ``C1,C2,…``, ``[n_blocks]``.

    Raises:
        BudgetError: They are not one number for each block, 0 or of usable size.
    """
    words = [word.strip() for word in text.split(",")]
    costs = []
    for word in words:
        try:
            value = plain_number(word)
        except ValueError:
            raise BudgetError(
                f"Block cost {word[:40]!r} is no number. Write --costs C1,C2,… with one per block."
            ) from None
        if not usable_cost(value):
            raise BudgetError(
                f"Block cost {word[:40]} should be {COST_RULE}. Write --costs C1,C2,…, perhaps in another unit."
            )
        costs.append(value)
    if len(costs) != n_blocks:
        raise BudgetError(
            f"Block costs should be {n_blocks}, one per block: the table has branch points 0 to {n_blocks}. "
            f"Found {len(costs)}. Write --costs C1,C2,…"
        )
    return np.array(costs, dtype=np.float64)
