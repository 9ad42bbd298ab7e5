"""Controls that several pages share; every value is in the URL and validated again here."""

import streamlit as st

from app.ui.formatting import UNIT_WORDS, WEIGHT_WORDS
from app.ui.glossary import explain
from app.ui.url_state import choice, slider
from core.costs import Unit
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import available_units
from core.studies.study import Study

RULES = (WeightRule.SVDE, WeightRule.UNIFORM, WeightRule.PAPER)
DEFAULT_BUDGET = 60
# Codes in the address.
PREDICTED, TRAINED = "predicted", "trained"
SHOWN_WORDS = {PREDICTED: "Predicted gain", TRAINED: "Measured gain"}


def unit_input(study: Study) -> Unit:
    """Ask for the unit of cost."""
    units = available_units(study)
    return choice("Cost", units, "unit", labels=UNIT_WORDS, help=explain("parameters", "macs", "bytes", "latency"))


def weights_input() -> WeightRule:
    """Ask for the task weights of the score."""
    return choice("Task weights", RULES, "weights", labels=WEIGHT_WORDS, help=explain("svde", "uniform", "paper"))


def current_weights() -> WeightRule:
    """Return the task weights that were chosen on whichever page asks for them; the first rule before that."""
    chosen = st.session_state.get("weights")
    return next((rule for rule in RULES if str(rule) == chosen), RULES[0])


def shown_input(study: Study) -> bool:
    """Ask whether predictions or trained layouts are shown; True for trained."""
    if study.oracle is None:
        return False
    return (
        choice("Show", [PREDICTED, TRAINED], "show", labels=SHOWN_WORDS, help=explain("predicted", "trained"))
        == TRAINED
    )


def budget_input() -> float:
    """Ask for the budget and return it as a fraction of single-task networks: the line of the plane as a slider."""
    percent = slider("Budget", 1, 100, DEFAULT_BUDGET, "budget", format="%d %%", help=explain("budget", "independent"))
    return percent / 100
