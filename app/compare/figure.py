"""The plane with its budget on the page, and what happens when it is used."""

from collections.abc import Mapping

import streamlit as st

from app.compare import selection
from app.compare.entries import against_words, network_entry, own_row, time_words
from app.compare.kept import CompareScene
from app.compare.model import code_of
from app.compare.picture import measure_words
from app.compare.words import cost_words, not_drawn_words
from app.components.compare_plane import compare_data, compare_plane
from app.ui.formatting import escape, listed
from app.ui.inputs import take_budget
from core.costs import Unit, block_costs
from core.plane.comparison import Priced
from core.plane.published import published_networks

KEY = "compare_plane"
_CAPTION = "Drag the budget, or use the arrow keys; point at a network for its interval, click to select it."


def show_figure(scene: CompareScene, budget: float, picked: Priced | None, pins: Mapping[str, Priced]) -> None:
    """Show the plane for a budget given as a fraction of single-task networks."""
    compare_plane(
        key=KEY,
        data=figure_data(scene, budget, picked, pins),
        on_budget=lambda: _budget_moved(picked is not None),
        on_picked=lambda: _picked(scene),
        on_follow=lambda: selection.select(None),
    )


def figure_data(
    scene: CompareScene, budget: float, picked: Priced | None, pins: Mapping[str, Priced]
) -> dict[str, object]:
    """Return what the browser gets to draw the plane.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.
        picked: The network that was selected by hand.
        pins: Letter → pinned network.
    """
    view, study = scene.view, scene.view.study
    entries, rows = scene.packed
    letters = {code_of(each.point): letter for letter, each in pins.items()}
    unit = view.unit if view.unit is not Unit.LATENCY or study.backbone.latency is not None else Unit.MACS
    return compare_data(
        plane=scene.plane(letters),
        scales=scene.scales,
        entries=entries,
        rows=rows,
        readouts=scene.readouts,
        picked=network_entry(view, picked) if picked else None,
        budget=budget,
        own=own_row(view, budget),
        tasks=study.task_names,
        costs=block_costs(study.backbone, unit).tolist(),
        caption=_CAPTION,
        measure=measure_words(view),
        filename=f"branchwise-{study.name}-compare-{view.question}-{view.unit}",
    )


def show_pin(scene: CompareScene, shown: Priced | None) -> None:
    """Offer to pin the network that is shown."""
    if shown is None:
        st.button("Pin", icon=":material/keep:", disabled=True, help="Keep up to four to compare")
        return
    st.button(
        "Pin", icon=":material/keep:", on_click=selection.pin, args=(scene.view, shown),
        disabled=not selection.can_pin(scene.view, shown), help="Keep up to four to compare",
    )  # fmt: skip


def show_missing(scene: CompareScene) -> None:
    """Say which families are not drawn, each with the reason, and which have another baseline."""
    view = scene.view
    for said in (not_drawn_words(view.missing), *against_words(view), time_words(view), *empty_layers(scene)):
        if said:
            st.caption(escape(said))


def empty_layers(scene: CompareScene) -> list[str]:
    """Return why nothing is drawn of a layer that was requested."""
    view, found = scene.view, []
    if scene.layers.predicted and view.scale is not None:
        found.append("Predicted: what is predicted is the gain, not the metric.")
    elif scene.layers.predicted and not view.predicted:
        found.append("Predicted: no network that is not trained has a predicted gain and a cost at this question.")
    if scene.layers.published and view.task:
        found.append("From papers: they have other tasks, so their figures are drawn beside the mean over tasks only.")
    elif scene.layers.published and not view.published:
        known = sorted({cost_words(*pair) for each in published_networks() for pair in each.shares})
        known = [each if each.startswith("MACs") else each.lower() for each in known]
        found.append(f"From papers: no table has networks with this cost. They have: {listed(known)}.")
    return found


def _budget_moved(was_picked: bool) -> None:
    if take_budget(KEY) and was_picked:
        selection.select(None)


def _picked(scene: CompareScene) -> None:
    code = getattr(st.session_state.get(KEY), "picked", None)
    if isinstance(code, str):
        selection.select_code(scene.view, code)
