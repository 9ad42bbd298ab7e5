"""What the Compare page shows of a study, a question of cost and a gain; no Streamlit."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from app.ui.formatting import ONE_SEED, minus, percent
from core.costs import CostQuestion, Unit
from core.plane.comparison import BestWithin, Comparison, Priced
from core.plane.hypervolume import Hypervolume
from core.plane.interval import t_interval
from core.plane.metric_scale import MetricScale
from core.plane.point import GainOrigin, PlanePoint
from core.plane.published import PublishedNetwork, published_networks
from core.selection.budget import whole_percent
from core.studies.study import Study
from core.studies.study_plane import StudyPlane

PERCENTS = range(1, 101)


@dataclass(frozen=True, slots=True)
class Predicted:
    """A network that is predicted and not trained.

    Args:
        point: The network.
        cost: As a fraction of single-task networks.
        gain: Predicted, percent.
    """

    point: PlanePoint
    cost: float
    gain: float


@dataclass(frozen=True, eq=False)
class CompareView:
    """The networks of a study at one question of cost.

    Args:
        plane: All networks of the study.
        question: Which question costs answer.
        unit: Unit of cost.
        task: Whose gain is shown; None for the mean over tasks.
        scale: Of the task, where the values of its metric are shown in place of its gains.
    """

    plane: StudyPlane
    question: CostQuestion
    unit: Unit
    task: str | None = None
    scale: MetricScale | None = None

    @property
    def study(self) -> Study:
        """The study."""
        return self.plane.study

    @cached_property
    def comparison(self) -> Comparison | None:
        """The measured networks compared; None where there is nothing to compare."""
        return self.plane.comparison(self.question, self.unit, self.task, self.scale)

    @cached_property
    def networks(self) -> tuple[Priced, ...]:
        """The measured networks by rising cost."""
        return () if self.comparison is None else self.comparison.networks

    @property
    def has_rivals(self) -> bool:
        """Whether anything but single-task networks is measured and answers the question."""
        return any(each.point.family != "single" for each in self.networks)

    @cached_property
    def predicted(self) -> tuple[Predicted, ...]:
        """What is predicted, for a layer of its own; in the order of families."""
        whole = self.plane.independent(self.question, self.unit)
        if self.scale is not None:
            return ()
        found = []
        for points in self.plane.points(self.question, self.unit).values():
            for point in points:
                cost, gain = point.cost(self.question, self.unit), self._predicted_gain(point)
                if point.origin is GainOrigin.PREDICTED and cost is not None and gain is not None and whole:
                    found.append(Predicted(point, cost / whole, gain))
        return tuple(found)

    @cached_property
    def published(self) -> tuple[PublishedNetwork, ...]:
        """What papers print for this question and unit; the mean over tasks only, since their tasks are others."""
        pair = self.question, self.unit
        return () if self.task else tuple(each for each in published_networks() if pair in each.shares)

    @cached_property
    def missing(self) -> Mapping[str, str]:
        """Family → why none of its networks is drawn."""
        found = dict(self.plane.missing(self.question, self.unit))
        here = {each.point.family for each in self.networks}
        for family, points in self.plane.points(self.question, self.unit).items():
            if family not in here and all(point.origin is GainOrigin.PREDICTED for point in points):
                found[family] = "predicted only, none trained"
        if self.scale is not None:
            found |= {family: f"its gains are against {what}" for family, what in self.plane.against.items()
                      if family not in here and family not in found}  # fmt: skip
        return found

    def share(self, network: Priced) -> float:
        """Return a cost as a fraction of single-task networks."""
        assert self.comparison is not None
        return network.cost / self.comparison.independent

    def interval(self, network: Priced) -> tuple[float, float] | None:
        """Return the 90 % interval of the gain that is shown; None where it has one seed."""
        if network.point.family == "single" and self.scale is None:
            return 0.0, 0.0
        return t_interval(list(network.point.scores(self.task).values()))

    def on_front(self, network: Priced) -> float | None:
        """Return the probability that a network is on the joint Pareto front; None where it has one seed."""
        return None if self.comparison is None else self.comparison.front_probability(network)

    @cached_property
    def by_percent(self) -> tuple[BestWithin | None, ...]:
        """What 1, 2 … 100 % of single-task networks buy."""
        if self.comparison is None:
            return (None,) * len(PERCENTS)
        return tuple(self.comparison.within_share(percent / 100) for percent in PERCENTS)

    def within(self, budget: float) -> BestWithin | None:
        """Return what a budget, a fraction of single-task networks, buys; None where no network is within it."""
        percent = whole_percent(budget)
        if percent is not None and percent in PERCENTS:
            return self.by_percent[percent - 1]
        return None if self.comparison is None else self.comparison.within_share(budget)

    @cached_property
    def hypervolumes(self) -> Mapping[str | None, Hypervolume]:
        """Family → the area that it dominates; under None that of all families together."""
        return {} if self.comparison is None else self.comparison.hypervolumes()

    def written(self, score: float) -> str:
        """Return a gain, or the value of the metric, in words."""
        if self.scale is None:
            return percent(score)
        value, unit = self.scale.value(score), self.scale.metric.unit
        return minus(f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}") + (f" {unit}" if unit else "")

    def interval_words(self, network: Priced) -> str:
        """Return the 90 % interval of what is shown of a network, in words."""
        interval = self.interval(network)
        if network.point.family == "single" and self.scale is None:
            return "0 by definition"
        if interval is None:
            return ONE_SEED
        low, high = sorted(interval) if self.scale is None or self.scale.sign > 0 else sorted(interval, reverse=True)
        return f"90 % interval {self.written(low)} to {self.written(high)}"

    def original(self, network: Priced) -> PlanePoint:
        """Return a network with its gains, whatever is shown."""
        return self._points.get((network.point.family, network.point.label), network.point)

    @cached_property
    def _points(self) -> dict[tuple[str, str], PlanePoint]:
        return {(point.family, point.label): point for point in self.plane.measured}

    def find(self, code: str) -> Priced | None:
        """Return the measured network of a code; None where it is not here."""
        return self._by_code.get(code)

    @cached_property
    def _by_code(self) -> dict[str, Priced]:
        return {code_of(each.point): each for each in self.networks}

    def _predicted_gain(self, point: PlanePoint) -> float | None:
        if self.task is None:
            return point.gain
        return point.gains[point.tasks.index(self.task)] if self.task in point.tasks else None


def code_of(point: PlanePoint) -> str:
    """Return a network as an address holds it.

    >>> code_of(PlanePoint("treednn", "cut 3", ("a",), {}, (1.0,), 1.0, None, 1, GainOrigin.MEASURED))
    'treednn:cut 3'
    """
    return f"{point.family}:{point.label}"
