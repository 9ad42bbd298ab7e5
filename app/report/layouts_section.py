"""What is recommended among sharing layouts, why, and the plane of all of them."""

from collections.abc import Sequence

import numpy as np

from app.budget.figure import BudgetFigure
from app.charts.bars_picture import bars_picture
from app.charts.heat_maps_picture import HeatMap, heat_maps_picture
from app.charts.plane import plane_svg, scale_of
from app.charts.tree_picture import tree_picture
from app.overview.model import Recommendation, interval_words
from app.plane.basis import pair_basis, predicted_split, weights_sentence
from app.plane.scene import Scene
from app.report.model import Bullets, DraggedPlane, Facts, Figure, Heading, Paragraph, Part, Section, Table, paragraphs
from app.report.still_plane import with_line
from app.report.subject import Subject
from app.ui.formatting import UNIT_WORDS, amount, budget_share, cost_share, count, no_interval, percent, plural
from app.ui.layout_words import layout_sentence
from core.estimators.coverage import interpolation_warnings
from core.layouts import Layout
from core.selection.choice import Choice

# More rows than anybody reads; the file of the Budget page has all.
_MOST_ROWS = 40
_MOST_PAIRED = 8
_WIDTH = 560.0
_WORDS = frozenset({0})


def layouts_section(subject: Subject, scene: Scene) -> list[Section]:
    """Return the recommendation, the plane and the table that they rest on."""
    found = [_recommendation(subject, scene), _plane(subject, scene)]
    if 2 <= subject.study.n_tasks <= _MOST_PAIRED and subject.study.table.is_measured:
        found.append(_pairs(scene))
    return found


def _recommendation(subject: Subject, scene: Scene) -> Section:
    title = f"Recommendation within {budget_share(subject.budget)} of single-task networks"
    found = subject.recommended
    if found is None:
        said = scene.nothing_fits(subject.budget) if not scene.trained_shown else _measured_words(scene, subject.budget)
        return Section("recommendation", title, (Paragraph(said),))
    doubts = paragraphs(interpolation_warnings(subject.study.table, found.layout))
    return Section("recommendation", title, (*doubts, *_answer(scene, found), *_reasons(found), _options(scene, found)))


def _measured_words(scene: Scene, budget: float) -> str:
    """Return what the measured gains recommend where there is no table to predict from."""
    advice = scene.recommended(budget)
    if advice is None:
        return scene.nothing_fits(budget)
    choice = scene.front[advice.place]
    return (
        f"{layout_sentence(choice.layout, scene.view.tasks)}: measured gain {percent(choice.score)} "
        f"({scene.provenance}). The two-task table is empty, so nothing is predicted."
    )


def _answer(scene: Scene, found: Recommendation) -> list[Part]:
    view, known = found.view, found.figures
    sure, note = found.confidence
    real = scene.trained.figures(found.layout) if scene.trained else None
    figures = [
        ("Predicted gain Δ", percent(known.score), found.interval),
        (
            "Cost",
            cost_share(view.fraction(found.choice.cost)),
            f"{amount(found.choice.cost, view.unit)} of {amount(view.independent, view.unit)}",
        ),
        ("Confidence", sure, note),
        ("Layouts", count(view.n_layouts), "exact search" if view.found.exact else "heuristic search"),
    ]
    interval = ", with 90 % intervals" if known.has_interval else ""
    diamonds = "; diamonds: measured, test split" if real is not None else ""
    return [
        Paragraph(f"{found.sentence}."),
        Facts(tuple(figures), large=True),
        Figure(
            tree_picture(found.layout, view.tasks, view.costs.tolist(), width=_WIDTH, label=found.sentence),
            f"The recommended layout. The width of a block is its cost ({UNIT_WORDS[view.unit]}), its colours are the "
            "tasks that share it.",
        ),
        Figure(
            bars_picture(view.tasks, known, real, width=_WIDTH),
            f"Predicted gain Δ of each task{interval}; {predicted_split(view)}{diamonds}.",
        ),
    ]


def _reasons(found: Recommendation) -> list[Part]:
    return [
        Heading("Why this layout"),
        *paragraphs([f"Predicted gain: {found.what_you_get}", found.why_not_best]),
        Bullets(tuple(found.pair_reasons)),
        Paragraph(pair_basis(found.view), quiet=True),
        Heading("Confidence"),
        Paragraph(found.how_sure),
        Heading("Alternatives"),
        Paragraph(found.instead),
    ]


def _options(scene: Scene, found: Recommendation) -> Table:
    view = found.view
    rows = [
        (
            option.name,
            layout_sentence(option.layout, view.tasks),
            percent(option.figures.score),
            interval_words(option.figures, "–"),
            "–" if option.trained is None else percent(option.trained),
            cost_share(view.fraction(option.cost)),
        )
        for option in found.options
    ]
    titles = ("", "layout", "predicted Δ", "90 % interval", "measured Δ", "cost")
    table = Table(f"The recommended layout and its alternatives. {scene.basis}", titles, tuple(rows), frozenset({0, 1}))
    return table if scene.trained else without_column(table, 4)


def _plane(subject: Subject, scene: Scene) -> Section:
    drawn, budget = scene.plane([], None), subject.budget
    scale = scale_of(drawn)
    data = BudgetFigure(scene, budget, subject.choices.tolerance).data()
    what = scene.caption().rpartition(" · ")[0]
    parts: list[Part] = [
        DraggedPlane(
            "budget_plane",
            {
                **data,
                "editable": False,
                "caption": f"{what} · drag the line or press ← →; click a point of the Pareto front to select it",
            },
            with_line(plane_svg(drawn, scale), scale, budget),
            f"{what}. The line is the budget of {budget_share(budget)}.",
        ),
        _front(scene),
    ]
    return Section("plane", "Every budget", tuple(parts))


def _front(scene: Scene) -> Table:
    view = scene.view
    shown = _shown(scene.front)
    rows = [_row(scene, choice.layout) for choice in shown]
    left = len(scene.front) - len(shown)
    which = f"{len(shown)} of its {len(scene.front)} layouts, evenly chosen" if left else plural(len(rows), "layout")
    table = Table(
        f"The Pareto front: {which}. {scene.basis}",
        ("layout", "predicted Δ", "90 % interval", "measured Δ", f"cost, {UNIT_WORDS[view.unit]}", "share"),
        tuple(rows),
        _WORDS,
    )
    return table if scene.trained else without_column(table, 3)


def _shown(front: Sequence[Choice]) -> list[Choice]:
    if len(front) <= _MOST_ROWS:
        return list(front)
    step = (len(front) - 1) / (_MOST_ROWS - 1)
    return [front[round(step * place)] for place in range(_MOST_ROWS)]


def _row(scene: Scene, layout: Layout) -> tuple[str, ...]:
    view = scene.view
    known, cost = view.figures(layout), view.cost(layout)
    real = scene.trained.figures(layout) if scene.trained else None
    is_predicted = view.study.table.is_measured
    return (
        layout_sentence(layout, view.tasks),
        percent(known.score) if is_predicted else "–",
        interval_words(known, "–") if is_predicted else "–",
        "–" if real is None else percent(real.score),
        amount(cost, view.unit),
        cost_share(view.fraction(cost)),
    )


def _pairs(scene: Scene) -> Section:
    """Return the two-task table: what each task gains beside each other one, by how many blocks they share."""
    view, table = scene.view, scene.view.study.table
    rows = [
        (
            f"{table.tasks[task]} with {table.tasks[other]}",
            *(percent(float(value)) for value in table.values[task, other, 1:]),
        )
        for task in range(table.n_tasks)
        for other in range(table.n_tasks)
        if task != other
    ]
    seeds = "" if table.samples is not None else f"; {no_interval(table)}"
    crossed, dashed = ("; ×: not measured", "; –: not measured") if table.holes.any() else ("", "")
    return Section(
        "pairs",
        "Two-task table",
        (
            Paragraph(
                "What a task gains when it is trained with one other task, by the number of first blocks that both "
                "share. All predictions rest on these numbers."
            ),
            Figure(
                _pair_maps(scene),
                "Gain Δ in percent of the task of a row beside that of a column, by the number of first blocks that "
                f"both share: blue gains, orange loses{crossed}; {predicted_split(view)}{seeds}.",
            ),
            Table(
                f"Gain Δ of the first task against its single-task network{dashed}; {predicted_split(view)}{seeds}",
                ("task", *(f"{shared} shared" for shared in range(1, table.n_blocks + 1))),
                tuple(rows),
                _WORDS,
            ),
            *paragraphs([weights_sentence(view)], quiet=True),
        ),
    )


def _pair_maps(scene: Scene) -> str:
    table = scene.view.study.table
    maps = [HeatMap(f"{shared} shared", table.values[:, :, shared]) for shared in range(1, table.n_blocks + 1)]
    return heat_maps_picture(
        maps, table.tasks, digits=1, is_diverging=True, label="Gains of pairs of tasks by the number of shared blocks",
        most=max(float(np.nanmax(np.abs(table.values))), 1e-9),
    )  # fmt: skip


def without_column(table: Table, place: int) -> Table:
    """Return a table without one of its columns."""
    return Table(
        table.caption,
        (*table.columns[:place], *table.columns[place + 1 :]),
        tuple((*row[:place], *row[place + 1 :]) for row in table.rows),
        frozenset(each - (each > place) for each in table.words if each != place),
    )
