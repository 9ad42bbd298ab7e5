"""Training and deployment of a TreeDNN, as two pictures to step through."""

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from app.components.drawing import drawing
from app.storage.deployment_picture import deployment_svg
from app.storage.deployment_steps import DeploymentStep, deployment_steps
from app.storage.growth_steps import TrainingStep, training_steps
from app.storage.training_picture import training_svg
from app.storage.tree_drawing import DrawnTree
from app.storage.tree_sizes import branch_names
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.url_state import choice
from core.families.treednn.costs import CutBackbone

PICTURE, STEP = "picture", "picture_step"
TRAINING, DEPLOYMENT = "training", "deployment"
_TITLES = {TRAINING: "Training", DEPLOYMENT: "Deployment"}
_NOTES = {
    TRAINING: "Bar length: parameters. Gaps separate blocks; circles are heads (never shared, not counted). "
    "Filled: training. Hatched: frozen. Grey: unchanged. Arrows: gradients.",
    DEPLOYMENT: "Bytes of float32 weights without heads, both sides on one scale. Hatched: the blocks of the trunk, "
    "which every dedicated network repeats. Real files also hold heads and running statistics.",
}

# Of the pictures in pixels: the browser shows the one that fits, so that its text has the size of all other text.
_WIDTHS = (680.0, 860.0, 1040.0, 1400.0)


def show_pictures(cut_backbone: CutBackbone, names: Sequence[str], grafted: Collection[str] = ()) -> None:
    """Show training or deployment.

    Args:
        cut_backbone: Trunk and branches.
        names: Of the branches; missing names are numbers.
        grafted: Names of those that are grafted onto the trained tree.
    """
    kind = choice(
        "Picture", list(_TITLES), PICTURE, labels=_TITLES, on_change=_begin,
        help=explain("generalised", "specialised", "federated batch", "resident"),
    )  # fmt: skip
    _show(cut_backbone, branch_names(names, cut_backbone.n_branches), kind, frozenset(grafted))


def _begin() -> None:
    """Show the other picture from its first step."""
    st.session_state[STEP] = "1"


@st.fragment
def _show(cut_backbone: CutBackbone, names: tuple[str, ...], kind: str, grafted: frozenset[str]) -> None:
    """Show one step; a change of step reruns only this fragment."""
    steps: Sequence[TrainingStep] | Sequence[DeploymentStep]
    tree = DrawnTree(cut_backbone, names)
    if kind == TRAINING:
        tree, grafts = trained_part(tree, grafted)
        names = tuple(tree.names)
        steps = training_steps(tree.cut_backbone, names, grafts)
    else:
        steps = deployment_steps(cut_backbone, names)
    name = file_stem(cut_backbone.backbone.name)
    with st.container(border=True):
        place = _step_input(len(steps))
        _show_step(tree, steps, place, f"branchwise-{name}-{kind}-{place + 1}")
        st.caption(_NOTES[kind])
    frame = steps_frame(steps, names)
    with st.expander("All steps as a table", icon=":material/table_rows:"):
        st.dataframe(frame, hide_index=True, alt=f"Every step of the picture {_TITLES[kind]}")
        csv_button("Steps as CSV", frame, f"branchwise-{name}-{kind}.csv")


def trained_part(tree: DrawnTree, grafted: Collection[str]) -> tuple[DrawnTree, tuple[str, ...]]:
    """Return the branches that the first phase trains, and the names of those that are grafted later."""
    names = tuple(name for name in tree.names if name not in grafted)
    grafts = tuple(name for name in tree.names if name in grafted)
    if not names or not grafts:
        return tree, ()
    whole = tree.cut_backbone
    return DrawnTree(CutBackbone(whole.backbone, whole.cut, len(names)), names, grafts[0]), grafts


def _step_input(n_steps: int) -> int:
    """Ask for a step and return its index, from 0."""
    codes = [str(place) for place in range(1, n_steps + 1)]
    if STEP in st.session_state and st.session_state[STEP] not in codes:
        st.session_state[STEP] = codes[-1]  # another number of branches has fewer steps
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = codes.index(choice("Step", codes, STEP))
        st.button("Back", key="step-back", disabled=place == 0, on_click=_go, args=(place,))
        st.button("Next", key="step-next", disabled=place == n_steps - 1, on_click=_go, args=(place + 2,))
    return place


def _go(number: int) -> None:
    st.session_state[STEP] = str(number)


def _show_step(tree: DrawnTree, steps: Sequence[TrainingStep | DeploymentStep], place: int, filename: str) -> None:
    step = steps[place]
    phase = f"{step.phase} · " if isinstance(step, TrainingStep) else ""
    st.markdown(f"{escape(phase)}**{escape(step.title)}**")
    pictures = [
        training_svg(tree, step, width=width) if isinstance(step, TrainingStep)
        else deployment_svg(tree, step, first_read=place == 1, width=width)
        for width in _WIDTHS
    ]  # fmt: skip
    drawing(pictures, key="tree-picture", saved_as=filename, caption=f"{phase}{step.title}. {step.caption}")
    st.markdown(escape(step.caption))


def steps_frame(steps: Sequence[TrainingStep] | Sequence[DeploymentStep], names: Sequence[str]) -> pd.DataFrame:
    """Return every step with trunk, branches and memory: the table of a picture."""
    rows: Sequence[TrainingStep | DeploymentStep] = steps
    return pd.DataFrame([{"step": place, **_row(each, names)} for place, each in enumerate(rows, start=1)])


def _row(step: TrainingStep | DeploymentStep, names: Sequence[str]) -> dict[str, object]:
    if isinstance(step, TrainingStep):
        return {
            "phase": step.phase,
            "what": step.title,
            "trunk": str(step.trunk),
            "branches": _branches_words(step, names),
            "description": step.caption,
        }
    accounts = {
        f"{side}: bytes {what}": value
        for side, ledger in (("tree", step.tree), ("dedicated", step.dedicated))
        for what, value in (("in memory", ledger.memory), ("read now", ledger.read), ("read so far", ledger.total))
    }
    return {"what": step.title, **accounts, "description": step.caption}


def _branches_words(step: TrainingStep, names: Sequence[str]) -> str:
    states = dict.fromkeys(step.branches)
    if len(states) == 1:
        return f"all: {step.branches[0]}"
    labels = [*names, "new branch"]
    fewest = min(states, key=step.branches.count)
    rest = next(state for state in states if state is not fewest)
    some = [labels[place] for place, state in enumerate(step.branches) if state is fewest]
    return f"{', '.join(some) if len(some) <= 4 else f'{len(some)} of them'}: {fewest}; others: {rest}"
