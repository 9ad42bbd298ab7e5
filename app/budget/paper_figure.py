"""The plane with its budget and the selected tree, as a figure for a paper."""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, nan

from app.charts.plane import SecondFront
from app.figures.bibliography import TREE_MTL
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import DOMINATED, HUES, TEXT, Plot, Series, Tree
from app.plane.basis import measured_basis, predicted_basis
from app.plane.scene import Scene
from app.ui.formatting import UNIT_WORDS, budget_share
from app.ui.layout_words import layout_sentence
from core.estimators.resampling import LayoutInterval
from core.layouts import Layout
from core.selection.choice import Choice

_MOST_BARS = 25
_COLUMNS = ("series", "layout", "cost", "unit", "share of single-task networks", "gain", "low", "high", "of")


def paper_menu(
    scene: Scene, budget: float, shown: Layout, pins: Sequence[Layout], second: SecondFront | None = None
) -> None:
    """Show the menu of the plane and the tree beside it."""
    study = scene.view.study
    figure_menu(
        partial(plane_figure, scene, budget, shown, tuple(pins), second=second),
        key="budget", tasks=study.task_names, has_order=True,
        stem=f"branchwise-{study.name}-{scene.view.unit}",
    )  # fmt: skip


def plane_figure(
    scene: Scene,
    budget: float,
    shown: Layout | None,
    pins: Sequence[Layout],
    edits: Edits,
    second: SecondFront | None = None,
) -> PaperFigure:
    """Return the plane beside the tree of the layout that is shown.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.
        shown: The layout that is recommended or selected.
        pins: Pinned layouts.
        edits: What a person changed.
        second: Another Pareto front to compare with.
    """
    view = scene.view
    study, tasks = view.study, edits.named(view.tasks)
    is_measured = scene.trained is not None and scene.trained_shown
    word = "Measured" if is_measured else "Predicted"
    drawn = [_series(scene, "other layouts", scene.cloud, None, colour=DOMINATED, size=2.6)]
    if scene.trained is not None and not scene.trained_shown:
        # Bars of many layouts hide the front; the data have them all.
        few = len(scene.trained.choices) <= _MOST_BARS
        known = [scene.trained.figures(choice.layout) for choice in scene.trained.choices] if few else None
        drawn.append(_series(scene, "trained layouts, measured", scene.trained.choices, known,
                             mark="D", colour=TEXT, is_open=True, size=3.6))  # fmt: skip
    drawn.append(_series(scene, "Pareto front", scene.front, [scene.figures(c.layout) for c in scene.front],
                         is_staircase=True))  # fmt: skip
    if second is not None:
        drawn.append(_second_series(second))
    marked = [Choice(layout, scene.figures(layout).score, view.cost(layout)) for layout in pins]
    letters = list("ABCD"[: len(marked)])
    if shown is not None:
        marked.append(Choice(shown, scene.figures(shown).score, view.cost(shown)))
        letters.append("")
    if marked:
        drawn.append(_series(scene, "pinned and shown", marked, None, colour=TEXT, is_open=True, size=9.0,
                             labels=tuple(letters)))  # fmt: skip
    plot = Plot(
        tuple(drawn),
        x_label=f"{UNIT_WORDS[view.unit]}, share of {study.n_tasks} single-task networks",
        y_label=f"{word} gain Δ vs single-task networks (%)",
        is_x_share=True,
        verticals=((budget, f"budget {budget_share(budget)}"),),
        horizontals=((0.0, ""),),
    )
    trees = () if shown is None else (
        Tree(shown, tasks, tuple(view.costs.tolist()), f"width: {UNIT_WORDS[view.unit].lower()}",
             title=layout_sentence(shown, tasks), order=edits.ordered(study.n_tasks)),
    )  # fmt: skip
    ends = "Bars are 90 % intervals." if any(_known(each) for each in drawn) else "No interval is known."
    return PaperFigure(
        f"Cost and gain of sharing layouts: {study.title}",
        scene.provenance,
        (plot, *trees),
        caption=f"{word} gain Δ against the cost of the backbone, without heads; the line is the Pareto front. {ends} "
        + (f"Open diamonds: {measured_basis(scene.trained)}. " if scene.trained and not is_measured else "")
        + (
            f"Open squares: the front of {second.words} ({second.basis}), against its own single-task networks. "
            if second
            else ""
        )
        + (f"Beside it: {layout_sentence(shown, tasks)}." if shown else ""),
        columns=_COLUMNS,
        rows=(*_rows(scene, is_measured), *_second_rows(scene, second)),
        papers=(TREE_MTL,),
        provenance=provenance_of(study),
    )


def _series(
    scene: Scene, name: str, choices: Sequence[Choice], known: Sequence[LayoutInterval | None] | None, **look: object
) -> Series:
    ends = [_ends(each) for each in known] if known is not None else []
    return Series(
        name,
        tuple(scene.view.fraction(choice.cost) for choice in choices),
        tuple(choice.score for choice in choices),
        tuple(low for low, _ in ends),
        tuple(high for _, high in ends),
        **look,  # type: ignore[arg-type]
    )


def _second_series(second: SecondFront) -> Series:
    return Series(
        f"Pareto front: {second.words}",
        tuple(point.cost for point in second.points),
        tuple(point.score for point in second.points),
        mark="s",
        line="--",
        colour=HUES[3],
        size=4.0,
        is_open=True,
        is_staircase=True,
    )


def _second_rows(scene: Scene, second: SecondFront | None) -> list[tuple[object, ...]]:
    """Return the points of another front, of which only shares and gains are known here."""
    return [
        ("second Pareto front", "", None, str(scene.view.unit), point.cost, point.score, None, None,
         f"{second.words}: {second.basis}")
        for point in second.points
    ] if second else []  # fmt: skip


def _ends(known: LayoutInterval | None) -> tuple[float, float]:
    return (known.score_low, known.score_high) if known is not None and known.has_interval else (nan, nan)


def _known(series: Series) -> bool:
    return any(-inf < low < inf for low in series.low)


def _rows(scene: Scene, is_measured: bool) -> list[tuple[object, ...]]:
    view, rows = scene.view, []
    shown = measured_basis(scene.trained) if is_measured and scene.trained else predicted_basis(view)
    groups: list[tuple[str, Sequence[Choice], Callable[[Layout], LayoutInterval | None], str]]
    groups = [("Pareto front", scene.front, scene.figures, shown), ("other layouts", scene.cloud, scene.figures, shown)]
    if scene.trained is not None and not is_measured:
        groups.append(("trained layouts", scene.trained.choices, scene.trained.figures, measured_basis(scene.trained)))
    for name, choices, figures, basis in groups:
        for choice in choices:
            low, high = _ends(figures(choice.layout))
            ends = (None, None) if low != low else (low, high)
            rows.append((name, str(choice.layout), choice.cost, str(view.unit), view.fraction(choice.cost),
                         choice.score, *ends, basis))  # fmt: skip
    return rows
