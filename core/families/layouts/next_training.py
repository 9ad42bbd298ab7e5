"""What to train next of a study's layouts: cells of the two-task table, further seeds of them, or whole layouts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.costs import block_costs
from core.estimators.basis import basis_of
from core.estimators.belief import belief_of
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import budget_view, trained_layouts
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import CellSubmission, LayoutSubmission
from core.families.layouts.seeds import oracle_seeds
from core.layouts import Layout
from core.runs.run import Run
from core.selection.knowledge import Candidate, Knowledge, known_layouts
from core.selection.next_training import NextTraining, cells, next_batch, rank_trainings, whole_layouts
from core.studies.advice import Advice, Goal, Suggestion
from core.studies.measured import LayoutResults
from core.studies.seeds import next_seeds, own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

Array = NDArray[np.float64]
# Seeds of layouts where the study names none.
LAYOUT_SEEDS = 2
# How long runs take, None where they can't be trained, 0 where nothing of them is left to train.
Seconds = Callable[[Sequence[Run]], float | None]


def layout_knowledge(study: Study, goal: Goal) -> Knowledge:
    """Return what the table and the trained layouts of a study tell of its layouts.

    Args:
        study: With a two-task table, measured or not.
        goal: Weights of the tasks, and the budget.

    Raises:
        BudgetError: The budget is below what the cheapest layout costs.
        LayoutError: There are too many tasks.
        TableError: The table has too many cells.
    """
    costs, trained = block_costs(study.backbone, goal.unit), trained_layouts(study)
    _, weights = basis_of(study.table, goal.weights, Estimator.BLOCKWISE)
    n_seeds = LAYOUT_SEEDS
    if study.specification is not None:
        n_seeds = len(own_seeds(study.specification, OracleRequest)) or LAYOUT_SEEDS
    return known_layouts(
        belief_of(study.table, trained, n_layout_seeds=n_seeds),
        weights.values,
        costs,
        limit=goal.budget * study.n_tasks * float(costs.sum()),
        rng=np.random.default_rng(0),
    )


def layout_advice(study: Study, goal: Goal, seconds: Seconds, n: int, *, batch: bool) -> Advice:
    """Return what to train next, what is recommended now, and how sure that is.

    Args:
        study: Measured on one data set, perhaps not at all yet.
        goal: What its user wants to know.
        seconds: How long runs take.
        n: How many trainings, at most.
        batch: Whether they are made at the same time, so that each is the best once those before it are made; else
            they are ranked as alternatives.

    Raises:
        BranchwiseError: As ``layout_knowledge``.
    """
    known = layout_knowledge(study, goal)
    standing = known.standing(goal.tolerance, np.random.default_rng(0), layout=_recommended(study, goal))
    offers = _offers(study, known, seconds)
    ask = (list(offers), lambda candidate: offers[candidate].seconds)
    found = next_batch(known, *ask, n) if batch else rank_trainings(known, *ask)[:n]
    return Advice(
        standing.layout,
        standing.gain,
        standing.loss,
        standing.probability,
        tuple(_suggestion(each, offers[each.candidate]) for each in found),
        _knows_every_task(study),
    )


def _recommended(study: Study, goal: Goal) -> Layout | None:
    """Return the layout that pages and `branchwise show` recommend, too; None before anything is measured."""
    if not study.table.is_measured:
        return None
    view = budget_view(study, goal.weights, goal.unit, Estimator.BAYES)
    advice = view.recommended(goal.budget)
    return None if advice is None else view.front[advice.place].layout


@dataclass(frozen=True, slots=True)
class _Offer:
    request: CellSubmission | LayoutSubmission | None
    seeds: tuple[int, ...]
    measured: bool
    seconds: float


def _offers(study: Study, known: Knowledge, seconds: Seconds) -> dict[Candidate, _Offer]:
    """Return every training that is left to make, with its request; of a table from elsewhere, all its cells."""
    table, oracle, specification = study.table, study.oracle, study.specification
    samples = table.values[None] if table.samples is None else table.samples
    measured = ~np.isnan(samples)
    if specification is None:
        there: NDArray[np.bool_] = np.any(measured, axis=0)
        return {
            each: _Offer(None, (), measured=bool(there[(*each.tasks, each.branch_point)]), seconds=1.0)
            for each in cells(measured)
            if each.seed == len(samples) or not there[(*each.tasks, each.branch_point)]
        }
    seeds = _seeds(study.layouts, specification, len(samples))
    found: dict[Candidate, _Offer] = {}
    for candidate in cells(measured):
        i, j = candidate.tasks
        seed = seeds[candidate.seed]
        request = CellSubmission((i, j, candidate.branch_point), seed)
        takes = seconds(request.runs(specification))
        if takes:
            known_before = bool(measured[:, i, j, candidate.branch_point].any())
            found[candidate] = _Offer(request, (seed,), known_before, takes)
    of_layouts = oracle_seeds(specification, len(own_seeds(specification, OracleRequest)) or LAYOUT_SEEDS)
    # Whether one network says much is not known before pairs have shown how large gains and noise are.
    whole = whole_layouts(known, oracle.layouts if oracle else ()) if _knows_every_task(study) else []
    for candidate in whole:
        assert candidate.layout is not None
        request_of_layout = LayoutSubmission((candidate.layout,), of_layouts)
        takes = seconds(request_of_layout.runs(specification))
        if takes:
            found[candidate] = _Offer(request_of_layout, of_layouts, measured=False, seconds=takes)
    return found


def _knows_every_task(study: Study) -> bool:
    """Return whether each task was measured beside another one."""
    samples = study.table.values[None] if study.table.samples is None else study.table.samples
    others = ~np.eye(study.n_tasks, dtype=bool)[:, :, None]
    return bool((~np.isnan(samples[..., 1:]) & others).any(axis=(0, 2, 3)).all())


def _seeds(measured: LayoutResults, specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return the seeds of the table's samples, and the one to use next."""
    begun = measured.table_seeds
    wanted = [seed for seed in own_seeds(specification, TableRequest) if seed not in begun]
    taken = own_seeds(specification, OracleRequest)
    found = (*begun, *wanted)
    return next_seeds(found, taken, max(n + 1, len(found)))[: n + 1]


def _suggestion(each: NextTraining, offer: _Offer) -> Suggestion:
    of = each.candidate
    return Suggestion(
        of.tasks,
        of.branch_point,
        of.layout,
        offer.seeds,
        offer.measured,
        each.times,
        each.gain,
        each.change_probability,
        each.seconds,
        offer.request,
    )
