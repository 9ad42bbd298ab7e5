"""The trainings that would tell most about the recommendation, as a table on Train and on Budget."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.families.layouts.choice import suggestion_words
from app.ui.formatting import escape, listed, minus, share
from app.ui.glossary import explain
from core.jobs.estimate import about
from core.studies.advice import Suggestion

_LEGEND = (
    "Expected gain: points of the mean Δ over tasks by which the recommendation improves. Changes selection: how "
    "likely another layout is recommended afterwards."
)
_TIME = " Time: on one worker, with missing single-task networks."


def show_trainings(found: Sequence[Suggestion], tasks: Sequence[str], alt: str) -> None:
    """Show trainings with what each is expected to gain; time and seeds where they can be made here.

    Args:
        found: The trainings, at least one.
        tasks: Their names.
        alt: Description of the table for screen readers.
    """
    columns = trainings_columns(found, tasks)
    # A table whose words wrap: half a small screen has no room for columns as wide as their words.
    st.table(pd.DataFrame(columns | {"training": list(map(escape, columns["training"]))}), hide_index=True, alt=alt)
    st.caption(_LEGEND + (_TIME if "time" in columns else ""), help=explain("worth"))


def trainings_columns(found: Sequence[Suggestion], tasks: Sequence[str]) -> dict[str, list[str]]:
    """Return column → texts of these trainings."""
    made_here = all(each.request is not None for each in found)
    columns = {
        "training": [_training_words(each, tasks) for each in found],
        "expected gain": [minus(f"{each.gain:+.2f}") for each in found],
        "changes selection": [share(each.change_probability) for each in found],
    }
    if made_here:
        columns["time"] = [about(each.seconds) for each in found]
    return columns


def _training_words(each: Suggestion, tasks: Sequence[str]) -> str:
    words = suggestion_words(each, tasks)
    if not each.seeds:
        return words
    return f"{words}, seed{'' if len(each.seeds) == 1 else 's'} {listed([str(seed) for seed in each.seeds])}"
