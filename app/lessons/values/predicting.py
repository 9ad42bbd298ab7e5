"""Numbers of the lesson on predictions, from the tables and the trained layouts of ``scenes`` and ``digits``."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.lessons.bundled import study
from app.plane.judged import estimate_words
from app.ui.formatting import cost_share, count, number_word, percent, share
from core.costs import Unit
from core.estimators.agreement import Agreement, Correlation, Estimate
from core.estimators.correlation import correlation
from core.estimators.prediction import Estimator, estimates
from core.estimators.weights import TaskWeights, WeightRule, task_weights
from core.families.layouts.baselines import Method
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.layouts import Layout

STUDY, DIGITS = "scenes", "digits"
# Its three pairs share two, two and three blocks.
FLOWING = "0,1,2 | 0,1,2 | 0;1,2 | 0;1;2 | 0;1;2"
# Two tasks share everything, and the third one has its own network.
APART = "0,1;2 | 0,1;2 | 0,1;2 | 0,1;2 | 0,1;2"
ONE, OTHER = 1, 0


def values() -> dict[str, str]:
    """Return placeholder → words."""
    shown, table = study(STUDY), study(STUDY).table
    found, few = judged(STUDY), judged(DIGITS)
    assert table.samples is not None
    n_seeds, n_blocks, n_tasks = len(table.samples), shown.n_blocks, shown.n_tasks
    n_pairs = n_tasks * (n_tasks - 1) // 2
    digits = trained(DIGITS)
    chosen = int(digits.predicted.argmax())
    best = digits.figures(digits.oracle.layouts[chosen])
    assert best is not None
    printed, intended = weights(WeightRule.PAPER), weights(WeightRule.SVDE)
    return {
        "n_layouts": count(found.n),
        "n_trained": count(found.n * found.n_seeds),
        "n_pairs": number_word(n_pairs),
        "n_blocks": number_word(n_blocks),
        "n_seeds": number_word(n_seeds),
        "n_networks": count((n_pairs * n_blocks + n_tasks) * n_seeds),
        "with_first": _words(against_seed(0)),
        "with_second": _words(against_seed(1)),
        "repeated": _words(found.split_half.mean.value),
        "repeated_interval": f"{_words(found.split_half.mean.low)} to {_words(found.split_half.mean.high)}",
        "one": shown.task_names[ONE],
        "other": shown.task_names[OTHER],
        "third": shown.task_names[_third()],
        "pair_measured": percent(pair_gain()),
        "pair_mean": percent(gain_of(Estimator.PAPER)),
        "pair_trained": percent(float(measured(Layout.parse(APART))[ONE])),
        "spearman": estimate_words(found.spearman.mean),
        "ceiling": estimate_words(found.ceiling.mean),
        "blockwise": _words(judged(STUDY, Estimator.BLOCKWISE).spearman.mean.value),
        "bayes": _words(judged(STUDY, Estimator.BAYES).spearman.mean.value),
        "cheap": estimate_words(low_cost(STUDY).mean),
        "dear": estimate_words(turned(low_cost(STUDY).mean)),
        "digits_tasks": number_word(study(DIGITS).n_tasks),
        "digits_layouts": count(few.n),
        "digits_spearman": estimate_words(few.spearman.mean),
        "digits_cheap": estimate_words(low_cost(DIGITS).mean),
        "digits_strata": estimate_words(few.strata.mean) if few.strata else "–",
        "digits_best": percent(float(digits.predicted.max())),
        "digits_best_trained": percent(float(digits.scores[chosen])),
        "digits_least": percent(float((digits.scores - digits.predicted).max())).removeprefix("+").removesuffix(" %"),
        "digits_seeds": number_word(few.n_seeds),
        "digits_interval": f"{percent(best.score_low)} to {percent(best.score_high)}",
        "digits_below": number_word(int((digits.predicted < digits.scores).sum())),
        "digits_share": cost_share(float(digits.choices[chosen].cost / digits.view.independent)),
        "regular": _most(intended),
        "regular_intended": share(float(intended.values.max())),
        "regular_printed": share(float(printed.values[int(intended.values.argmax())])),
        "least_regular": _most(printed),
        "weighted_intended": _words(weighted(WeightRule.SVDE).spearman.weighted.value),
        "weighted_printed": _words(weighted(WeightRule.PAPER).spearman.weighted.value),
    }


@cache
def trained(name: str, estimator: Estimator = Estimator.PAPER, rule: WeightRule = WeightRule.UNIFORM) -> TrainedView:
    """Return the trained layouts of a study beside their predictions from its table.

    Args:
        name: Of the study.
        estimator: How gains are predicted.
        rule: How tasks are weighted; equally in all but the exercise.
    """
    found = study(name)
    assert found.oracle is not None
    return TrainedView(budget_view(found, str(rule), Unit.MACS, estimator), found.oracle)


def judged(name: str, estimator: Estimator = Estimator.PAPER) -> Agreement:
    """Return how predictions agree with measured gains, all tasks with the same weight."""
    return trained(name, estimator).agreement


def weighted(rule: WeightRule) -> Agreement:
    """Return the same of scores with other weights."""
    return trained(STUDY, rule=rule).agreement


@cache
def low_cost(name: str) -> Correlation:
    """Return how the order of layouts by their MACs, the cheapest first, agrees with their measured gains."""
    found = next(each for each in trained(name).baselines() if each.method is Method.LOW_COST)
    assert found.spearman is not None
    return found.spearman


def turned(found: Estimate) -> Estimate:
    """Return the rank correlation of the opposite order."""
    value, low, high = (None if each is None else -each for each in (found.value, found.high, found.low))
    return Estimate(value, low, high)


def flowing() -> Layout:
    """Return the tree whose prediction is made step by step."""
    return Layout.parse(FLOWING)


def predicted(layout: Layout, estimator: Estimator = Estimator.PAPER) -> NDArray[np.float64]:
    """Return the predicted gain of each task of a tree of ``scenes``, percent, ``[n_tasks]``."""
    found: NDArray[np.float64] = estimates(trained(STUDY, estimator).view.filled.values, layout, estimator)
    return found


def measured(layout: Layout) -> NDArray[np.float64]:
    """Return its measured gains on the test split, mean over seeds, percent, ``[n_tasks]``."""
    found = trained(STUDY)
    row = found.place(layout)
    assert row is not None
    gains: NDArray[np.float64] = found.means[row]
    return gains


def pair_gain() -> float:
    """Return the gain of one task in the pair that shares everything, from the table, percent."""
    return float(study(STUDY).table.values[ONE, OTHER, study(STUDY).n_blocks])


def gain_of(estimator: Estimator) -> float:
    """Return the predicted gain of the same task where the third one has its own network, percent."""
    return float(predicted(Layout.parse(APART), estimator)[ONE])


def against_seed(seed: int) -> float:
    """Return the rank correlation of predictions with what one seed measured.

    Args:
        seed: Place among the seeds of the trained layouts.
    """
    found = trained(STUDY)
    value = correlation("spearman", found.predicted, found.oracle.test[seed].mean(axis=1))
    assert value is not None
    return value


@cache
def weights(rule: WeightRule) -> TaskWeights:
    """Return the weights of the tasks of ``scenes``."""
    return task_weights(study(STUDY).table, rule)


def _words(value: float | None) -> str:
    return estimate_words(Estimate(value))


def _third() -> int:
    return next(task for task in range(study(STUDY).n_tasks) if task not in (ONE, OTHER))


def _most(found: TaskWeights) -> str:
    return study(STUDY).task_names[int(found.values.argmax())]
