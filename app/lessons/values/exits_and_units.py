"""Numbers of the lesson on exits and units, from the bundled studies ``paths-hierarchy`` and ``virtual-hierarchy``."""

from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from app.lessons.bundled import study
from app.paths.assignment_model import AssignmentView
from app.ui.formatting import cost_share, count, listed, minus, number_word, percent, share
from app.ui.seed_means import Mean
from app.virtual.accuracy_model import difference
from core.costs import Unit
from core.families.multipath.assignment import Assignment, AssignmentQuestion, assignment_cost
from core.families.multipath.distillation import Distillation
from core.families.multipath.results import MultiPathResults, PathScores
from core.families.virtual.results import VirtualResults, VirtualScores
from core.families.virtual.totals import unit_totals

PATHS, UNITS = "paths-hierarchy", "virtual-hierarchy"
PAPER, REVERSED, TAUGHT = "labels only", "reversed order", "additive with T²"
BEST, BEST_TAUGHT, WHOLE = "exits 3-3-4", "exits 3-3-4 additive with T²", "hard sharing"
DOUBLED, ADDED, LITERAL = "twice the labels", "additive", "literal α .9"
# Where the paper says how it was set: §IV of Multi-path.
STATED = Distillation(mix="literal", alpha=1.0)
_MIDDLE = 2


def values() -> dict[str, str]:
    """Return placeholder → words."""
    found, shown = paths(), view()
    names = [task.name for task in found.tasks]
    last, bends = len(found.exit_names) - 1, gains()
    nearest, common = orders("nearest"), orders("common")
    apart = difference(common, nearest, "test")
    alone = virtual().alone
    assert alone is not None
    small = Mean.of((common.gains["test"] - alone.gains["test"]).mean(axis=1)[:, 0])
    half = virtual().n_levels // 2
    return {
        "easy": names[0],
        "middle": names[1],
        "hard": names[2],
        "n_blocks": number_word(last + 1),
        "n_seeds": number_word(len(found.seeds)),
        "paper_exits": exits_words(PAPER),
        "reversed_exits": exits_words(REVERSED),
        "best_exits": exits_words(BEST),
        "first_exits": listed(["1", "1", str(last + 1)]),
        "paper_cost": cost_share(cost(PAPER)),
        "best_cost": cost_share(cost(BEST)),
        "first_cost": cost_share(_cost((0, 0, last))),
        "paper_gain": reached(PAPER).written,
        "best_gain": reached(BEST).written,
        "reversed_gain": reached(REVERSED).written,
        "whole_gain": reached(WHOLE).written,
        "better": apart_words(BEST, PAPER),
        "exit": number_word(_MIDDLE + 1),
        "exit_before": number_word(_MIDDLE),
        "exit_params": share(found.exits[_MIDDLE].params / found.exits[last].params),
        "exit_macs": share(found.exits[_MIDDLE].macs / found.exits[last].macs),
        "easy_step": percent(bends[0, 1]),
        "easy_next": percent(bends[0, _MIDDLE]),
        "hard_before": percent(bends[2, last - 1]),
        "hard_last": percent(bends[2, last]),
        "last_macs": share(1 - found.exits[last - 1].macs / found.exits[last].macs),
        "budget": cost_share(shown.share_of(_same(last - 1))),
        "budget_gain": shown.tested(_same(last - 1)).written,
        "full_gain": shown.tested(_same(last)).written,
        "n_units": number_word(virtual().n_levels),
        "n_networks": number_word(len(names) * virtual().n_levels),
        "half_level": number_word(half),
        "half_width": share(half / virtual().n_levels),
        "half_density": share((half / virtual().n_levels) ** 2),
        "uses": count(int(unit_totals(nearest.orders).sum())),
        "least": share(least_imbalance()),
        "common_totals": totals_words(common),
        "nearest_totals": totals_words(nearest),
        "common_low": level(common, 0).written,
        "nearest_low": level(nearest, 0).written,
        "low_apart": _points(apart[0]),
        "high_apart": _points(apart[-1]),
        "alone_low": Mean.of(alone.gains["test"].mean(axis=1)[:, 0]).written,
        "small_apart": _points(small),
        "labels_weight": f"{STATED.weights[0]:g}",
        "teacher_weight": f"{STATED.weights[1]:g}",
        "labels_gain": reached(PAPER).written,
        "taught_gain": reached(TAUGHT).written,
        "added_apart": apart_words(ADDED, DOUBLED),
        "taught_apart": apart_words(TAUGHT, DOUBLED),
        "best_taught": reached(BEST_TAUGHT).written,
    }


@cache
def paths() -> MultiPathResults:
    """Return what the networks with exits reached."""
    found = study(PATHS).result(MultiPathResults)
    assert found is not None
    return found


@cache
def virtual() -> VirtualResults:
    """Return what the virtual networks reached."""
    found = study(UNITS).result(VirtualResults)
    assert found is not None
    return found


@cache
def view() -> AssignmentView:
    """Return the best exits for every budget of computation, each question on its own picture."""
    found = AssignmentView.of(paths(), study(PATHS).backbone, Unit.MACS, AssignmentQuestion.OWN_INPUT)
    assert found is not None
    return found


def gains() -> NDArray[np.float64]:
    """Return the mean gain of each question at each exit, percent, test split, ``[n_tasks, n_exits]``."""
    found: NDArray[np.float64] = gains_by_seed().mean(axis=0)
    return found


def gains_by_seed() -> NDArray[np.float64]:
    """Return the gain of each question at each exit, percent, test split, ``[n_seeds, n_tasks, n_exits]``."""
    matrix = paths().matrix
    assert matrix is not None
    return matrix.gains["test"]


def network(name: str) -> PathScores:
    """Return a trained network with exits."""
    return next(each for each in paths().networks if each.name == name)


def reached(name: str) -> Mean:
    """Return the mean gain of a trained network with exits, test split."""
    return Mean.of(network(name).gains["test"].mean(axis=1))


def apart_words(name: str, other: str) -> str:
    """Return by how many points of mean gain one trained network is above another, paired by seed."""
    apart = network(name).gains["test"] - network(other).gains["test"]
    return _points(Mean.of(apart.mean(axis=1)))


def exits_words(name: str) -> str:
    """Return the exits of the questions of a trained network."""
    return listed([str(exit_ + 1) for exit_ in network(name).assign])


def cost(name: str) -> float:
    """Return what a trained network computes, as a share of whole paths for all questions."""
    return _cost(network(name).assign)


def orders(name: str) -> VirtualScores:
    """Return the virtual networks with some orders."""
    return next(each for each in virtual().networks if each.name == name)


def level(found: VirtualScores, place: int) -> Mean:
    """Return the mean gain over questions on a level, test split."""
    return Mean.of(found.gains["test"][:, :, place].mean(axis=1))


def totals_words(found: VirtualScores) -> str:
    """Return by how many levels of questions each unit is learned."""
    return listed([str(total) for total in unit_totals(found.orders).tolist()])


@cache
def least_imbalance() -> float:
    """Return the least difference between the units that learn most and fewest, as a share of their mean."""
    n_units, n_tasks = virtual().n_levels, len(virtual().tasks)
    assert n_tasks == 3
    first = tuple(range(n_units))
    found = [unit_totals((first, second, third)) for second in permutations(first) for third in permutations(first)]
    return min(float((each.max() - each.min()) / each.mean()) for each in found)


def _cost(exits: tuple[int, ...]) -> float:
    return assignment_cost(exits, view().costs.tolist(), AssignmentQuestion.OWN_INPUT) / view().whole


def _same(exit_: int) -> Assignment:
    wanted = (exit_,) * len(paths().tasks)
    return next(each for each in view().front if each.exits == wanted)


def _points(apart: Mean) -> str:
    return f"{percent(apart.value).removesuffix(' %')} ± {minus(f'{apart.half:.1f}')}"
