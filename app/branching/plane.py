"""The trees of the path on the plane of cost and gain."""

import pandas as pd
import streamlit as st

from app.branching.scene import BranchingScene
from app.branching.tree_plane import PlacedTree, clustering_agreement, placed_trees
from app.charts.plane import Plane, Point, plane_svg, scale_of
from app.components.drawing import drawing
from app.plane.basis import measured_basis, measured_split
from app.plane.judged import estimate_words
from app.ui import cached
from app.ui.formatting import UNIT_WORDS, cost_share, escape, percent, plural
from app.ui.glossary import explain
from app.ui.inputs import estimator_input, unit_input, weights_input
from app.ui.layout_words import layout_sentence
from app.ui.written_table import WHOLE, row_height, sentence_width, show_written
from core.affinity.distance import Distance
from core.families.layouts.points import predicted_points
from core.families.layouts.trained import TrainedView

_NAMED = 24


def show_plane(scene: BranchingScene, alpha: float) -> None:
    """Show the trees of the path with the Pareto front of predictions, and how clustering cost orders trained layouts.

    Raises:
        TableError: The study has no two-task table to predict from.
    """
    if scene.misfit:
        st.info(f"{escape(scene.misfit)}. It can't be compared with layouts.")
        return
    with st.container(horizontal=True, vertical_alignment="top"):
        unit, weights, estimator = unit_input(scene.study), weights_input(), estimator_input(scene.study)
    budget = cached.scene(scene.study.name, str(weights), unit, False, estimator)
    view, trained = budget.view, budget.trained
    layouts = [step.tree.layout for step in scene.view.steps]
    placed = placed_trees(view, trained, layouts)
    current = scene.view.place(alpha)
    grid = st.grid(2, min_column_width=420)
    left, right = grid.cell(), grid.cell()
    with left, st.container(border=True):
        plane = Plane(
            front=[
                Point.of(point, unit, view.independent) for point in predicted_points(view, view.front, per_task=False)
            ],
            cloud=[
                Point.of(point, unit, view.independent)
                for point in predicted_points(view, budget.cloud, per_task=False)
            ],
            trained=[Point(tree.share, tree.trained) for tree in placed if tree.trained is not None],
            pins=[
                Point(tree.share, tree.predicted, _mark(place, current + 1, len(placed)))
                for place, tree in enumerate(placed, start=1)
            ],
            x_label=f"{UNIT_WORDS[unit]}, share of {len(view.tasks)} single-task networks",
            y_label=f"Predicted gain Δ ({budget.provenance})",
            measured=measured_split(trained) if trained else "",
            ring="trees of the path",
            has_budget=False,
        )
        drawing(plane_svg(plane, scale_of(plane)), key="tree_plane")
        st.caption(
            "Line: Pareto front of predictions. Rings: trees of the path, numbered as above; ◂ marks the current tree"
            + ("; diamonds: the same trees, measured." if plane.trained else ". None of them is trained yet."),
        )
    with right:
        if trained is not None:
            _evaluation(scene, trained, placed)
        st.caption(
            "Cost: share of single-task networks. Best at this cost: predicted gain Δ of the best layout of at most "
            f"this cost. {budget.basis}"
        )
    frame = _frame(scene, placed)
    show_written(
        frame,
        {
            "share": lambda value: cost_share(value / 100),
            **dict.fromkeys(("predicted gain Δ", "best at this cost", "measured gain Δ"), percent),
        },
        hide_index=True,
        column_config={
            "share": st.column_config.NumberColumn("cost"),
            "layout": st.column_config.TextColumn(width=(width := sentence_width(frame["layout"]))),
            "predicted gain Δ": st.column_config.NumberColumn("predicted Δ"),
            "measured gain Δ": st.column_config.NumberColumn("measured Δ"),
        },
        row_height=row_height(frame["layout"], width),
        height="content" if len(frame) <= WHOLE else 640,
        placeholder="–",
        alt="The trees of the path with cost, predicted and measured gain Δ",
    )


def _frame(scene: BranchingScene, placed: list[PlacedTree]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {
                "tree": place,
                "layout": layout_sentence(tree.layout, scene.view.tasks),
                "share": 100 * tree.share,
                "predicted gain Δ": tree.predicted,
                "measured gain Δ": tree.trained,
                "best at this cost": tree.best,
            }
            for place, tree in enumerate(placed, start=1)
        ]
    )
    return frame if any(tree.trained is not None for tree in placed) else frame.drop(columns="measured gain Δ")


def _evaluation(scene: BranchingScene, trained: TrainedView, placed: list[PlacedTree]) -> None:
    """Show how well clustering cost orders the trained layouts, and the best of them."""
    tasks, basis = scene.view.tasks, measured_basis(trained)
    if found := clustering_agreement(trained, scene.evidence.distances(scene.kind)):
        kind = "" if scene.kind is Distance.COSINE else f" ({scene.kind} distance)"
        st.markdown(
            f"Clustering cost against the measured gains of {plural(len(trained.oracle.layouts), 'layout')}: Spearman "
            f"**{estimate_words(found.weighted)}**, against their plain mean {estimate_words(found.mean)}{kind}.",
            help=explain("spearman", "clustering cost"),
        )
        st.caption(f"Measured gains: {basis}. Square brackets: 90 % bootstrap intervals over layouts and seeds.")
    if known := [tree for tree in placed if tree.trained is not None]:
        top = max(known, key=lambda tree: tree.trained or 0.0)
        best = trained.front[-1]
        st.markdown(
            f"Best measured tree of the path: **{percent(top.trained or 0.0)}** "
            f"({escape(layout_sentence(top.layout, tasks))}). Best of all trained layouts: "
            f"**{percent(best.score)}** ({escape(layout_sentence(best.layout, tasks))})."
        )
        st.caption("Chosen and reported on the same split, so both are biased upwards.")


def _mark(place: int, current: int, n: int) -> str:
    """Return the label of a ring; with many trees only the current one has a label."""
    return f"{place} ◂" if place == current else f"{place}" if n <= _NAMED else ""
