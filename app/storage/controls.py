"""Controls of the Storage page: trunk, number of branches, formula. Every value is validated again."""

import streamlit as st

from app.storage.model import MOST_BRANCHES, Gain, middle
from app.storage.presets import StoragePreset, storage_presets
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.url_state import choice, real_number, whole_number
from core.backbones import Backbone, load_backbone
from core.families.treednn.costs import LayerCount
from core.families.treednn.published import CASE
from core.families.treednn.results import TreeResults
from core.studies.study import Study

# Not "cut", which on the Backbone page is how branching points are chosen.
TRUNK, BRANCHES, LAYERS, EPSILON, GAIN = "trunk", "k", "layers", "epsilon", "gain"
BACKBONE = "backbone"
# The backbone that the trunk was chosen for.
_TRUNK_OF = "storage_backbone"
_MOST_LAYERS = 10_000


def trunk_input(study: Study, backbone: Backbone) -> int:
    """Ask after which block the trunk ends; linked to the cut in the figure.

    The default is the middle of the backbone, or the cut of the study's TreeDNN.
    """
    n, usual = backbone.n_blocks, middle(backbone)
    if (found := study.result(TreeResults)) is not None and backbone is study.backbone:
        usual = found.cut
    if st.session_state.setdefault(_TRUNK_OF, (backbone.name, n)) != (backbone.name, n):
        st.session_state[_TRUNK_OF], st.session_state[TRUNK] = (backbone.name, n), usual
    return whole_number(f"Trunk, of {n} blocks", 0, n, usual, TRUNK, help=explain("trunk"))


def branches_input() -> int:
    """Ask for the number of branches; the line in the panels follows."""
    return whole_number("Branches k", 1, MOST_BRANCHES, CASE.n_branches, BRANCHES, help=explain("branch"))


def formula_input() -> tuple[int, float]:
    """Ask for L and ε of TreeDNN's formula."""
    layers = whole_number("Formula: L", 1, _MOST_LAYERS, CASE.layers, LAYERS, help=explain("layers"), width=130)
    # The valid range depends on L, and a control whose bounds change loses its value: core validates it.
    bound, usual = _MOST_LAYERS / 2, float(CASE.epsilon)
    epsilon = real_number("Formula: ε", -bound, bound, usual, EPSILON, step=0.5, help=explain("epsilon"), width=130)
    return layers, usual if epsilon is None else epsilon


def formula_of(layers: int, epsilon: float, n_branches: int) -> LayerCount:
    """Return TreeDNN's count of layers.

    Raises:
        FamilyError: ε lies beyond half the network.
    """
    return LayerCount(layers, epsilon, n_branches)


def gain_input() -> Gain:
    """Ask whether the gain is drawn as a share or as an amount."""
    return choice("Gain", list(Gain), GAIN, help=explain("gain"))


def show_presets(layers: int, epsilon: float, n_branches: int, backbone: Backbone, cut: int) -> None:
    """Show the examples, and explain the selected one."""
    presets = _presets()
    found = next((each for each in presets if each.fits(layers, epsilon, n_branches, backbone.name, cut)), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Examples", width="content")
        for preset in presets:
            st.button(
                preset.title,
                key=f"preset-{preset.title}",
                icon=":material/check:" if preset is found else None,
                on_click=_set,
                args=(preset,),
            )
    if found is not None:
        st.caption(f"**{escape(found.title)}.** {escape(found.sentence)}")


@st.cache_resource(show_spinner=False)
def _presets() -> tuple[StoragePreset, ...]:
    return storage_presets()


def _set(preset: StoragePreset) -> None:
    """Set every control as an example has it."""
    state = st.session_state
    state[LAYERS], state[EPSILON], state[BRANCHES] = preset.layers, preset.epsilon, preset.n_branches
    found = load_backbone(preset.backbone)
    state[BACKBONE], state[TRUNK], state[_TRUNK_OF] = preset.backbone, preset.cut, (found.name, found.n_blocks)
