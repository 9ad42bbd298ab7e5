"""Use a backbone with these blocks elsewhere: in a new study, or with a table of one's own."""

from typing import Any, Final

import streamlit as st
import tomli_w

from app.backbone.controls import OF_STUDY
from app.backbone.model import BackboneView
from app.ui.chosen_backbone import use_on
from core.backbones.backbone import starting_name
from core.jobs.presets import torchvision_backbones
from core.runs.backbone_specification import MOST_BLOCKS, TORCHVISION, BackboneSpecification
from core.studies.study import Study

# Cuts say how many blocks there are; the others are filled in when a study is prepared.
_NOT_WRITTEN: Final[dict[str, Any]] = {"blocks": True, "code": True, "weights": {"fingerprint": True}}


def show_use(view: BackboneView, chosen: str, study: Study) -> None:
    """Show the buttons that take backbone and blocks to a new study and to an own case, and the lines of a study file.

    Args:
        view: The blocks as the page shows them.
        chosen: What was chosen: a bundled profile, or that of the study.
        study: The one that is open.
    """
    backbone = backbone_for(view, chosen, study)
    with st.container(horizontal=True):
        st.button(
            "Use in a study",
            icon=":material/add_circle:",
            on_click=use_on,
            args=(
                "studies",
                "" if backbone is None else backbone.name,
                () if backbone is None else backbone.cuts,
                backbone,
            ),
            disabled=backbone is None or view.n_blocks < 2,
            help=_why_not(view) if backbone is None else "Opens Create with this backbone, cut at these places.",
        )
        is_bundled = chosen != OF_STUDY
        st.button(
            "Use in your own case",
            icon=":material/upload_file:",
            on_click=use_on,
            args=("overview", chosen, view.starts[1:]),
            disabled=not is_bundled,
            help="Opens Your own case with this profile, for a table measured at these places."
            if is_bundled
            else "The blocks of this study are those of its table already. Choose a backbone from the list.",
        )
    if backbone is not None:
        with st.expander("In a study file", icon=":material/description:"):
            st.code(toml_of(backbone), language="toml")


def backbone_for(view: BackboneView, chosen: str, study: Study) -> BackboneSpecification | None:
    """Return the backbone of a study that is cut as the page shows it; None where no study can have it.

    Args:
        view: The blocks as the page shows them.
        chosen: What was chosen: a bundled profile, or that of the study.
        study: The one that is open.
    """
    if view.n_blocks > MOST_BLOCKS or view.n_blocks < 2:
        return None
    names = [block.name for block in view.whole.blocks]
    if chosen != OF_STUDY:
        if chosen not in torchvision_backbones():
            return None
        made = BackboneSpecification(name=f"{TORCHVISION}{chosen}", blocks=view.n_blocks)
    elif study.specification is None or not study.specification.backbone.is_traced:
        return None
    else:
        made = study.specification.backbone
    starts = [starting_name(names[start]) for start in view.starts[1:]]
    # Studies of earlier versions did not keep what their blocks are called in the network.
    if len({starting_name(name) for name in names}) < len(names) or "stem" in names:
        return None
    document = made.model_dump(mode="json") | {"cuts": starts, "blocks": view.n_blocks}
    return BackboneSpecification.model_validate(document)


def toml_of(backbone: BackboneSpecification) -> str:
    """Return the lines of a study file."""
    document = backbone.model_dump(mode="json", exclude_defaults=True, exclude_none=True, exclude=_NOT_WRITTEN)
    return tomli_w.dumps({"backbone": {"name": backbone.name, **document}})


def _why_not(view: BackboneView) -> str:
    if view.n_blocks > MOST_BLOCKS:
        return f"A study has at most {MOST_BLOCKS} blocks. Merge some."
    return "No study can be cut like this one: choose a classification network of torchvision, and two blocks or more."
