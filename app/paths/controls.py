"""Controls of the Paths page: network, exits, the loss's mix. Every value is in the address and validated again."""

import streamlit as st

from app.paths.model import PRESET_TITLES, Ladder, backbone_ladder, preset_ladder, study_ladder
from app.ui.glossary import explain
from app.ui.url_options import several
from app.ui.url_state import choice, listed_choice, real_number
from core.backbones import bundled_backbones, load_backbone
from core.families.multipath.distillation import Distillation, Mix
from core.families.multipath.results import MultiPathResults
from core.studies.study import Study

NETWORK, EXITS, MIX, ALPHA, TEMPERATURE = "network", "exits", "mix", "mix_alpha", "temperature"
OF_STUDY = "study"
# The network that the exits were chosen for.
_EXITS_OF = "exits_of"
MIXES: dict[Mix, str] = {
    "literal": "Literal",
    "additive": "Additive",
    "swapped": "Swapped",
}
_DEFAULT = Distillation()


def network_input(study: Study) -> tuple[str, Ladder]:
    """Ask which network to show: that of the study, one of the multi-path paper, or a bundled backbone.

    Returns:
        Its code, and the backbone with its usual exits.
    """
    chosen = listed_choice(
        "Network",
        [OF_STUDY, *PRESET_TITLES, *bundled_backbones()],
        NETWORK,
        labels={OF_STUDY: f"{study.backbone.name} (this study)", **PRESET_TITLES},
        help=explain("backbone"),
    )
    if chosen == OF_STUDY:
        ladder = study_ladder(study, study.result(MultiPathResults))
    elif chosen in PRESET_TITLES:
        ladder = preset_ladder(chosen)
    else:
        ladder = backbone_ladder(load_backbone(chosen))
    held = (chosen, ladder.name, len(ladder.rungs))
    if st.session_state.setdefault(_EXITS_OF, held) != held:
        st.session_state[_EXITS_OF] = held
        st.session_state.pop(EXITS, None)
    return chosen, ladder


def exits_input(ladder: Ladder) -> Ladder:
    """Ask where paths end, and return the ladder with these exits; the end of the network is always one."""
    codes = [str(place) for place in range(ladder.last)]
    chosen = several(
        "Exits before the end",
        codes,
        [str(place) for place in ladder.usual[:-1]],
        EXITS,
        labels={code: ladder.rungs[int(code)].name for code in codes},
        help=explain("exit"),
    )
    return ladder.with_exits([int(code) for code in chosen])


def loss_input() -> Distillation:
    """Ask for the mix of the loss, α and T."""
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        mix = choice("Mix", list(MIXES), MIX, labels=MIXES, help=explain("mix"))
        alpha = real_number("α", 0.0, 1.0, _DEFAULT.alpha, ALPHA, step=0.1, help=explain("share alpha"), width=130)
        temperature = real_number(
            "T", 0.1, 100.0, _DEFAULT.temperature, TEMPERATURE, step=0.5, help=explain("temperature"), width=130
        )
    return Distillation(
        mix=mix,
        alpha=_DEFAULT.alpha if alpha is None else alpha,
        temperature=_DEFAULT.temperature if temperature is None else temperature,
    )
