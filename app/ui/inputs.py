"""Controls that several pages share; every value is in the URL and validated again here."""

import math
from functools import partial

import streamlit as st

from app.ui.formatting import ESTIMATOR_WORDS, UNIT_WORDS, WEIGHT_WORDS
from app.ui.glossary import explain, explain_options
from app.ui.url_state import choice, give_number, listed_choice, real_number, take_number
from core.costs import Unit
from core.estimators.basis import usual_estimator
from core.estimators.posterior import has_posterior
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import available_units
from core.selection.budget import USUAL_PERCENT
from core.selection.front_certainty import USUAL_TOLERANCE
from core.studies.study import Study

RULES = (WeightRule.SVDE, WeightRule.UNIFORM, WeightRule.PAPER)
DEFAULT_BUDGET = USUAL_PERCENT
# Percentage points of gain.
DEFAULT_TOLERANCE, MOST_TOLERANCE = USUAL_TOLERANCE, 20.0
# Codes in the address.
PREDICTED, TRAINED = "predicted", "trained"
SHOWN_WORDS = {PREDICTED: "Predicted gain", TRAINED: "Measured gain"}


def unit_input(study: Study, *, listed: bool = False) -> Unit:
    """Ask for the unit of cost, in a row or, where there is little room, in a list."""
    units, help = available_units(study), explain("parameters", "macs", "bytes", "latency")
    if not listed:
        return choice("Cost", units, "unit", labels=UNIT_WORDS, help=help)
    labels = {str(unit): word for unit, word in UNIT_WORDS.items()}
    return Unit(listed_choice("Cost", list(map(str, units)), "unit", labels=labels, help=help, width=130))


def weights_input(*, listed: bool = False) -> WeightRule:
    """Ask for the task weights of the score, in a row or, where there is little room, in a list."""
    help = explain("svde", "uniform", "paper")
    if not listed:
        return choice("Task weights", RULES, "weights", labels=WEIGHT_WORDS, help=help)
    labels = {str(rule): word for rule, word in WEIGHT_WORDS.items()}
    return WeightRule(
        listed_choice("Task weights", list(map(str, RULES)), "weights", labels=labels, help=help, width=170)
    )


def current_weights() -> WeightRule:
    """Return the task weights that were chosen on whichever page asks for them; the first rule before that."""
    chosen = st.session_state.get("weights")
    return next((rule for rule in RULES if str(rule) == chosen), RULES[0])


def estimators_of(study: Study) -> list[Estimator]:
    """Return the estimators that a study's table is not too large for."""
    return [each for each in Estimator if each is not Estimator.BAYES or has_posterior(study.table)]


def estimator_input(study: Study) -> Estimator:
    """Ask how gains are predicted from the two-task table."""
    help = explain_options({word: f"estimator {each}" for each, word in ESTIMATOR_WORDS.items()})
    usual = usual_estimator(study.table)
    options = [usual, *(each for each in estimators_of(study) if each is not usual)]
    labels = {str(each): word for each, word in ESTIMATOR_WORDS.items()}
    return Estimator(
        listed_choice("Estimator", list(map(str, options)), "estimator", labels=labels, help=help, width=160)
    )


def current_estimator(study: Study) -> Estimator:
    """Return the estimator that was chosen on whichever page asks for it, where it suits the study's table."""
    chosen = st.session_state.get("estimator")
    return next((each for each in estimators_of(study) if str(each) == chosen), usual_estimator(study.table))


def tolerance_input() -> float:
    """Ask how much less gain than the best a layout may have to be as good, in percentage points."""
    found = real_number(
        "Tolerance", 0.0, MOST_TOLERANCE, DEFAULT_TOLERANCE, "tolerance", step=0.1, help=explain("tolerance"),
        width=130,
    )  # fmt: skip
    return DEFAULT_TOLERANCE if found is None else found


def shown_input(study: Study) -> bool:
    """Ask in a list whether predictions or trained layouts are shown; True for trained."""
    if study.oracle is None:
        return False
    help = explain("predicted", "trained")
    return listed_choice("Show", [PREDICTED, TRAINED], "show", labels=SHOWN_WORDS, help=help, width=150) == TRAINED


def budget_input() -> float:
    """Ask for the budget and return it as a fraction of single-task networks: the line of the plane as a slider."""
    return _percent_slider("Budget", DEFAULT_BUDGET, "budget", help=explain("budget", "independent")) / 100


def current_budget() -> float:
    """Return the budget that was chosen on whichever page asks for it, as a fraction of single-task networks."""
    percent = st.session_state.get("budget", DEFAULT_BUDGET)
    return (percent if isinstance(percent, int | float) and 1 <= percent <= 100 else DEFAULT_BUDGET) / 100


def take_budget(key: str) -> bool:
    """Set the budget of all pages to where the line of a figure was let go, or a point put it.

    Returns whether it was a budget.

    Args:
        key: Of the figure; values from the browser are validated like uploads.
    """
    value = getattr(st.session_state.get(key), "budget", None)
    if not isinstance(value, int | float) or not 0 < value <= 10:
        return False
    # As many digits as an address holds.
    st.session_state["budget"] = min(100.0, max(1.0, float(f"{100 * value:.12g}")))
    return True


def _percent_slider(label: str, default: float, key: str, *, help: str | None = None) -> float:
    """Ask for a percentage from 1 to 100 on a line of whole percents; a link or a point may put it between two of them.

    Args:
        label: What is asked.
        default: At first, and left out of the URL.
        key: Of the control, and its name in the URL.
        help: Explains the control.
    """
    take_number(key, 1.0, 100.0, default)
    before = float(st.session_state[key])
    # The browser rounds to steps what it shows.
    decimals = len(f"{before:.12g}".partition(".")[2])
    value = st.slider(
        label, 1.0, 100.0, step=10.0**-decimals, key=key, format="%g %%", help=help, persist_state="session",
        on_change=partial(_to_whole, key, before) if decimals else "rerun",
    )  # fmt: skip
    return give_number(key, value, 1.0, 100.0, default)


def _to_whole(key: str, before: float) -> None:
    """Move a slider that stood between two whole numbers to a whole one: from a step aside to the next."""
    moved = st.session_state[key]
    st.session_state[key] = float(
        round(moved) if abs(moved - before) >= 1 else math.ceil(moved) if moved > before else math.floor(moved)
    )
