"""Figures of the lesson on exits and units."""

import math

from app.charts import svg
from app.components.dial import Stop, dial_data
from app.components.order_game import game_data
from app.lessons.bundled import study
from app.lessons.figure import Figure, Interactive, Rows
from app.lessons.values.exits_and_units import (
    ADDED,
    BEST,
    BEST_TAUGHT,
    DOUBLED,
    LITERAL,
    PAPER,
    PATHS,
    REVERSED,
    TAUGHT,
    UNITS,
    WHOLE,
    apart_words,
    cost,
    exits_words,
    gains_by_seed,
    network,
    orders,
    paths,
    reached,
    view,
    virtual,
)
from app.paths.figure import figure_data as ladder_figure
from app.paths.front import figure_data as front_figure
from app.paths.model import study_ladder
from app.ui.formatting import cost_share, percent, share
from app.ui.seed_means import Mean
from app.virtual.controls import RULE_WORDS
from app.virtual.game_model import BALANCE, measured
from app.virtual.units import figure_data as units_figure
from app.virtual.units_model import UnitsView
from core.families.virtual.orders import cyclic_orders

_WIDTH, _LEFT, _ROW = 760.0, 76.0, 44.0
_PATH = 470.0
_LOW, _HIGH = -80.0, 10.0


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    found = paths()
    n_exits = len(found.exit_names)
    return {
        "ladder": Interactive("exit_ladder", ladder_figure(study_ladder(study(PATHS), found))),
        "exits": Interactive("dial", dial_data("Exit after block", [_exit(e) for e in range(n_exits)], n_exits // 2)),
        "front": Interactive(
            "assignment_front", front_figure(view(), math.ceil(100 * cost(PAPER)), PATHS),
            "Chosen on the validation split; the sentence gives the gain on the test split. Predicted from one network "
            "with a head for every question at every exit.",
        ),
        "trained": Rows(
            ("exits", "teachers", "cost in MACs", "mean gain"),
            [
                (
                    exits_words(name).replace(" ", "\u00a0"),
                    _teachers(name),
                    cost_share(cost(name)),
                    reached(name).written,
                )
                for name in (PAPER, TAUGHT, BEST, BEST_TAUGHT, REVERSED, WHOLE)
            ],
            "Networks trained with these exits for loop, shape and class: cost beside the whole path for every "
            f"question, and mean gain over single-task networks (test split, {len(found.seeds)} seeds, 90 % "
            "intervals).",
        ),
        "units": Interactive("unit_grid", _units()),
        "game": Interactive("order_game", _game()),
        "teachers": Rows(
            ("loss", "labels", "teacher", "mean gain", "above labels alone"),
            [
                (
                    _LOSSES[name], *_weights(name), reached(name).written,
                    "–" if name == PAPER else apart_words(name, PAPER),
                )
                for name in (PAPER, LITERAL, DOUBLED, ADDED, TAUGHT)
            ],
            f"Exits {exits_words(PAPER)}, test split. Labels and teacher: their weights in the loss. Last column: "
            "points of mean gain, paired by seed, with 90 % intervals; from values that are not rounded.",
        ),
    }  # fmt: skip


# As uneven as the common order but not trained, so that nothing is told before the game begins.
_UNFAIR = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 1, 2, 3))
_LOSSES = {
    PAPER: "Eq. 5 with α = 1: labels alone",
    LITERAL: "Eq. 5 with α = 0.9",
    DOUBLED: "labels twice, as a control",
    ADDED: "both added",
    TAUGHT: "both added, teacher × T²",
}


def _teachers(name: str) -> str:
    return "yes" if network(name).loss.has_teachers else "no"


def _weights(name: str) -> tuple[str, str]:
    """Return what the labels and the teacher weigh in the loss of a network."""
    loss = network(name).loss
    labels, teacher = loss.weights
    return f"{labels:.3g}", f"{teacher * (loss.temperature**2 if loss.squared else 1):.3g}"


def _exit(place: int) -> Stop:
    found = paths()
    ends = found.exits[-1]
    here, means = found.exits[place], [Mean.of(gains_by_seed()[:, t, place]) for t in range(len(found.tasks))]
    macs, params = share(here.macs / ends.macs), share(here.params / ends.params)
    title = f"Exit {place + 1}: {macs} of the MACs, {params} of the parameters"
    names = [task.name for task in found.tasks]
    written = " · ".join(f"{name} {mean.written}" for name, mean in zip(names, means, strict=True))
    wide, narrow = (_drawing(names, means, place, title, width) for width in (_WIDTH, svg.NARROW))
    return Stop(str(place + 1), title, wide, f"Gain over single-task networks: {written}.", narrow)


def _drawing(names: list[str], means: list[Mean], place: int, label: str, width: float) -> str:
    """Return bars from zero with 90 % intervals, one for each question, and the path to an exit with them."""
    right = 336.0 if width == _WIDTH else width - 70

    def x(value: float) -> float:
        return _LEFT + (min(max(value, _LOW), _HIGH) - _LOW) / (_HIGH - _LOW) * (right - _LEFT)

    body, low = "", 14 + _ROW * len(names)
    for tick in svg.ticks(_LOW, _HIGH, 3):
        body += svg.tag("line", x1=x(tick), x2=x(tick), y1=8, y2=low, stroke=svg.LINE)
        body += svg.text(x(tick), low + 18, percent(tick, 0), anchor="middle", fill=svg.MUTED, size=12.5)
    for row, (name, mean) in enumerate(zip(names, means, strict=True)):
        y, colour = 14 + _ROW * row, svg.PRIMARY if mean.value >= 0 else svg.task_colour(0)
        start, wide = min(x(0), x(mean.value)), abs(x(mean.value) - x(0))
        body += svg.text(_LEFT - 12, y + 24, name, anchor="end", size=14, font_weight=600)
        body += svg.tag(
            "rect", x=start, y=y + 7, width=max(wide, 1), height=_ROW - 20, rx=3, fill=colour, opacity="0.75"
        )
        if mean.interval:
            ends = {"x1": x(mean.interval[0]), "x2": x(mean.interval[1]), "y1": y + 19, "y2": y + 19}
            body += svg.tag("line", **ends, stroke=svg.TEXT, stroke_width=1.6)
        body += svg.text(right + 8, y + 24, percent(mean.value), size=15, font_weight=700)
    body += svg.tag("line", x1=x(0), x2=x(0), y1=4, y2=low, stroke=svg.TEXT, stroke_width=1.6)
    if width == _WIDTH:
        return svg.canvas(width, low + 26, body + _path(place, _PATH, 20, width), label)
    return svg.canvas(width, low + 160, body + _path(place, 0, low + 50, width), label)


def _path(place: int, left: float, top: float, right: float) -> str:
    """Return the blocks before an exit, as wide as their multiply-accumulates and as their parameters."""
    ends = paths().exits
    macs, params = ([0, *(getattr(each, field) for each in ends)] for field in ("macs", "params"))
    body = ""
    for row, (name, sums) in enumerate((("MACs", macs), ("parameters", params))):
        y, scale = top + 62 * row, (right - left) / sums[-1]
        body += svg.text(left, y, f"path to exit {place + 1}, {name}", fill=svg.MUTED, size=13)
        for block in range(len(ends)):
            on = block <= place
            x, wide = left + sums[block] * scale, (sums[block + 1] - sums[block]) * scale
            body += svg.tag(
                "rect", x=x, y=y + 8, width=wide, height=22,
                fill=svg.PRIMARY if on else "var(--bw-over)", stroke="var(--bw-card)" if on else svg.LINE,
            )  # fmt: skip
    return body


def _units() -> dict[str, object]:
    found, shown = virtual(), orders("nearest")
    names = tuple(task.name for task in found.tasks)
    unit_view = UnitsView(names, found.division, shown.orders, next(iter(shown.payloads.values())))
    return units_figure(unit_view, 0, found.n_levels // 2 - 1, UNITS)


def _game() -> dict[str, object]:
    found = virtual()
    cyclic = cyclic_orders(len(found.tasks), found.n_levels)
    return game_data(
        tasks=[task.name for task in found.tasks],
        orders=_UNFAIR,
        presets=[
            ("At first", _UNFAIR),
            (RULE_WORDS["cyclic"], cyclic),
            (RULE_WORDS["nearest"], orders("nearest").orders),
            (RULE_WORDS["common"], orders("common").orders),
        ],
        weights=None,
        balance=BALANCE,
        measured=measured(found),
        filename="branchwise-lesson-orders",
    )
