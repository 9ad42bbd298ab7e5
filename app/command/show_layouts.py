"""The recommendation of a study among sharing layouts, as a document and as lines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.command.output import aligned, number
from app.overview.model import Recommendation
from app.ui.formatting import budget_share, cost_share, percent
from core.costs import Unit
from core.estimators.coverage import interpolation_warnings
from core.estimators.prediction import Estimator
from core.estimators.resampling import LayoutInterval
from core.estimators.weights import weight_warnings
from core.families.layouts.predictions import BudgetView, budget_view
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.plane.point import advised
from core.selection.budget import USUAL_PERCENT, Budget, inclusive
from core.selection.choice import Choice
from core.selection.front_certainty import USUAL_TOLERANCE
from core.studies.study import Study

Array = NDArray[np.float64]
NOT_MEASURED = (
    "No two-task network of this study is trained yet, so there is no recommendation. Train them: "
    "branchwise run STUDY.toml, or the Train page."
)


class LayoutAnswer:
    """What a study answers about its layouts.

    Args:
        study: With or without results.
        unit: Unit of cost.
        budget: As people write it; None for what pages begin with.
        rule: How tasks are weighted.
        estimator: How gains are predicted.

    Raises:
        BudgetError: The budget is none, or below the cheapest layout.
    """

    def __init__(
        self, study: Study, unit: Unit, budget: str | None, rule: str, estimator: Estimator = Estimator.PAPER
    ) -> None:
        self.study = study
        self.view: BudgetView = budget_view(study, rule, unit, estimator)
        self.trained = TrainedView(self.view, study.oracle) if study.oracle is not None else None
        costs = self.view.costs
        self.limit = Budget.parse(f"{USUAL_PERCENT}%" if budget is None else budget).absolute(
            costs, n_tasks=study.n_tasks
        )
        inclusive(self.limit, float(np.sum(costs)))

    @property
    def advice(self) -> Recommendation | None:
        """What is recommended; None before anything is measured."""
        if not self.study.table.is_measured:
            return None
        found = advised(self.view.front, self.view.cheapest_equal, self.limit)
        fraction = self.view.fraction(self.limit)
        return None if found is None else Recommendation(self.view, self.trained, fraction, found, USUAL_TOLERANCE)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be said before the recommended layout."""
        if (advice := self.advice) is None:
            return ()
        view = self.view
        return (
            *interpolation_warnings(self.study.table, advice.layout),
            *weight_warnings(view.tasks, view.weights),
        )


def layouts_document(answer: LayoutAnswer) -> dict[str, Any]:
    """Return what `branchwise show` says of layouts, for JSON."""
    view, advice = answer.view, answer.advice
    table: dict[str, Any] = {
        "values": _with_holes(answer.study.table.values),
        "seeds": None if answer.study.table.samples is None else len(answer.study.table.samples),
    }
    common = {
        "unit": view.unit.value,
        "budget": answer.limit,
        "independent": view.independent,
        "weights": view.weights.values.tolist(),
        "estimator": str(view.estimator),
        "costs": view.costs.tolist(),
        "table": table,
    }
    if advice is None:
        return {**common, "recommended": None, "front": [], "reason": NOT_MEASURED}
    return {
        **common,
        "warnings": list(answer.warnings),
        "basis": advice.basis,
        "recommended": _choice(answer, advice.choice)
        | {
            "sentence": advice.sentence,
            "reason": advice.why_not_best or "The best predicted layout within the budget.",
            "confidence": advice.frequency,
            "tolerance": advice.tolerance,
            "within_tolerance": advice.near,
            "how_sure": advice.how_sure,
        },
        "front": [_choice(answer, choice) for choice in view.front],
        "count": str(view.n_layouts),
    }


def layouts_lines(answer: LayoutAnswer) -> list[str]:
    """Return the same as lines for people."""
    view, advice = answer.view, answer.advice
    if advice is None:
        return [NOT_MEASURED]
    header = ["", "predicted Δ", "90 % interval", "measured Δ", f"cost ({view.unit.value})", "share", "layout"]
    rows = [_row(answer, advice, choice) for choice in view.front]
    return [
        *(f"Warning: {warning}" for warning in answer.warnings),
        f"Recommended within {budget_share(view.fraction(answer.limit))} of the cost of single-task networks:",
        f"  {advice.layout.to_text(view.tasks)}",
        f"  {advice.sentence}.".replace("..", "."),
        f"  {advice.what_you_get}",
        *([] if advice.figures.has_interval else [f"  {advice.interval[:1].upper()}{advice.interval[1:]}."]),
        *([f"  {advice.why_not_best}"] if advice.why_not_best else []),
        f"  {advice.how_sure}",
        f"  Instead: {advice.instead}",
        "",
        f"Pareto front of {view.n_layouts:,} layouts (* recommended; predicted: {advice.basis}):",
        aligned(header, rows, left=[len(header) - 1]),
    ]


def _row(answer: LayoutAnswer, advice: Recommendation, choice: Choice) -> list[str]:
    view, known = answer.view, answer.view.figures(choice.layout)
    real = answer.trained.figures(choice.layout) if answer.trained else None
    return [
        "*" if choice.layout == advice.layout else "",
        percent(choice.score),
        f"{percent(known.score_low)} to {percent(known.score_high)}" if known.has_interval else "–",
        "–" if real is None else percent(real.score),
        number(choice.cost),
        cost_share(view.fraction(choice.cost)),
        choice.layout.to_text(view.tasks),
    ]


def _choice(answer: LayoutAnswer, choice: Choice) -> dict[str, Any]:
    known = answer.view.figures(choice.layout)
    return {
        "layout": choice.layout.to_json(),
        "cost": int(choice.cost) if choice.cost.is_integer() else choice.cost,
        "share": answer.view.fraction(choice.cost),
        "score": choice.score,
        "estimates": known.estimates.tolist(),
        "interval": _ends(known),
        "measured": _measured(answer, choice.layout),
    }


def _measured(answer: LayoutAnswer, layout: Layout) -> dict[str, Any] | None:
    real = answer.trained.figures(layout) if answer.trained else None
    if real is None or answer.trained is None:
        return None
    return {
        "score": real.score,
        "gains": real.estimates.tolist(),
        "interval": _ends(real),
        "split": "test",
        "seeds": len(answer.trained.oracle.seeds),
    }


def _ends(known: LayoutInterval) -> list[float] | None:
    return [known.score_low, known.score_high] if known.has_interval else None


def _with_holes(values: Array) -> Any:  # noqa: ANN401  # as deep as the array
    """Return an array as nested lists, with None where nothing is measured."""
    if not values.ndim:
        return float(values) if np.isfinite(values) else None
    return [_with_holes(each) for each in values]
