"""What the browser shows of a budget: the recommended network, its structure, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.compare.family_marks import family_words
from app.compare.model import CompareView, code_of
from app.compare.structure import structure_svg
from app.compare.words import ONE_SEED, chance
from app.families.network_words import network_words
from app.ui.formatting import amount, compared, cost_share, listed, percent, unit_words
from core.costs import Unit
from core.plane.comparison import BestWithin, Priced
from core.plane.interval import t_interval
from core.plane.noise import NEGLIGIBLE_LOSS
from core.plane.point import PlanePoint
from core.selection.budget import whole_percent
from core.studies.latencies import Latencies

_DIGITS = 4  # of a percent; what is written has one


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """One network beside the plane.

    Args:
        place: Among the networks of the plane; its mark.
        code: As in an address.
        cost: Fraction of single-task networks.
        family: Its family in words.
        title: The network in words.
        layout: Its groups on each block, for the browser to draw; None where ``drawing`` has it.
        drawing: An SVG text of pieces × tasks; empty where there is none.
        delta: Its gain in words.
        interval: Interval of the gain in words.
        share: Cost as a share, in words.
        amount: Cost with its unit.
        bars: Gain of each task with its interval, as ``drawings/bars.js`` takes it; None where all are 0 by definition.
        front: Probability that it is on the joint front, in words.
    """

    place: int
    code: str
    cost: float
    family: str
    title: str
    layout: list[list[list[int]]] | None
    drawing: str
    delta: str
    interval: str
    share: str
    amount: str
    bars: dict[str, object] | None
    front: str


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What is said of one budget.

    Args:
        entry: Place of the recommended network among the entries; −1 where nothing fits.
        advice: Why a cheaper one than the best is recommended; else empty.
        sure: Probability that the recommended network is the best, in words.
        sureNote: What that number means.
        family: The family that wins.
        familyNote: How sure that is.
    """

    entry: int
    advice: str
    sure: str
    sureNote: str  # noqa: N815  # read by JavaScript
    family: str
    familyNote: str  # noqa: N815


_NOTHING = BudgetRow(-1, "", "–", "", "–", "")


@dataclass(frozen=True, slots=True)
class OwnRow:
    """What is said of a budget between two whole percents.

    Args:
        row: Its ``entry`` means nothing.
        entry: The recommended network; None where nothing fits.
    """

    row: BudgetRow
    entry: NetworkEntry | None


def network_entry(view: CompareView, network: Priced) -> NetworkEntry:
    """Return what stands beside the plane of one network."""
    point, layout = network.point, network.point.layout
    words = network_words(point)
    return NetworkEntry(
        place=view.networks.index(network),
        code=code_of(point),
        cost=view.share(network),
        family=family_words(point.family),
        title="One network for each task" if point.family == "single" else words[:1].upper() + words[1:],
        layout=None if layout is None else layout.to_json(),
        drawing="" if layout is not None else structure_svg(view.study, point, view.unit),
        delta=view.written(network.score),
        interval=view.interval_words(network),
        share=cost_share(view.share(network)),
        amount=_amount(view, network),
        bars=None if point.family == "single" else gain_bars(view.original(network)),
        front=chance(view.on_front(network)),
    )


def gain_bars(point: PlanePoint) -> dict[str, object]:
    """Return the measured gain of each task with its interval, as the browser draws it."""
    values = [math.nan if gain is None else gain for gain in point.gains]
    ends = [t_interval(list(point.scores(task).values())) for task in point.tasks]
    written = [percent(value) for value in values]
    known = all(end is not None for end in ends)
    return {
        "tasks": list(point.tasks),
        "values": [round(value, _DIGITS) for value in values],
        "low": [round(end[0], _DIGITS) for end in ends if end] if known else None,
        "high": [round(end[1], _DIGITS) for end in ends if end] if known else None,
        "written": written,
        "label": "Δ: " + ", ".join(f"{name} {value}" for name, value in zip(point.tasks, written, strict=True)),
    }


def _amount(view: CompareView, network: Priced) -> str:
    words = amount(network.cost, view.unit)
    return words if view.unit in (Unit.BYTES, Unit.LATENCY) else f"{words} {unit_words(view.unit)}"


def budget_entries(view: CompareView) -> tuple[list[NetworkEntry], list[BudgetRow]]:
    """Return the networks that any budget recommends, and what is said of 1, 2 … 100 %."""
    networks: list[Priced] = []
    rows = []
    for found in view.by_percent:
        if found is None:
            rows.append(_NOTHING)
            continue
        if found.advised not in networks:
            networks.append(found.advised)
        rows.append(budget_row(view, found, networks.index(found.advised)))
    return [network_entry(view, each) for each in networks], rows


def own_row(view: CompareView, budget: float) -> OwnRow | None:
    """Return what is said of a budget between two whole percents, a fraction; None where it is a whole percent."""
    if whole_percent(budget) is not None:
        return None
    found = view.within(budget)
    if found is None:
        return OwnRow(_NOTHING, None)
    return OwnRow(budget_row(view, found, 0), network_entry(view, found.advised))


def budget_row(view: CompareView, found: BestWithin, place: int) -> BudgetRow:
    """Return what is said of a budget whose recommended network has a place among the entries."""
    sure, note = chance(found.probability), ONE_SEED
    if found.probability is not None:
        unit = "points" if view.scale is None else "%"
        note = f"best of all within the budget; {chance(found.near)} at most {NEGLIGIBLE_LOSS:g} {unit} below the best"
    return BudgetRow(place, advice_words(view, found), sure, note, family_words(found.family), certainty_words(found))


def advice_words(view: CompareView, found: BestWithin) -> str:
    """Return why a cheaper network than the best is recommended, and that it loses where it does; empty for neither."""
    loses = "" if found.advised.score >= 0 else loss_words(view)
    if not found.is_cheaper:
        return loses
    best, chosen, apart = compared(found.best.score, found.advised.score)
    name = family_words(found.best.point.family)
    if view.scale is not None:
        return (
            f"The best {view.scale.metric.name} is {view.written(found.best.score)} ({name} at "
            f"{cost_share(view.share(found.best))}). This one reached {view.written(found.advised.score)}: the "
            f"difference is within noise, and it costs less. {loses}"
        ).rstrip()
    return (
        f"The largest mean gain is {best} ({name} at {cost_share(view.share(found.best))}). This one gains {chosen}: "
        f"the difference of {apart} points is within noise, and it costs less. {loses}"
    ).rstrip()


def loss_words(view: CompareView) -> str:
    """Return that what is recommended lost, and from which cost on networks did not."""
    known = None if view.comparison is None else view.comparison.cheapest_gain
    if known is None:
        return "It lost against single-task networks, as all networks here did."
    return f"It lost against single-task networks; the cheapest that did not costs {cost_share(view.share(known))}."


def certainty_words(found: BestWithin) -> str:
    """Return how sure it is which family wins within a budget."""
    if found.is_only_family:
        return "the only family with a network within the budget"
    words = ONE_SEED if found.certainty is None else f"has the best network with probability {chance(found.certainty)}"
    if found.alike:
        words += f"; within noise: {families_words(found.alike)}"
    largest = found.best.point.family
    if largest != found.family:
        words += (
            f"; the largest mean over the trained seeds is that of {family_words(largest)}, but from new seeds the "
            f"best is more likely one of {family_words(found.family)}"
        )
    return words


def families_words(names: Sequence[str]) -> str:
    """Return the names of families in a list."""
    return listed([family_words(name) for name in names])


def against_words(view: CompareView) -> list[str]:
    """Return what the gains of families on the plane are measured against, where it is not what the others are."""
    here = {each.point.family for each in view.networks}
    return [
        f"Gains of {family_words(family)} are against {what}."
        for family, what in view.plane.against.items()
        if family in here
    ]


def time_words(view: CompareView) -> str:
    """Return where milliseconds come from; empty for another unit."""
    if view.unit is not Unit.LATENCY:
        return ""
    found = view.study.result(Latencies)
    return (
        "Milliseconds: sums over blocks, each timed by itself when the study was requested."
        if found is None
        else found.words
    )
