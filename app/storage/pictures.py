"""How a TreeDNN is trained and how it answers on a device, as two pictures to step through."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.tree_growth import growth_data, tree_growth
from app.storage.deployment_steps import DeploymentStep, deployment_steps
from app.storage.growth_steps import TrainingStep, training_steps
from app.storage.tree_sizes import branch_names
from app.ui.downloads import file_stem
from app.ui.glossary import explain
from app.ui.url_state import choice, keep, kept
from core.families.treednn.costs import CutBackbone

KEY = "tree_growth"
PICTURE, STEP = "picture", "picture_step"
TRAINING, DEPLOYMENT = "training", "deployment"
_TITLES = {TRAINING: "Training", DEPLOYMENT: "Deployment"}
_NOTES = {
    TRAINING: "Bars are as long as their parameters, gaps lie between blocks, circles are heads (never shared, not "
    "counted). Filled: learns. Hatched: frozen. Grey: unchanged. Arrows: gradients.",
    DEPLOYMENT: "Bytes of float32 weights without heads, both sides on one scale. Hatched: the blocks of the trunk, "
    "which every dedicated network holds once more. Real files add heads and running statistics.",
}


def show_pictures(cut_backbone: CutBackbone, names: Sequence[str]) -> None:
    """Show training or deployment, as asked.

    Args:
        cut_backbone: Trunk and branches.
        names: Of the branches; missing ones are numbered.
    """
    kind = choice(
        "Picture", list(_TITLES), PICTURE, labels=_TITLES, on_change=_begin,
        help=explain("generalised", "specialised", "federated batch", "resident"),
    )  # fmt: skip
    _show(cut_backbone, branch_names(names, cut_backbone.n_branches), kind)


@st.fragment
def _show(cut_backbone: CutBackbone, names: tuple[str, ...], kind: str) -> None:
    """Show one picture; a step that the reader rests at runs this part of the page alone."""
    steps = training_steps(cut_backbone, names) if kind == TRAINING else deployment_steps(cut_backbone, names)
    name = cut_backbone.backbone.name
    tree_growth(
        key=f"{KEY}-{kind}",
        data=growth_data(
            cut_backbone,
            names,
            steps,
            step=asked_step(len(steps)),
            title=f"{_TITLES[kind]} of a TreeDNN on {name}",
            note=_NOTES[kind],
            filename=f"branchwise-{file_stem(name)}",
        ),
        on_step=lambda: _stepped(f"{KEY}-{kind}", len(steps)),
    )
    frame = steps_frame(steps, names)
    with st.expander("All steps as a table", icon=":material/table_rows:"):
        st.dataframe(frame, hide_index=True, alt=f"Every step of the picture {_TITLES[kind]}")
        st.download_button(
            "Steps as CSV",
            frame.to_csv(index=False),
            file_name=f"branchwise-{file_stem(name)}-{kind}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _begin() -> None:
    """Forget the step of the other picture."""
    keep(STEP, "")


def asked_step(n_steps: int) -> int:
    """Give the step of the address, from 0; nonsense is the first."""
    words = kept(STEP) or "1"
    return min(max(int(words), 1), n_steps) - 1 if words.isascii() and words.isdecimal() and len(words) < 4 else 0


def _stepped(key: str, n_steps: int) -> None:
    """Write the step to the address; what the browser sends is checked like any upload."""
    step = getattr(st.session_state.get(key), "step", None)
    if isinstance(step, int | float) and not isinstance(step, bool) and 0 <= step < n_steps:
        keep(STEP, str(int(step) + 1) if int(step) else "")


def steps_frame(steps: Sequence[TrainingStep] | Sequence[DeploymentStep], names: Sequence[str]) -> pd.DataFrame:
    """Give every step with what it does to trunk, branches and memory: the table twin of a picture."""
    return pd.DataFrame([{"step": place, **_row(each, names)} for place, each in enumerate(steps, start=1)])


def _row(step: TrainingStep | DeploymentStep, names: Sequence[str]) -> dict[str, object]:
    if isinstance(step, TrainingStep):
        return {
            "phase": step.phase,
            "what": step.title,
            "trunk": str(step.trunk),
            "branches": _branches_words(step, names),
            "in words": step.caption,
        }
    accounts = {
        f"{side}: bytes {what}": value
        for side, ledger in (("tree", step.tree), ("dedicated", step.dedicated))
        for what, value in (("in memory", ledger.memory), ("read now", ledger.read), ("read so far", ledger.total))
    }
    return {"what": step.title, **accounts, "in words": step.caption}


def _branches_words(step: TrainingStep, names: Sequence[str]) -> str:
    states = dict.fromkeys(step.branches)
    if len(states) == 1:
        return f"all: {step.branches[0]}"
    called = [*names, "new branch"]
    fewest = min(states, key=step.branches.count)
    rest = next(state for state in states if state is not fewest)
    some = [called[place] for place, state in enumerate(step.branches) if state is fewest]
    return f"{', '.join(some) if len(some) <= 4 else f'{len(some)} of them'}: {fewest}; others: {rest}"
