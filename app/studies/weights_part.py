"""Pretrained weights of a new study's backbone."""

from typing import Any, Final

import streamlit as st

from app.studies.fields import field_inputs, key_of, remember
from app.ui.page_frame import show_errors
from core.data.pretrained import weights_path
from core.runs.backbone_specification import BackboneSpecification
from core.runs.pretrained import PretrainedWeights

_PART: Final = "weights"
_FROM: Final = key_of(_PART, "from")
_NONE, _FILE, _ZOO = "none", "file", "zoo"
_TITLES: Final = {_NONE: "Random", _FILE: "File", _ZOO: "Published"}


def weights_input() -> dict[str, Any] | None:
    """Ask what weights the blocks start from and return the fields of their specification; None for random ones."""
    with st.expander("Pretrained weights", icon=":material/history_edu:"):
        chosen = st.segmented_control(
            "Start from", list(_TITLES), default=_NONE, required=True, key=_FROM, format_func=_TITLES.__getitem__,
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        if chosen not in (_FILE, _ZOO):
            return None
        named = field_inputs(PretrainedWeights, [chosen], _PART, columns=1)
        if not named[chosen]:
            st.caption("Name them: until then weights are random.")
            return None
        if chosen == _FILE:
            with show_errors():
                weights_path(named[chosen])
        return named | field_inputs(PretrainedWeights, ["freeze", "rate"], _PART, columns=2)


def remember_weights(backbone: BackboneSpecification) -> None:
    """Set the controls to the weights of a backbone; for callbacks."""
    found = backbone.weights
    st.session_state[_FROM] = _NONE if found is None else _FILE if found.file else _ZOO
    if found is not None:
        remember(found.model_dump(exclude={"fingerprint"}), _PART)
