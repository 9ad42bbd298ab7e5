"""Layouts on the plane: trained ones as they were measured, others as they are predicted."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from core.costs import CostQuestion, Unit
from core.estimators.basis import usual_estimator
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import BudgetView, budget_view, in_unit
from core.families.layouts.trained import TrainedView
from core.plane.point import GainOrigin, PlanePoint, seed_gains
from core.selection.choice import Choice
from core.studies.study import Study


def layout_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained layouts as measured points (test split), then the Pareto front of predictions; equal weights.

    Args:
        study: With a two-task table, trained layouts, or both.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    if not _answers(study, question, unit):
        return []
    view = equal_weights(study, unit)
    predicted = predicted_points(view, view.front, question) if study.table.is_measured else []
    return [*measured_layouts(study, question, unit), *predicted]


def measured_layouts(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained layouts as measured points (test split); equal weights.

    Args:
        study: With trained layouts or without.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    if study.oracle is None or not _answers(study, question, unit):
        return []
    return measured_points(TrainedView(equal_weights(study, unit), study.oracle), question)


def _answers(study: Study, question: CostQuestion, unit: Unit) -> bool:
    """Return whether layouts of a study have a cost for a question in a unit."""
    known = unit is not Unit.LATENCY or study.backbone.latency is not None
    return study.shares_inputs and unit in question.units and known


@lru_cache(maxsize=8)
def equal_weights(study: Study, unit: Unit) -> BudgetView:
    """Return the plane with equal weights and the usual estimator, in which every question is drawn again.

    Args:
        study: With a table.
        unit: Unit of cost.
    """
    if unit is Unit.PARAMETERS:
        return budget_view(study, WeightRule.UNIFORM, unit, usual_estimator(study.table))
    # What a table predicts is the same in every unit, and its posterior takes longer than all fronts.
    return in_unit(equal_weights(study, Unit.PARAMETERS), unit)


def predicted_points(
    view: BudgetView, choices: Iterable[Choice], question: CostQuestion | None = None, *, per_task: bool = True
) -> list[PlanePoint]:
    """Return layouts with their predicted gain, weighted as the view says.

    Args:
        view: Study, unit of cost and weights.
        choices: Layouts with their predicted score.
        question: Which question the cost answers; the usual one of the unit where None.
        per_task: Whether the gains of single tasks are wanted; a thousand layouts take most of a second.
    """
    unknown = (None,) * len(view.tasks)
    samples = view.study.table.samples
    n_seeds = 0 if samples is None else len(samples)
    return [
        _point(
            view,
            choice,
            question,
            tuple(map(float, view.estimates(choice.layout))) if per_task else unknown,
            None,
            n_seeds,
            GainOrigin.PREDICTED,
        )
        for choice in choices
    ]


def measured_points(
    trained: TrainedView, question: CostQuestion | None = None, choices: Iterable[Choice] | None = None
) -> list[PlanePoint]:
    """Return trained layouts with their gain on the test split, weighted as the view says.

    Args:
        trained: Trained layouts beside a view of predictions.
        question: Which question the cost answers; the usual one of the unit where None.
        choices: Only these of them; all where None.
    """
    found = []
    for choice in trained.choices if choices is None else choices:
        place = trained.place(choice.layout)
        assert place is not None
        seeds = trained.oracle.test[:, place]
        known = trained.figures(choice.layout)
        interval = (known.score_low, known.score_high) if known is not None and known.has_interval else None
        gains = tuple(float(gain) for gain in trained.means[place])
        by_seed = seed_gains(trained.oracle.seeds, seeds)
        found.append(_point(trained.view, choice, question, gains, interval, len(seeds), GainOrigin.MEASURED, by_seed))
    return found


def _point(
    view: BudgetView,
    choice: Choice,
    question: CostQuestion | None,
    gains: tuple[float | None, ...],
    interval: tuple[float, float] | None,
    n_seeds: int,
    origin: GainOrigin,
    by_seed: Mapping[int, tuple[float, ...]] | None = None,
) -> PlanePoint:
    question = question or CostQuestion.usual(view.unit)
    # One task runs through every block once, whatever it shares.
    one_path = question in (CostQuestion.ONE_TASK, CostQuestion.RESIDENT)
    cost = float(view.costs.sum()) if one_path else choice.cost
    return PlanePoint(
        family="layouts",
        label=choice.layout.to_text(view.tasks),
        tasks=view.tasks,
        costs={(question, view.unit): cost},
        gains=gains,
        gain=choice.score,
        interval=interval,
        n_seeds=n_seeds,
        origin=origin,
        layout=choice.layout,
        seed_gains=by_seed or {},
    )
