"""Copy the settings of a stored study into the form for a new one."""

import streamlit as st

from app.studies import CREATE, SECTION
from app.studies.data_part import NAME as DATA
from app.studies.data_part import part_of
from app.studies.exchange import record_of
from app.studies.fields import PREFIX, remember
from app.studies.network_part import remember_backbone, take_chosen
from app.studies.tasks_part import WANTED
from app.studies.training_part import remember_seeds
from app.studies.weights_part import remember_weights
from app.ui.flash_messages import flash
from app.ui.opening import study_to_copy
from core.errors import BranchwiseError
from core.families.layouts.request import OracleRequest, TableRequest
from core.studies.code_permission import used_code
from core.studies.specification import StudySpecification, TrainingSettings

TITLE = f"{PREFIX}-title"


def copy_requested() -> None:
    """Fill the form with the study that another page requested to copy, before it is drawn."""
    if name := study_to_copy():
        copy_study(name)
    if take_chosen():
        st.session_state[SECTION] = CREATE


def copy_study(name: str) -> None:
    """Start a new study with the settings of another one. A callback."""
    try:
        specification = record_of(name).specification
    except BranchwiseError as fault:
        flash(str(fault), error=True)
        return
    if specification is not None and specification.has_several:
        flash(
            "A study of several data sets can only be changed as a file: download it as TOML, edit it and run it.",
            error=True,
        )
    elif specification is not None and used_code(specification):
        flash(
            "A study that uses code of its own can only be changed as a file: download it as TOML, edit it and run it "
            "where the code lies.",
            error=True,
        )
    elif specification is not None:
        fill(specification)
        st.session_state[SECTION] = CREATE


def fill(asked: StudySpecification) -> None:
    """Set the controls of a new study to the settings of another one.

    Layouts selected one by one are left out: they are requested on the Train page.
    """
    dataset = asked.dataset
    st.session_state[DATA] = dataset.name
    remember(dataset.model_dump(exclude={"name", "fingerprint"}), part_of(dataset.name))
    st.session_state[WANTED] = asked.tasks
    remember_backbone(asked.backbone)
    remember_weights(asked.backbone)
    remember({name: getattr(asked.training, name) for name in TrainingSettings.model_fields}, "training")
    table, oracle = asked.requested(TableRequest), asked.requested(OracleRequest)
    every = oracle is not None and oracle.layouts == "all"
    remember_seeds(len(table.seeds) if table else 1, len(oracle.seeds) if oracle and every else 0)
    st.session_state[TITLE] = f"{asked.title or asked.name}, copy"[:120]
