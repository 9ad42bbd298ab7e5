"""A backbone with its branching points on the way from one page to another."""

from typing import Final, NamedTuple

import streamlit as st

from app.ui.opening import go_to
from core.runs.backbone_specification import BackboneSpecification

_CHOSEN: Final = "backbone_to_use"


class ChosenBackbone(NamedTuple):
    """What was chosen on the page Backbone.

    Args:
        page: Where it is used.
        name: As that page calls it: of a study's backbone, or of a bundled profile.
        cuts: Where blocks start, from the second one on: numbers of blocks, or their names.
        blocks: Number of blocks that makes.
        specification: All that a study says of it; None where another page only needs the name.
    """

    page: str
    name: str
    cuts: tuple[int | str, ...]
    blocks: int
    specification: BackboneSpecification | None = None


def use_on(
    page: str, name: str, cuts: tuple[int | str, ...], specification: BackboneSpecification | None = None
) -> None:
    """Switch to a page with a backbone. A callback."""
    st.session_state[_CHOSEN] = ChosenBackbone(page, name, cuts, len(cuts) + 1, specification)
    go_to(page)


def is_backbone_for(page: str) -> bool:
    """Return whether another page chose a backbone for this one."""
    found = st.session_state.get(_CHOSEN)
    return isinstance(found, ChosenBackbone) and found.page == page


def backbone_to_use(page: str) -> ChosenBackbone | None:
    """Return the backbone that another page chose for this one, once; None where there is none."""
    found = st.session_state.get(_CHOSEN)
    if not isinstance(found, ChosenBackbone) or found.page != page:
        return None
    del st.session_state[_CHOSEN]
    return found
