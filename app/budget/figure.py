"""The plane with its draggable budget, and what happens when it is used."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.charts.plane import SecondFront
from app.components.budget_plane import budget_plane, plane_data
from app.components.standalone import standalone_page
from app.plane.scene import Scene
from app.ui import state
from app.ui.formatting import escape
from app.ui.inputs import take_budget
from app.ui.links import layout_from_code
from core.errors import BranchwiseError, LayoutError
from core.layouts import Layout
from core.selection.budget import whole_percent
from core.selection.choice import Choice

KEY = "budget_plane"
_FAULT = "budget_fault"


@dataclass(frozen=True, slots=True)
class BudgetFigure:
    """What the figure shows.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.
        tolerance: How much less gain than the best is as good, in percentage points.
        picked: A layout chosen by hand, or None to follow the budget.
        pins: Pinned layouts.
        second: Another front that is drawn beside its own.
    """

    scene: Scene
    budget: float
    tolerance: float
    picked: Layout | None = None
    pins: tuple[Layout, ...] = ()
    second: SecondFront | None = None

    @property
    def layout(self) -> Layout | None:
        """The layout whose tree is shown; None where none fits the budget."""
        return self.scene.shown(self.budget, self.picked)

    def data(self) -> dict[str, object]:
        """Return what the browser gets to draw it."""
        scene, study = self.scene, self.scene.view.study
        scales, drawn = scene.drawn_plane(self.pins, self.picked, self.second)
        stamp = hashlib.sha256(f"{study.name}{scene.trained_shown}{drawn}".encode()).hexdigest()[:12]
        picked = None
        if self.picked is not None:
            picked = scene.entry(self.picked, budget=self.budget, tolerance=self.tolerance)
        return plane_data(
            plane=drawn,
            scales=scales,
            front=scene.packed,
            confidences=scene.confidences(self.tolerance),
            picked=picked,
            budget=self.budget,
            tasks=study.task_names,
            costs=scene.view.costs.tolist(),
            domain=scene.domain,
            caption=scene.caption(),
            filename=f"branchwise-{study.name}-{scene.view.unit}",
            stamp=stamp,
            words=_words(scene),
            sure=None if whole_percent(self.budget) is not None else scene.sure(self.budget, self.tolerance),
        )

    def page(self) -> str:
        """Return it as one HTML file."""
        return standalone_page(self.data(), f"Branchwise: {self.scene.view.study.title}")


def show_figure(figure: BudgetFigure) -> None:
    """Show the plane with its draggable budget."""
    study = figure.scene.view.study
    budget_plane(
        key=KEY,
        data=figure.data(),
        on_budget=_budget_moved,
        on_picked=lambda: _point_picked(figure.scene),
        on_edit=lambda: _block_edited(study.n_tasks, study.n_blocks),
        on_follow=lambda: state.select(None),
    )
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(escape(fault))


def _words(scene: Scene) -> dict[str, str]:
    """Return the labels that differ from those of predicted gains."""
    words = {} if scene.knows_noise else {"best": "Best within", "moreAt": "best within"}
    words["cheapestOf"] = scene.cheapest_of
    return words | ({"delta": "Measured gain Δ"} if scene.trained_shown else {})


def _budget_moved() -> None:
    if take_budget(KEY) and st.session_state.get("layout"):
        state.select(None)


def _point_picked(scene: Scene) -> None:
    clicked = getattr(st.session_state.get(KEY), "picked", None)
    if not isinstance(clicked, dict):
        return
    choices = _clickable(scene).get(str(clicked.get("kind")), ())
    index = clicked.get("index")
    if isinstance(index, int) and 0 <= index < len(choices):
        state.select(choices[index].layout)


def _clickable(scene: Scene) -> dict[str, Sequence[Choice]]:
    trained = scene.trained.choices if scene.trained and not scene.trained_shown else ()
    return {"front": scene.front, "cloud": scene.cloud, "trained": trained}


def _block_edited(n_tasks: int, n_blocks: int) -> None:
    edit = getattr(st.session_state.get(KEY), "edit", None)
    try:
        if isinstance(edit, dict):
            state.select(_edited(edit, n_tasks, n_blocks))
    except BranchwiseError as fault:
        st.session_state[_FAULT] = str(fault)


def _edited(edit: dict[str, object], n_tasks: int, n_blocks: int) -> Layout:
    """Return the layout after an edit; what the browser sends is checked like any upload.

    Raises:
        LayoutError: The edit makes no tree of this study.
    """
    layout = layout_from_code(str(edit.get("layout")), n_tasks, n_blocks)
    block, tasks, other = edit.get("block"), edit.get("tasks"), edit.get("other", [])
    members = [*tasks, *other] if isinstance(tasks, list) and isinstance(other, list) else [None]
    if not isinstance(block, int) or not all(isinstance(task, int) for task in members):
        raise LayoutError("That edit could not be read. Click the block again.")
    assert isinstance(tasks, list)
    assert isinstance(other, list)
    return layout.merge(block, tasks, other) if edit.get("op") == "merge" else layout.cut(block, tasks)
