"""The networks of every family on one plane: what a budget buys over all of them, and how sure that is."""

from app.compare.entries import advice_words, against_words, certainty_words, network_entry
from app.compare.family_marks import family_words
from app.compare.figure import figure_data
from app.compare.kept import CompareScene
from app.compare.model import CompareView
from app.compare.picture import compare_svg, gain_words
from app.compare.structure import structure_svg
from app.compare.which import which_rows, which_svg
from app.compare.words import (
    axis_words,
    chance,
    cost_words,
    interval_words,
    not_drawn_words,
    title,
)
from app.components.compare_plane import packed_entries
from app.report.model import DraggedPlane, Facts, Figure, Paragraph, Part, Section, Table, paragraphs
from app.report.still_plane import with_line
from app.report.subject import Subject
from app.ui.formatting import ONE_SEED, amount, budget_share, cost_share, percent
from core.plane.comparison import BestWithin, Priced
from core.studies.study_plane import PAIRS

_HOW = "drag the line or press ← →; point at a network for its interval, click to select it"


def compare_section(subject: Subject) -> list[Section]:
    """Return the joint plane; nothing where fewer than two families have measured networks."""
    scene = subject.compared
    if scene is None:
        return []
    view, budget = scene.view, subject.budget
    found = view.within(budget)
    parts: list[Part] = [
        Paragraph(
            "What a budget buys over all families: networks are compared by what they reached, whichever family they "
            f"are of. Cost: {cost_words(view.question, view.unit)}. {gain_words(view)}."
        ),
        Paragraph(_answer(view, found, budget)),
        _plane(scene, found, budget),
        _front(view),
        *_which(view),
        *paragraphs([not_drawn_words(view.missing), *against_words(view)], quiet=True),
    ]
    return [Section("compare", "Every family on one plane", tuple(parts))]


def _answer(view: CompareView, found: BestWithin | None, budget: float) -> str:
    """Return what a budget buys in words."""
    if found is None:
        return f"No measured network is within {budget_share(budget)}."
    network = found.advised
    return f"Recommended within {budget_share(budget)}: {title(network.point)}. {advice_words(view, found)}".rstrip()


def _plane(scene: CompareScene, found: BestWithin | None, budget: float) -> DraggedPlane:
    view, scale = scene.view, scene.scale
    data = figure_data(scene, budget, None, {})
    what = f"{gain_words(view)} against {axis_words(view.question, view.unit, view.study.n_tasks)}"
    # A server would answer for the network that is clicked.
    selectable = packed_entries([network_entry(view, each) for each in view.networks])
    return DraggedPlane(
        "compare_plane",
        {**data, "selectable": selectable, "caption": f"{what} · {_HOW}"},
        with_line(compare_svg(view, scale, scene.layers, {}, is_still=True), scale, budget),
        f"{what}. The line is the budget of {budget_share(budget)}; the fuller a mark, the likelier its network is on "
        "the joint Pareto front. Bars: 90 % intervals of the front of mean gains.",
        () if found is None else _beside(view, found),
    )


def _beside(view: CompareView, found: BestWithin) -> tuple[Facts | Figure, ...]:
    """Return the figures of the recommended network and its structure."""
    network = found.advised
    figures = (
        ("Measured gain Δ", percent(network.score), _interval(view, network)),
        ("Cost", cost_share(view.share(network)), amount(network.cost, view.unit)),
        ("Probability", chance(found.probability), "that it is the best of all within the budget"),
        ("Which family", family_words(found.family), certainty_words(found)),
    )
    drawing = structure_svg(view.study, network.point, view.unit)
    if not drawing:
        return (Facts(figures, large=True),)
    return Facts(figures, large=True), Figure(drawing, "The recommended network: which task uses which piece.")


def _front(view: CompareView) -> Table:
    comparison = view.comparison
    assert comparison is not None
    rows = [
        (
            title(each.point),
            percent(each.score),
            _interval(view, each),
            str(each.point.n_seeds),
            cost_share(view.share(each)),
            chance(view.on_front(each)),
        )
        for each in comparison.front
    ]
    return Table(
        "The joint Pareto front of mean gains, test split, equal weights. The probability that a network is on the "
        "front of expected gains comes from seeds; a network off this front may be likelier on that one",
        ("network", "mean Δ", "90 % interval", "seeds", "cost", "on the front"),
        tuple(rows),
    )


def _which(view: CompareView) -> list[Part]:
    rows = which_rows(CompareView(view.plane, question, unit) for question, unit in PAIRS)
    caption = (
        "Which family when: the family with the best network within each budget, mean Δ, test split, and the "
        "probability that the best is one of its own; hatched where noise can't tell it from another family's best."
    )
    return [Figure(which_svg(rows), caption)]


def _interval(view: CompareView, network: Priced) -> str:
    if network.point.family == "single":
        return "0 by definition"
    interval = view.interval(network)
    return ONE_SEED if interval is None else interval_words(interval).removeprefix("90 % interval ")
