"""What the tree that is shown amounts to, in a few numbers: the paper's beam beside it, its cost, its trained Δ."""

import math

import streamlit as st

from app.branching.scene import BranchingScene
from app.ui.formatting import UNIT_WORDS, count, percent, share
from app.ui.glossary import explain
from core.costs import Unit, block_costs, layout_cost
from core.families.layouts.predictions import available_units

_WORDS = {**UNIT_WORDS, Unit.PARAMETERS: "parameters", Unit.BYTES: "bytes", Unit.LATENCY: "latency"}


def show_beam(scene: BranchingScene, alpha: float, width: int) -> None:
    """Say how far the paper's beam is from the tree that is shown, as it is and with branches moved afterwards."""
    exact = scene.view.exact is not None
    gap, improved = scene.gaps(alpha, width)
    if gap <= 0:
        words = (
            "finds the same cost as the exact search: no gap." if exact else "finds the tree shown, or one as cheap."
        )
    elif exact:
        words = f"finds a tree that costs {_dearer(gap)} the exact one; with branches moved afterwards, "
        words += "there is no gap." if improved <= 0 else f"{_dearer(improved)} it."
    else:
        words = f"finds a tree that costs {_dearer(gap)} the one shown, which was improved from it."
    st.markdown(f"The paper's beam of width {width} {words}", help=explain("beam", "regrafting"))
    spared = scene.first_needed(alpha, width)
    if spared:
        n_depths, pairs = scene.view.case.n_depths, len(scene.view.tasks) ** 2
        before = "block 1" if spared == 1 else f"blocks 1 to {spared}"
        st.caption(
            f"All {width} groupings it keeps are one branch after block {spared + 1}, so {before} would need no "
            f"measuring at this α: {count(spared * pairs)} of {count(n_depths * pairs)} trainings per seed spared.",
            help=explain("from block"),
        )
    if not exact:
        st.caption(
            f"{len(scene.view.tasks)} tasks are too many for the exact search, which ends at 11. All trees here are "
            "beams, improved: branches were moved while the cost fell. There may be cheaper ones; how far off the "
            "cheapest is, is not known.",
            help=explain("regrafting"),
        )


def show_outcome(scene: BranchingScene, alpha: float) -> None:
    """Say what the tree costs and, where it was trained, what it reached."""
    if scene.misfit:
        return
    layout, study = scene.view.step(alpha).tree.layout, scene.study
    parts = []
    for unit in available_units(study)[:2]:
        costs = block_costs(study.backbone, unit)
        whole = study.n_tasks * float(costs.sum())
        if whole > 0:
            parts.append(f"{share(layout_cost(layout, costs) / whole)} of the {_WORDS[unit]}")
    words = f"Blocks: {' and '.join(parts)} of {study.n_tasks} independent networks." if parts else ""
    oracle = study.oracle
    if oracle is not None and layout in oracle.layouts:
        mean = float(oracle.test[:, oracle.layouts.index(layout)].mean())
        words += f" Trained: Δ {percent(mean)}, mean over tasks and {len(oracle.seeds)} seeds."
    if words:
        st.markdown(words, help=explain("independent", "delta"))


def _dearer(gap: float) -> str:
    return "something, unlike" if gap == math.inf else f"**{share(gap)} more** than"
