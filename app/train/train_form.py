"""The train form: one option of one family at a time."""

import streamlit as st

from app.families.train_form import FormChoice, train_options
from app.jobs.train_link import WHAT
from app.ui.glossary import explain_options
from app.ui.url_state import choice, listed_choice
from core.studies.specification import StudySpecification
from core.studies.study import Study

_MOST_IN_A_ROW = 4


def train_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the train form and return what it requests."""
    options = {option.code: option for option in train_options(study, specification)}
    if not options:
        return FormChoice(None, "No installed family of networks can train what this study requests.")
    first = next((code for code, option in options.items() if option.comes_first), None)
    if first is not None and WHAT not in st.session_state:
        # Not as the default, which the URL omits: a reload after the first result would show another option.
        st.session_state[WHAT] = first
    what = next(iter(options))
    if len(options) > 1:
        # More of them would fill rows of their own on a small screen.
        ask = choice if len(options) <= _MOST_IN_A_ROW else listed_choice
        what = ask(
            "What to train",
            list(options),
            WHAT,
            labels={code: option.label for code, option in options.items()},
            help=explain_options({option.label: option.term for option in options.values()}),
        )
    return options[what].form(study, specification)
