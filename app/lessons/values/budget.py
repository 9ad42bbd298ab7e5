"""Numbers of the lesson on budgets: the plane of ``scenes``, and published networks in two units of cost."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.lessons.bundled import scene, study
from app.plane.scene import Scene
from app.ui.formatting import amount, budget_share, compared, cost_share, count, number_word, percent, share
from core.costs import CostQuestion, Unit, block_costs
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.families.multipath.published import ABSTRACT_SAVING, TABLE_2, saved
from core.layouts import Layout
from core.plane.point import best_within
from core.plane.published import published_networks
from core.selection.budget import RELATIVE_TOLERANCE

Array = NDArray[np.float64]

STUDY, NOISY = "scenes", "mnist5k4"
BUDGET = 0.8
# Three of five models.
MODELS, OF_MODELS = 3, 5
PAPER = "TreeMTL"
FLOPS = (CostQuestion.ALL_TASKS, Unit.MACS)
PARAMETERS = (CostQuestion.STORED, Unit.PARAMETERS)
# Of its own networks the ones without a budget and within three models, as its Table 4 repeats them.
OWN = ("#353", "#1046")


@dataclass(frozen=True, slots=True)
class Row:
    """A published network in one unit.

    Args:
        name: As the paper calls it.
        cost: As a fraction of single-task networks.
        score: Mean gain, percent.
    """

    name: str
    cost: float
    score: float


def values() -> dict[str, str]:
    """Return placeholder → words."""
    plane = shown()
    advice = plane.recommended(BUDGET)
    assert advice is not None
    best, cheap = plane.front[advice.best], plane.front[advice.place]
    best_gain, cheap_gain, apart = compared(best.score, cheap.score)
    known = plane.figures(best.layout)
    params_of_block = block_costs(study(STUDY).backbone, Unit.PARAMETERS)
    one, two = seed_front(0), seed_front(1)
    far, noisy = noisy_case()
    single = Layout.all_split(plane.view.study.n_tasks, plane.view.study.n_blocks)
    macs, params = (best_within(rows(unit), MODELS / OF_MODELS) for unit in (FLOPS, PARAMETERS))
    assert macs is not None
    assert params is not None
    found = {row.name: row for row in rows(FLOPS)}
    flops = TABLE_2[0].method("Ours").gflops
    return {
        "n_layouts": count(plane.view.n_layouts),
        "n_front": number_word(len(plane.front)),
        "whole": amount(plane.view.independent, plane.view.unit),
        "budget": budget_share(BUDGET),
        "best_gain": best_gain,
        "best_cost": cost_share(plane.view.fraction(best.cost)),
        "cheap_gain": cheap_gain,
        "cheap_cost": cost_share(plane.view.fraction(cheap.cost)),
        "cheap_params": cost_share(
            float(params_of_block @ cheap.layout.group_counts / (params_of_block.sum() * plane.view.study.n_tasks))
        ),
        "last_params": share(float(params_of_block[-1] / params_of_block.sum())),
        "apart": apart,
        "half": f"{plane.view.intervals.half_width_between(best.layout, cheap.layout):.1f}",
        "interval": f"{percent(known.score_low)} to {percent(known.score_high)}",
        "n_dominate": count(len(dominators(single))),
        "n_one": number_word(len(one)),
        "n_two": number_word(len(two)),
        "n_common": number_word(len(set(one) & set(two))),
        "noisy": NOISY,
        "far": f"{far:.1f}",
        "noisy_half": f"{noisy:.1f}",
        "models": number_word(MODELS),
        "of_models": number_word(OF_MODELS),
        "fits": budget_share(MODELS / OF_MODELS),
        "right": macs.name,
        "right_gain": percent(macs.score),
        "right_cost": cost_share(macs.cost),
        "wrong": params.name,
        "wrong_gain": percent(params.score),
        "wrong_params": cost_share(params.cost),
        "wrong_macs": cost_share(found[params.name].cost),
        "abstract_low": f"{ABSTRACT_SAVING[0]}",
        "abstract_high": f"{ABSTRACT_SAVING[1]}",
        "abstract_params": share(saved(TABLE_2[0].method("Ours").params)),
        "abstract_macs": share(saved(tuple(value / max(flops) for value in flops))),
    }


@cache
def shown() -> Scene:
    """Return the plane of the study: predicted gains, MACs, all tasks with the same weight."""
    return scene(STUDY, Unit.MACS, WeightRule.UNIFORM)


@cache
def trees() -> tuple[tuple[Layout, ...], Array, Array]:
    """Return all trees with their cost as a fraction of single-task networks and their predicted gain, percent."""
    plane, measured = shown(), study(STUDY).oracle
    assert measured is not None
    costs = np.array([plane.view.fraction(plane.view.cost(layout)) for layout in measured.layouts])
    gains = np.array([plane.figures(layout).score for layout in measured.layouts])
    return tuple(measured.layouts), costs, gains


def dominators(layout: Layout) -> list[int]:
    """Return the places of the trees that dominate one: no more cost, no less gain, and not equal in both."""
    layouts, costs, gains = trees()
    return _dominators(costs, gains, layouts.index(layout))


def seed_front(seed: int | None) -> list[int]:
    """Return the places of the trees that none dominates by what was measured, the cheapest first.

    Args:
        seed: Place among the seeds of the trained trees; their mean where None.
    """
    _, costs, _ = trees()
    return front_of(costs, measured(seed))


def measured(seed: int | None) -> Array:
    """Return the measured gains of all trees, test split, percent, ``[n_layouts]``.

    Args:
        seed: As in ``seed_front``.
    """
    found = study(STUDY).oracle
    assert found is not None
    by_seed = found.test.mean(axis=2)
    gains: Array = by_seed.mean(axis=0) if seed is None else by_seed[seed]
    return gains


def front_of(costs: Array, gains: Array) -> list[int]:
    """Return the places that none dominates, the cheapest first.

    Args:
        costs: ``[n]``.
        gains: ``[n]``.

    >>> front_of(np.array([1.0, 2.0, 3.0]), np.array([0.0, 5.0, 4.0]))
    [0, 1]
    """
    found = [place for place in range(len(costs)) if not _dominators(costs, gains, place)]
    return sorted(found, key=lambda place: float(costs[place]))


@cache
def rows(unit: tuple[CostQuestion, Unit]) -> tuple[Row, ...]:
    """Return the networks of TreeMTL's Table 4 in a unit."""
    return tuple(
        Row(each.name.partition(",")[0], each.shares[unit], each.gain)
        for each in published_networks()
        if each.table.paper == PAPER
        and ((each.table.number == "4") or (each.table.number == "2" and each.name.partition(",")[0] in OWN))
    )


def noisy_case() -> tuple[float, float]:
    """Return how far two measured gains lie apart that noise can't tell apart, and half the width of its interval."""
    found = study(NOISY)
    assert found.oracle is not None
    view = TrainedView(budget_view(found, str(WeightRule.UNIFORM), Unit.MACS, Estimator.PAPER), found.oracle)
    best, equal = view.front[-1], view.front[view.cheapest_equal[-1]]
    return best.score - equal.score, view.half_width_between(best.layout, equal.layout)


def _dominators(costs: Array, gains: Array, place: int) -> list[int]:
    tiny = RELATIVE_TOLERANCE
    no_worse = (costs <= costs[place] + tiny) & (gains >= gains[place] - tiny)
    better = (costs < costs[place] - tiny) | (gains > gains[place] + tiny)
    return [int(each) for each in np.flatnonzero(no_worse & better)]
