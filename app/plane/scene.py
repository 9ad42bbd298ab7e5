"""The plane of cost and gain as the drawings and sentences that the browser shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.charts.bars import bar_values
from app.charts.plane import Plane, Point, Scale, SecondFront, drawn_planes, plane_height
from app.components.budget_plane import Entry, packed_front
from app.components.packed import packed_json
from app.plane.basis import measured_basis, measured_split, predicted_basis
from app.plane.confidence import CHEAPEST_OF_ALL, ZERO_INSIDE, confidence, is_zero_inside, not_told_apart
from app.ui.formatting import (
    ONE_SEED,
    UNIT_WORDS,
    WITHOUT_INTERVALS,
    amount,
    budget_share,
    compared,
    cost_share,
    count,
    no_interval,
    percent,
    plural,
)
from app.ui.layout_words import layout_sentence
from app.ui.links import layout_code
from core.estimators.resampling import LayoutInterval
from core.families.layouts.points import measured_points, predicted_points
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.plane.point import Advice, affordable
from core.selection.budget import percent_of
from core.selection.choice import Choice


@dataclass(frozen=True, eq=False)
class Scene:
    """One plane ready to be shown: predicted gains, or measured ones when ``trained_shown``."""

    view: BudgetView
    trained: TrainedView | None
    trained_shown: bool = False
    _planes: dict[tuple[Layout | SecondFront | None, ...], tuple[list[Scale], str]] = field(
        default_factory=dict, init=False, repr=False
    )
    _sures: dict[float, str] = field(default_factory=dict, init=False, repr=False)

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
        """Smallest and largest Δ that the bars of any layout of the front show, for bars on one scale."""
        return _ends([self.figures(c.layout) for c in self.front] + self._measured([c.layout for c in self.front]))

    def _measured(self, layouts: Sequence[Layout]) -> list[LayoutInterval]:
        """Return the measured gains that are drawn beside the predicted ones."""
        if self.trained is None or self.trained_shown:
            return []
        return [real for layout in layouts if (real := self.trained.figures(layout)) is not None]

    @property
    def knows_noise(self) -> bool:
        """Whether the gains that are shown have intervals."""
        return self.trained.knows_noise if self.trained and self.trained_shown else self.view.knows_noise

    @property
    def no_interval(self) -> str:
        """Why the gains that are shown have no interval."""
        if not self.is_measured:
            return "nothing measured"
        return ONE_SEED if self.trained and self.trained_shown else no_interval(self.view.study.table)

    @property
    def provenance(self) -> str:
        """Which weighting, split and seeds the gains that are shown are of."""
        return measured_basis(self.trained) if self.trained and self.trained_shown else predicted_basis(self.view)

    @property
    def basis(self) -> str:
        """The same of predicted and, where there are any, measured gains, in a sentence for a table of both."""
        said = f"Predicted gain Δ: {predicted_basis(self.view)}"
        return f"{said}. Measured gain Δ: same weights, {measured_split(self.trained)}." if self.trained else f"{said}."

    def top(self, budget: float, k: int) -> list[Layout]:
        """Return the k layouts with the best gain that is shown within a budget given as a fraction.

        Raises:
            BudgetError: The cheapest layout costs more.
        """
        limit = self.view.limit(budget)
        if not (self.trained and self.trained_shown):
            return [choice.layout for choice in self.view.top(limit, k).choices]
        within = [choice for choice in self.trained.choices if affordable(choice.cost, limit)]
        return [choice.layout for choice in sorted(within, key=lambda c: (-c.score, c.cost))[:k]]

    def recommended(self, budget: float) -> Advice | None:
        """Return what is recommended within a budget given as a fraction: the cheapest that equals the best."""
        return (self.trained if self.trained and self.trained_shown else self.view).recommended(budget)

    def figures(self, layout: Layout) -> LayoutInterval:
        """Return the Δ of a layout that this plane shows: measured where requested and known, else predicted."""
        real = self.trained.figures(layout) if self.trained and self.trained_shown else None
        return real or self.view.figures(layout)

    def entry(
        self, layout: Layout, place: int | None = None, *, budget: float | None = None, tolerance: float = 0.0
    ) -> Entry:
        """Return one layout as the browser shows it.

        Args:
            layout: The layout.
            place: Its index on the Pareto front, where it is on it.
            budget: As a fraction, for a layout that was picked by hand.
            tolerance: How much less gain than the best is as good, in percentage points.
        """
        view, tasks = self.view, self.view.tasks
        known = self.figures(layout)
        cost = view.cost(layout)
        real = self.trained.figures(layout) if self.trained and not self.trained_shown else None
        sure, note = self._confidence(layout, budget, tolerance)
        low, high = _ends([known, *self._measured([layout])])
        return Entry(
            code=layout_code(layout),
            cost=view.fraction(cost),
            score=known.score,
            layout=layout.to_json(),
            title=layout_sentence(layout, tasks),
            bars=bar_values(tasks, known, real),
            domain=None if place is not None else (min(self.domain[0], low), max(self.domain[1], high)),
            delta=percent(known.score) if self.is_measured else "–",
            interval=self._interval(known) + self._measured_words(real),
            share=cost_share(view.fraction(cost)),
            amount=f"{amount(cost, view.unit)} of {amount(view.independent, view.unit)}",
            recommends=-1 if place is None else self._equals[place],
            advice="" if place is None else self.advice(place),
            sure=sure,
            sureNote=note,
        )  # fmt: skip

    def _measured_words(self, real: LayoutInterval | None) -> str:
        """Return the measured gain beside the predicted one; empty where there is none."""
        if real is None or self.trained is None:
            return ""
        return f" · measured {percent(real.score)} ({measured_split(self.trained)})"

    @property
    def _equals(self) -> Sequence[int]:
        return (self.trained if self.trained and self.trained_shown else self.view).cheapest_equal

    def advice(self, best: int) -> str:
        """Return why not the best of the front is recommended but a cheaper one, and whether that gains anything.

        Args:
            best: Place of the best within a budget on the front.

        Returns:
            Sentences; empty where the best is recommended and noise does not hide its gain.
        """
        place = self._equals[best]
        said = [] if place == best else [self._why_not_best(best, place)]
        if place == 0 < best:
            said.append(CHEAPEST_OF_ALL)
        if is_zero_inside(self.figures(self.front[place].layout)):
            said.append(ZERO_INSIDE)
        return " ".join(said)

    def _why_not_best(self, best: int, place: int) -> str:
        better, cheaper = self.front[best], self.front[place]
        best_word = "measured" if self.trained_shown else "predicted"
        best_gain, gain, apart = compared(better.score, cheaper.score)
        known = self.trained if self.trained and self.trained_shown else self.view.intervals
        half = known.half_width_between(better.layout, cheaper.layout)
        return (
            f"The best {best_word} layout has {best_gain} at {cost_share(self.view.fraction(better.cost))} cost, this "
            f"one {gain}: {not_told_apart(apart, half)}."
        )

    def confidences(self, tolerance: float) -> str:
        """Return the confidence in what is recommended within 1 … 100 %, and what it means, as it travels.

        Args:
            tolerance: How much less gain than the best is as good, in percentage points.
        """
        if tolerance not in self._sures:
            self._sures.clear()
            found = [self.sure(percentage / 100, tolerance) for percentage in range(1, 101)]
            self._sures[tolerance] = packed_json(found)
        return self._sures[tolerance]

    def sure(self, budget: float, tolerance: float) -> tuple[str, str] | None:
        """Return the confidence in what is recommended within a budget, and what it means; None where nothing is."""
        advice = self.recommended(budget) if self._has_confidence else None
        if advice is None:
            return None
        layout = self.front[advice.place].layout
        return confidence(self.view, layout, budget, tolerance, is_cheaper=advice.is_cheaper)

    @property
    def _has_confidence(self) -> bool:
        return self.is_measured and not self.trained_shown and self.view.knows_noise

    def _interval(self, known: LayoutInterval) -> str:
        """Return the 90 % interval of a gain; where one value is all that is known, the reason why there is none."""
        if self.is_measured and known.has_interval:
            return f"{percent(known.score_low)} to {percent(known.score_high)}"
        return self.no_interval

    def _confidence(self, layout: Layout, budget: float | None, tolerance: float) -> tuple[str, str]:
        """Return the confidence in a layout within a budget, and what that number means."""
        if self.trained and self.trained_shown:
            rows = self.trained.place(layout)
            return ("measured", measured_split(self.trained)) if rows is not None else ("–", "not trained")
        if not self._has_confidence:
            return "–", WITHOUT_INTERVALS if self.is_measured else self.no_interval
        if budget is None:
            return "–", ""
        if not affordable(self.view.cost(layout), self.view.limit(budget)):
            return "–", "over the budget"
        if all(choice.layout != layout for choice in self.view.front):
            return "–", "dominated: another layout costs no more and has at least the same predicted gain"
        advice = self.recommended(budget)
        is_cheaper = advice is not None and advice.is_cheaper and self.front[advice.place].layout == layout
        return confidence(self.view, layout, budget, tolerance, is_cheaper=is_cheaper)

    def shown(self, budget: float, picked: Layout | None) -> Layout | None:
        """Return the layout that is shown: the picked one, or the recommended one; None where nothing fits."""
        if picked is not None:
            return picked
        advice = self.recommended(budget)
        return None if advice is None else self.front[advice.place].layout

    def nothing_fits(self, budget: float) -> str:
        """Return the sentence for a budget, as a fraction, below the cheapest layout."""
        share = cost_share(self.view.fraction(self.front[0].cost), budget)
        return f"No layout fits this budget: the cheapest costs {share} {self.cheapest_of}"

    @property
    def cheapest_of(self) -> str:
        """Of what the share is that the cheapest layout costs, and the way out of a budget below that."""
        shares = [self.view.fraction(choice.cost) for choice in self.front]
        return (
            f"of single-task networks ({amount(self.front[0].cost, self.view.unit)}). "
            f"Raise the budget to {budget_share(percent_of(shares, 0) / 100)} or more."
        )

    def plane(self, pins: Sequence[Layout], picked: Layout | None, second: SecondFront | None = None) -> Plane:
        """Return the plane to draw, with pins, the layout chosen by hand, and another front to compare with."""
        view = self.view
        marks = [(layout, letter) for layout, letter in zip(pins, "ABCD", strict=False)]
        if picked is not None and picked not in pins:
            marks.append((picked, "selected"))
        real = self.trained.choices if self.trained and not self.trained_shown else []
        words = "Measured gain Δ" if self.trained_shown else "Predicted gain Δ"
        return Plane(
            front=self._points(self.front),
            cloud=self._points(self.cloud),
            trained=self._points(real, measured=True),
            measured=measured_split(self.trained) if self.trained else "",
            pins=[Point(view.fraction(view.cost(x)), self.figures(x).score, mark) for x, mark in marks],
            x_label=f"{UNIT_WORDS[view.unit]}, share of {view.study.n_tasks} single-task networks",
            y_label=f"{words} vs single-task networks ({self.provenance})",
            links=self._links(picked),
            second=second,
        )

    def _links(self, picked: Layout | None) -> list[tuple[Point, Point]]:
        """Return lines from predicted to measured gains, of the front and of the layout that was picked."""
        if self.trained is None or self.trained_shown:
            return []
        layouts = [choice.layout for choice in self.front]
        found = []
        for layout in [*layouts, *([picked] if picked is not None and picked not in layouts else [])]:
            real = self.trained.figures(layout)
            if real is not None:
                cost = self.view.fraction(self.view.cost(layout))
                found.append((Point(cost, self.figures(layout).score), Point(cost, real.score)))
        return found

    def drawn_plane(
        self, pins: Sequence[Layout], picked: Layout | None, second: SecondFront | None = None
    ) -> tuple[list[Scale], str]:
        """Return the scales and the drawings of the plane as they travel, drawn once for the same marks."""
        marks = (*pins, None, picked, second)
        if marks not in self._planes:
            plane = self.plane(pins, picked, second)
            drawn = drawn_planes(plane, height=plane_height(self.view.study.n_tasks))
            self._planes.clear()
            self._planes[marks] = [each.scale for each in drawn], packed_json([each.svg for each in drawn])
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
        how = "drag the line or press ← →; click a point to select it, a block to edit the layout"
        return f"{what} · {plural(len(self.front), 'layout')} on the Pareto front{sample} · {how}"

    def _points(self, choices: Sequence[Choice], *, measured: bool = False) -> list[Point]:
        view = self.view
        if self.trained is not None and (measured or self.trained_shown):
            found = measured_points(self.trained, choices=choices)
        else:
            found = predicted_points(view, choices, per_task=False)
        return [Point.of(point, view.unit, view.independent) for point in found]


def _ends(shown: Sequence[LayoutInterval]) -> tuple[float, float]:
    """Return the smallest and the largest gain of any task that some bars show."""
    return (
        float(min(value for known in shown for value in known.low)),
        float(max(value for known in shown for value in known.high)),
    )
