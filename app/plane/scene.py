"""The plane of cost and gain as the drawings and sentences that the browser shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.charts.bars import bar_values
from app.charts.plane import Plane, Point, Scale, plane_svg, scale_of
from app.components.budget_plane import Entry, packed_front
from app.components.packed import packed_json
from app.ui.formatting import (
    UNIT_WORDS,
    WEIGHT_WORDS,
    amount,
    count,
    layout_sentence,
    no_interval,
    percent,
    plural,
    share,
)
from app.ui.links import layout_code
from core.estimators.resampling import LayoutInterval, Spread
from core.families.layouts.points import measured_points, predicted_points
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.plane.point import best_within
from core.selection.choice import Choice


@dataclass(frozen=True, eq=False)
class Scene:
    """One plane ready to be shown: predicted gains, or measured ones when ``trained_shown``."""

    view: BudgetView
    trained: TrainedView | None
    trained_shown: bool = False
    _planes: dict[tuple[Layout | None, ...], tuple[Scale, str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def is_measured(self) -> bool:
        """Whether the gains that are shown rest on any measurement."""
        return bool(self.trained and self.trained_shown) or self.view.study.table.is_measured

    @property
    def front(self) -> Sequence[Choice]:
        """The Pareto front that is shown."""
        return self.trained.front if self.trained and self.trained_shown else self.view.front

    @cached_property
    def cloud(self) -> list[Choice]:
        """The dominated layouts."""
        if not (self.trained and self.trained_shown):
            return self.view.cloud
        known = {choice.layout for choice in self.front}
        return [choice for choice in self.trained.choices if choice.layout not in known]

    @cached_property
    def entries(self) -> list[Entry]:
        """The front as the browser shows it."""
        return [self.entry(choice.layout, index) for index, choice in enumerate(self.front)]

    @cached_property
    def packed(self) -> str:
        """The front as it travels to the browser; the same bytes at every rerun."""
        return packed_front(self.entries)

    @cached_property
    def domain(self) -> tuple[float, float]:
        """Smallest and largest Δ of any task on the front, for bars on one scale."""
        values = [value for c in self.front for f in (self.figures(c.layout),) for value in (*f.low, *f.high)]
        return float(min(values)), float(max(values))

    def figures(self, layout: Layout) -> LayoutInterval:
        """Return the Δ of a layout that this plane shows: measured where requested and known, else predicted."""
        real = self.trained.figures(layout) if self.trained and self.trained_shown else None
        return real or self.view.figures(layout)

    def entry(self, layout: Layout, place: int | None = None) -> Entry:
        """Return one layout as the browser shows it; ``place`` is its index on the Pareto front."""
        view, tasks = self.view, self.view.tasks
        known = self.figures(layout)
        cost = view.cost(layout)
        real = self.trained.figures(layout) if self.trained and not self.trained_shown else None
        sure, note = self._confidence(layout, place)
        beyond = (float(min(*self.domain, *known.low)), float(max(*self.domain, *known.high)))
        return Entry(
            code=layout_code(layout),
            cost=view.fraction(cost),
            score=known.score,
            layout=layout.to_json(),
            title=layout_sentence(layout, tasks),
            bars=bar_values(tasks, known, real),
            domain=None if place is not None else beyond,
            delta=percent(known.score) if self.is_measured else "–",
            interval=self._interval(known) + (f" · measured {percent(real.score)}" if real else ""),
            share=share(view.fraction(cost)),
            amount=f"{amount(cost, view.unit)} of {amount(view.independent, view.unit)}",
            sure=sure,
            sureNote=note,
        )  # fmt: skip

    def _interval(self, known: LayoutInterval) -> str:
        """Return the 90 % interval of a gain; where one value is all that is known, the reason why there is none."""
        if not self.is_measured:
            return "nothing measured"
        if self.trained and self.trained_shown:
            no_spread = "no interval: one seed" if len(self.trained.oracle.seeds) == 1 else ""
        else:
            is_point = known.spread is Spread.NONE or known.score_low == known.score_high
            no_spread = no_interval(self.view.study.table) if is_point and known.spread is not Spread.SEEDS else ""
        return no_spread or f"{percent(known.score_low)} to {percent(known.score_high)}"

    def _confidence(self, layout: Layout, place: int | None) -> tuple[str, str]:
        if self.trained and self.trained_shown:
            rows = self.trained.place(layout)
            return (
                ("measured", f"{plural(len(self.trained.oracle.seeds), 'seed')}, test split")
                if rows is not None
                else ("–", "not trained")
            )
        if place is None:
            # Picked by hand it may be one of them all the same.
            place = next((row for row, choice in enumerate(self.view.front) if choice.layout == layout), None)
        if place is None:
            return "–", "dominated: another layout costs no more and has at least the same predicted gain"
        if not self.is_measured:
            return "–", "nothing measured"
        if self.view.spread is Spread.NONE:
            return "–", no_interval(self.view.study.table)
        certainty = self.view.certainty
        words = "of bootstrap samples select it" + ("" if certainty.complete else ", among the Pareto front")
        if self.view.spread is Spread.HOLES:
            words = "of samples in which only unmeasured cells vary"
        return share(float(certainty.frequency[place])), words

    def shown(self, budget: float, picked: Layout | None) -> Layout | None:
        """Return the layout that is shown: the picked one, or the best within the budget; None where nothing fits."""
        if picked is not None:
            return picked
        best = best_within(self.front, budget * self.view.independent)
        return best.layout if best else None

    def nothing_fits(self) -> str:
        """Return the sentence for a budget below the cheapest layout."""
        cheapest = self.front[0].cost
        return (
            f"No layout fits this budget: the cheapest costs {share(self.view.fraction(cheapest))} of single-task "
            f"networks ({amount(cheapest, self.view.unit)}). Raise the budget."
        )

    def plane(self, pins: Sequence[Layout], picked: Layout | None) -> Plane:
        """Return the plane to draw, with pins and the layout chosen by hand."""
        view = self.view
        marks = [(layout, letter) for layout, letter in zip(pins, "ABCD", strict=False)]
        if picked is not None and picked not in pins:
            marks.append((picked, "selected"))
        real = self.trained.choices if self.trained and not self.trained_shown else []
        words = "Measured gain Δ, test split" if self.trained_shown else "Predicted gain Δ"
        words += "" if self.is_measured else ", nothing measured"
        return Plane(
            front=self._points(self.front),
            cloud=self._points(self.cloud),
            trained=self._points(real, measured=True),
            pins=[Point(view.fraction(view.cost(x)), self.figures(x).score, mark) for x, mark in marks],
            x_label=f"{UNIT_WORDS[view.unit]}, share of {view.study.n_tasks} single-task networks",
            y_label=f"{words} ({WEIGHT_WORDS[view.weights.rule].lower()}), vs single-task networks",
        )

    def drawn_plane(self, pins: Sequence[Layout], picked: Layout | None) -> tuple[Scale, str]:
        """Return the scale and the drawing of the plane as it travels, drawn once for the same marks."""
        marks = (*pins, None, picked)
        if marks not in self._planes:
            plane = self.plane(pins, picked)
            scale = scale_of(plane)
            self._planes.clear()
            self._planes[marks] = scale, packed_json(plane_svg(plane, scale))
        return self._planes[marks]

    def caption(self) -> str:
        """Return what is shown and how to use it."""
        view = self.view
        if self.trained and self.trained_shown:
            what = f"{plural(len(self.trained.oracle.layouts), 'trained layout')}"
        else:
            searched = "exact search" if view.found.exact else "heuristic search, which may miss the best"
            what = f"{plural(view.n_layouts, 'layout')}, {searched}"
        drawn = len(self.cloud) + len(self.front)
        sample = (
            ""
            if self.trained_shown or drawn >= view.n_layouts
            else f" · grey: {count(len(self.cloud))} of the others, chosen at random"
        )
        diamonds = " · diamonds: measured" if self.trained and not self.trained_shown else ""
        how = "drag the line or press ← →; click a point to select it, a block to edit the layout"
        return f"{what} · {plural(len(self.front), 'layout')} on the Pareto front{sample}{diamonds} · {how}"

    def _points(self, choices: Sequence[Choice], *, measured: bool = False) -> list[Point]:
        view = self.view
        if self.trained is not None and (measured or self.trained_shown):
            found = measured_points(self.trained, choices=choices)
        else:
            found = predicted_points(view, choices, per_task=False)
        return [Point.of(point, view.unit, view.independent) for point in found]
