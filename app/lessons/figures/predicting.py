"""Figures of the lesson on predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.charts import svg
from app.components.dial import Stop, dial_data
from app.lessons.bundled import study
from app.lessons.figure import Figure, Interactive, Rows
from app.lessons.values.predicting import (
    APART,
    DIGITS,
    ONE,
    STUDY,
    flowing,
    judged,
    low_cost,
    measured,
    predicted,
    trained,
    weights,
)
from app.plane.judged import estimate_words
from app.ui.formatting import percent, share
from core.estimators.agreement import MOST_STRATA, Correlation
from core.estimators.correlation import strata
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.layouts import Layout

Array = NDArray[np.float64]

_WIDTH, _HEIGHT = 764.0, 276.0
_ROW, _BLOCK = 80.0, 36.0
_LOW = 276.0


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of a flow stand: the tree beside the pairs, or above them on a phone.

    Args:
        width: Of the drawing.
        pair: Left end of the pairs.
        card: Width of a pair.
        task: Left end of the predictions, which reach to the right end.
        row: Height of a task in the tree.
        top: Of pairs and predictions.
    """

    width: float
    pair: float
    card: float
    task: float
    row: float
    top: float


_WIDE = _Places(_WIDTH, 304.0, 206.0, 600.0, _ROW, 0.0)
_PHONE = _Places(svg.NARROW, 0.0, 184.0, 208.0, 46.0, 196.0)


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    return {
        "flow": Interactive("dial", dial_data("Step of the prediction", _steps())),
        "apart": Rows(
            ("way to predict", f"gain of {study(STUDY).task_names[ONE]}"),
            [
                ("mean over both partners (TreeMTL)", _apart(predicted(Layout.parse(APART)))),
                ("step by step over the blocks", _apart(predicted(Layout.parse(APART), Estimator.BLOCKWISE))),
                ("measured, all three trained", _apart(measured(Layout.parse(APART)))),
            ],
            "Two tasks share all blocks, the third one has its own network.",
        ),
        "agreement": Interactive("dial", dial_data("What the trees are ordered by", _ways())),
        "digits": Interactive("dial", dial_data("What the trees are ordered by", _ways_of_digits())),
        "weights": Rows(
            ("task", "as the text says", "as printed"),
            [
                (name, share(float(intended)), share(float(printed)))
                for name, intended, printed in zip(
                    study(STUDY).task_names,
                    weights(WeightRule.SVDE).values,
                    weights(WeightRule.PAPER).values,
                    strict=True,
                )
            ],
            "Weights of the tasks in the score. As the text says: one minus the normalised entropy. As printed: minus "
            "the entropy, divided by the sum.",
        ),
    }


def _apart(gains: Array) -> str:
    return percent(float(gains[ONE]))


def _steps() -> list[Stop]:
    """Return how two-task results become one prediction."""
    layout, tasks, table = flowing(), study(STUDY).task_names, study(STUDY).table.values
    gains, real = predicted(layout), float(measured(layout).mean())
    pairs = ", ".join(f"{tasks[i]} and {tasks[j]} {_shared(i, j)}" for i, j in _pairs())
    stops = [
        Stop(
            "1", "A tree that was never trained", _flow(0), f"Blocks that two tasks share: {pairs}.", _flow(0, _PHONE)
        ),
        Stop(
            "2", "Three pairs that were trained", _flow(1),
            "For every pair of tasks, take the two-task network that shares exactly as many blocks. Each number is "
            "the gain of one of its two tasks.", _flow(1, _PHONE),
        ),
    ]  # fmt: skip
    for task, name in enumerate(tasks):
        parts = [float(table[task, j, _shared(task, j)]) for j in range(len(tasks)) if j != task]
        total = " + ".join(percent(part, 2).removeprefix("+") for part in parts).replace("+ −", "− ")
        stops.append(
            Stop(
                str(3 + task), f"{name.capitalize()}: the mean of its two results", _flow(2 + task),
                f"({total}) / {len(parts)} = {percent(float(gains[task]), 2)}.", _flow(2 + task, _PHONE),
            )
        )  # fmt: skip
    stops.append(
        Stop(
            str(3 + len(tasks)), f"The prediction: {percent(float(gains.mean()), 2)}", _flow(2 + len(tasks)),
            f"The mean of all tasks. Trained afterwards, this tree gained {percent(real, 2)} (test split, mean of "
            f"{judged(STUDY).n_seeds} seeds).", _flow(2 + len(tasks), _PHONE),
        )
    )  # fmt: skip
    return stops


def _pairs() -> list[tuple[int, int]]:
    return list(combinations(range(study(STUDY).n_tasks), 2))


def _shared(one: int, other: int) -> int:
    """Return how many blocks two tasks share in the tree."""
    return int(flowing().branch_points()[one, other])


def _flow(step: int, at: _Places = _WIDE) -> str:
    """Return the drawing of a step: what flows is shown up to it."""
    tasks, layout = study(STUDY).task_names, flowing()
    table, gains = study(STUDY).table.values, predicted(layout)
    body = svg.text(0, 14, "a tree", fill=svg.MUTED) + _tree(layout, at.row)
    if step >= 1:
        body += svg.text(at.pair, at.top + 14, "pairs that were trained", fill=svg.MUTED)
    if step >= 2:
        body += svg.text(at.task, at.top + 14, "predicted gain", fill=svg.MUTED)
    now = step - 2 if 2 <= step < 2 + len(tasks) else None
    for place, pair in enumerate(_pairs() if step >= 1 else []):
        y = at.top + 24 + _ROW * place
        for line, task in enumerate(pair):
            height = y + 43 + 18 * line
            if task < step - 1:
                on = now in (None, task)
                body += svg.tag(
                    "line", x1=at.pair + at.card + 2, x2=at.task - 6, y1=height - 5, y2=at.top + 58 + _ROW * task,
                    stroke=svg.task_colour(task), stroke_width=3.2 if on else 1.6, opacity="" if on else "0.4",
                )  # fmt: skip
        body += svg.tag("rect", x=at.pair, y=y, width=at.card, height=68, rx=8, fill="var(--bw-card)", stroke=svg.LINE)
        shared = _shared(*pair)
        body += svg.text(at.pair + 10, y + 21, f"share {shared} blocks", size=13, font_weight=600)
        for line, (task, partner) in enumerate((pair, pair[::-1])):
            on = now in (None, task)
            value, shade = float(table[task, partner, shared]), "" if on else "0.45"
            height = y + 43 + 18 * line
            body += svg.text(at.pair + 10, height, tasks[task], fill=svg.task_colour(task), size=13.5, opacity=shade)
            body += svg.text(
                at.pair + at.card - 10, height, percent(value, 2), anchor="end", size=13.5, font_weight=700,
                opacity=shade,
            )  # fmt: skip
    for task in range(min(len(tasks), max(0, step - 1))):
        y, on = at.top + 24 + _ROW * task, now in (None, task)
        colour = svg.task_colour(task)
        body += svg.tag(
            "rect", x=at.task, y=y, width=at.width - 4 - at.task, height=68, rx=8, fill="var(--bw-card)",
            stroke=colour, stroke_width=2.4 if on else 1,
        )  # fmt: skip
        body += svg.text(at.task + 9, y + 26, tasks[task], fill=colour, size=13, font_weight=600)
        body += svg.text(at.task + 9, y + 53, percent(float(gains[task]), 2), size=18, font_weight=700)
    return svg.canvas(at.width, _HEIGHT + at.top, body, f"Step {step + 1} of a prediction from pairs")


def _tree(layout: Layout, row: float) -> str:
    """Return a tree as a grid: columns are blocks, rows are tasks, and a shared block reaches over its tasks."""
    tasks, body = study(STUDY).task_names, ""
    for block, groups in enumerate(layout.partitions):
        for group in groups:
            y, x = 24 + row * min(group), _BLOCK * block
            alone = len(group) == 1
            body += svg.tag(
                "rect", x=x, y=y, width=_BLOCK - 6, height=row * len(group) - 12, rx=6,
                fill=svg.task_colour(group[0]) if alone else svg.SHARED, opacity="0.55" if alone else "0.6",
            )  # fmt: skip
        body += svg.text(_BLOCK * (block + 0.5) - 3, 40 + row * len(tasks) - 12, str(block + 1), anchor="middle",
                         fill=svg.MUTED, size=12)  # fmt: skip
    for task in range(len(tasks)):
        x, y = _BLOCK * layout.n_blocks + 2, 24 + row * task + (row - 12) / 2 + 4
        body += svg.tag("circle", cx=x + 6, cy=y - 4, r=6, fill=svg.task_colour(task))
        body += svg.text(x + 17, y, tasks[task], fill=svg.task_colour(task), size=13)
    return body


def _ways() -> list[Stop]:
    """Return scatter plots of measured gains over what trees of ``scenes`` are ordered by."""
    real = trained(STUDY).scores
    names = {
        Estimator.PAPER: ("mean", "Prediction: the mean over partners (TreeMTL)"),
        Estimator.BLOCKWISE: ("step by step", "Prediction: step by step over the blocks"),
        Estimator.BAYES: ("Bayes", "Prediction: step by step, with noise taken into account"),
    }
    stops = [
        _ordered(
            short, title, trained(STUDY, kind).predicted, real,
            f"{_correlated(judged(STUDY, kind).spearman)} On the dotted line prediction and measurement are equal.",
        )
        for kind, (short, title) in names.items()
    ]  # fmt: skip
    return [*stops, _cheap(STUDY, "Here the cheap trees gain least: sharing the last blocks harms.")]


def _ways_of_digits() -> list[Stop]:
    found, real = judged(DIGITS), trained(DIGITS).scores
    title = "Prediction: the mean over partners (TreeMTL)"
    assert found.strata is not None
    return [
        _ordered(
            "mean", title, trained(DIGITS).predicted, real,
            f"{_correlated(found.spearman)} The order is right, but all trees that share lie above the dotted line.",
        ),
        _cheap(DIGITS, "No pair was needed for this order: more sharing is better here, and cheaper."),
        _ordered(
            "alike", "Prediction, among trees of similar cost", trained(DIGITS).predicted, real,
            f"Spearman {estimate_words(found.strata.mean)}, a mean over groups of trees that cost nearly the same "
            "(colours). Low cost alone has 0 there by definition, and the interval of the prediction includes 0.",
            groups=_strata(DIGITS),
        ),
    ]  # fmt: skip


def _correlated(found: Correlation) -> str:
    return f"Spearman {estimate_words(found.mean)} (90 % interval over trees and seeds)."


def _cheap(name: str, sentence: str) -> Stop:
    return _ordered(
        "low cost", "No prediction: the cheapest first", _saved(name), trained(name).scores,
        f"{_correlated(low_cost(name))} {sentence}", is_gain=False,
    )  # fmt: skip


def _ordered(
    name: str, title: str, x: Array, y: Array, sentence: str, *, is_gain: bool = True,
    groups: Sequence[NDArray[np.intp]] = (),
) -> Stop:  # fmt: skip
    """Return a stop with measured gains over what trees are ordered by, as ``_scatter`` draws them."""
    wide, narrow = (_scatter(x, y, title, width, is_gain=is_gain, groups=groups) for width in (_WIDTH, svg.NARROW))
    return Stop(name, title, wide, sentence, narrow)


def _saved(name: str) -> Array:
    """Return which share of the MACs of single-task networks each tree saves, percent."""
    found = trained(name)
    return np.array([100 * (1 - choice.cost / found.view.independent) for choice in found.choices])


def _strata(name: str) -> list[NDArray[np.intp]]:
    """Return the places of trees of similar cost, as correlations within cost strata have them; the cheapest first."""
    costs = np.array([choice.cost for choice in trained(name).choices])
    return strata(costs, min(MOST_STRATA, len(costs) // 3))


def _scatter(
    x: Array,
    y: Array,
    label: str,
    width: float,
    *,
    is_gain: bool = True,
    groups: Sequence[NDArray[np.intp]] = (),
) -> str:
    """Return measured gains over something, one mark for each tree.

    Args:
        x: What the trees are ordered by.
        y: Measured gains.
        label: Spoken description.
        width: Of the drawing in its own units.
        is_gain: Whether x is a predicted gain, on the same scale; otherwise it is the share of MACs that is saved.
        groups: Places of trees that get one colour; all have the same where empty.
    """
    is_narrow = width < _WIDTH
    left, right = (56.0, width - 10) if is_narrow else (70.0, width - 24)
    ends = (float(min(y.min(), x.min())), float(max(y.max(), x.max()))) if is_gain else (float(y.min()), float(y.max()))
    y_low, y_high = _padded(*ends)
    x_low, x_high = (y_low, y_high) if is_gain else _padded(float(x.min()), float(x.max()))

    def across(value: float) -> float:
        return left + (value - x_low) / (x_high - x_low) * (right - left)

    def up(value: float) -> float:
        return _LOW - (value - y_low) / (y_high - y_low) * (_LOW - 12)

    body = ""
    for tick in svg.ticks(y_low, y_high, 5):
        line = svg.TEXT if tick == 0 else svg.LINE
        body += svg.tag("line", x1=left, x2=right, y1=up(tick), y2=up(tick), stroke=line)
        body += svg.text(left - 8, up(tick) + 5, _tick(tick), anchor="end", fill=svg.MUTED, size=12.5)
    for tick in svg.ticks(x_low, x_high, 4 if is_narrow else 7):
        written = _tick(tick) if is_gain else f"{tick:.0f} %"
        body += svg.text(across(tick), _LOW + 20, written, anchor="middle", fill=svg.MUTED, size=12.5)
    if is_gain:
        body += svg.tag("line", x1=across(y_low), x2=across(y_high), y1=up(y_low), y2=up(y_high), stroke=svg.MUTED,
                        stroke_width=1.5, stroke_dasharray="2 5")  # fmt: skip
    for number, places in enumerate(groups or [np.arange(len(x))]):
        colour = svg.task_colour(number) if groups else svg.PRIMARY
        for place in places:
            body += svg.tag("circle", cx=across(float(x[place])), cy=up(float(y[place])), r=6 if groups else 5,
                            fill=colour, opacity="0.75")  # fmt: skip
    words = "predicted gain Δ" if is_gain else "MACs saved"
    # Under one another where they would meet.
    across_at = _LOW + (64 if is_narrow else 44)
    body += svg.text(0 if is_narrow else left, _LOW + 44, "↑ measured gain Δ (test split)", fill=svg.MUTED, size=13)
    body += svg.text(right, across_at, f"{words} →", anchor="end", fill=svg.MUTED, size=13)
    return svg.canvas(width, across_at + 10, body, f"{label}: measured gains of {len(x)} trees")


def _tick(value: float) -> str:
    """Return a number at an axis: as many digits as it has."""
    return percent(value, 0 if value == round(value) else 1)


def _padded(low: float, high: float) -> tuple[float, float]:
    pad = 0.06 * (high - low)
    return low - pad, high + pad
