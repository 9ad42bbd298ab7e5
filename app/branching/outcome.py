"""Key figures of the current tree: the gap of the beam search of Branched MTL, its cost and its measured gain."""

import math

import streamlit as st

from app.branching.scene import BranchingScene
from app.plane.basis import measured_basis
from app.ui import cached
from app.ui.formatting import UNIT_WORDS, cost_share, count, percent, share
from app.ui.glossary import explain
from app.ui.inputs import current_estimator, current_weights
from core.costs import Unit, block_costs, layout_cost
from core.families.layouts.predictions import available_units
from core.layouts import Layout

_WORDS = {**UNIT_WORDS, Unit.PARAMETERS: "parameters", Unit.BYTES: "bytes", Unit.LATENCY: "latency"}


def show_beam(scene: BranchingScene, alpha: float, width: int) -> None:
    """Show the gap of the beam search of Branched MTL to the current tree, with and without regrafting."""
    exact = scene.view.exact is not None
    gap, improved = scene.gaps(alpha, width)
    if gap <= 0:
        words = (
            "finds a tree as cheap as the exact search: no gap." if exact else "finds the current tree or one as cheap."
        )
    elif exact:
        words = f"finds a tree that costs {_more(gap)} the exact one; after regrafting, "
        words += "there is no gap." if improved <= 0 else f"{_more(improved)} it."
    else:
        words = f"finds a tree that costs {_more(gap)} the current one, which regrafting found from it."
    st.markdown(f"The beam search of Branched MTL with width {width} {words}", help=explain("beam", "regrafting"))
    spared = scene.first_needed(alpha, width)
    if spared:
        saved = ""
        if scene.evidence.losses is not None:
            # A run trains every task on one task's frozen blocks, at one depth.
            n_depths, n_tasks = scene.view.case.n_depths, len(scene.view.tasks)
            saved = f": {count(spared * n_tasks)} of {count(n_depths * n_tasks)} runs per seed saved"
        before = "block 1" if spared == 1 else f"blocks 1 to {spared}"
        st.caption(
            f"All {width} groupings in the beam have one branch after block {spared + 1}, so {before} need not be "
            f"measured at this α{saved}.",
            help=explain("from block"),
        )
    if not exact:
        st.caption(
            f"The exact search is limited to 11 tasks; this study has {len(scene.view.tasks)}. All trees here come "
            "from beam search and regrafting. Cheaper trees may exist, and the gap to the optimum is unknown.",
            help=explain("regrafting"),
        )


def show_outcome(scene: BranchingScene, alpha: float) -> None:
    """Show the cost of the current tree and, if it is trained, its measured gain."""
    if scene.misfit:
        return
    layout, study = scene.view.step(alpha).tree.layout, scene.study
    parts = []
    for unit in available_units(study)[:2]:
        costs = block_costs(study.backbone, unit)
        whole = study.n_tasks * float(costs.sum())
        if whole > 0:
            parts.append(f"{cost_share(layout_cost(layout, costs) / whole)} of the {_WORDS[unit]}")
    words = f"Backbone cost: {' and '.join(parts)} of {study.n_tasks} single-task networks." if parts else ""
    if study.oracle is not None and layout in study.oracle.layouts:
        words += f" {measured_words(scene, layout)}"
    if words:
        st.markdown(words, help=explain("independent", "delta"))


def measured_words(scene: BranchingScene, layout: Layout) -> str:
    """Return the measured gain of a layout that was trained, the number that Budget shows of it."""
    unit = available_units(scene.study)[0]
    trained = cached.scene(
        scene.study.name, str(current_weights()), unit, False, current_estimator(scene.study)
    ).trained
    real = trained.figures(layout) if trained else None
    if trained is None or real is None:
        return ""
    return f"Measured gain Δ: {percent(real.score)} ({measured_basis(trained)})."


def _more(gap: float) -> str:
    return "more than 0, unlike" if gap == math.inf else f"**{share(gap)} more** than"
