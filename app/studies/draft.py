"""A stored study's settings put into the controls of a new one."""

import streamlit as st

from app.studies import CREATE, SECTION
from app.studies.data_part import NAME as DATA
from app.studies.data_part import part_of
from app.studies.exchange import record_of
from app.studies.fields import PREFIX, key_of, remember
from app.studies.network_part import NAME as BACKBONE
from app.studies.network_part import TORCHVISION, WANTED
from app.studies.training_part import remember_seeds
from app.ui.flash_messages import flash
from app.ui.opening import study_to_copy
from core.errors import BranchwiseError
from core.families.layouts.request import OracleRequest, TableRequest
from core.studies.specification import StudySpecification

TITLE = f"{PREFIX}-title"


def copy_asked() -> None:
    """Fill the controls with the settings that another page asked for, before they are drawn."""
    if name := study_to_copy():
        copy_study(name)


def copy_study(name: str) -> None:
    """Begin a new study with the settings of another one; to be called from a callback."""
    try:
        specification = record_of(name).specification
    except BranchwiseError as fault:
        flash(str(fault), error=True)
        return
    if specification is not None and specification.has_several:
        flash("A study of several data sets is changed in its file: download it as TOML, edit it, run it.", error=True)
    elif specification is not None:
        fill(specification)
        st.session_state[SECTION] = CREATE


def fill(asked: StudySpecification) -> None:
    """Set the controls of a new study to what another one asks for.

    Layouts that were chosen one by one are left out: they are asked for on the Train page.
    """
    dataset = asked.dataset
    st.session_state[DATA] = dataset.name
    remember(dataset.model_dump(exclude={"name", "fingerprint"}), part_of(dataset.name))
    st.session_state[WANTED] = asked.tasks
    backbone = asked.backbone
    st.session_state[BACKBONE] = backbone.name
    remember({"width": backbone.width, "stem": backbone.stem}, "backbone")
    if backbone.name.startswith(TORCHVISION):
        st.session_state[key_of("blocks", backbone.name.removeprefix(TORCHVISION))] = backbone.blocks
    remember(asked.training.model_dump(), "training")
    table, oracle = asked.requested(TableRequest), asked.requested(OracleRequest)
    every = oracle is not None and oracle.layouts == "all"
    remember_seeds(len(table.seeds) if table else 1, len(oracle.seeds) if oracle and every else 0)
    st.session_state[TITLE] = f"{asked.title or asked.name}, another way"[:120]
