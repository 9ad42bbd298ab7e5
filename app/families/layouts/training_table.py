"""The trainings that would tell most about the recommendation, as a table on Train and on Budget."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.families.layouts.choice import suggestion_words
from app.ui.formatting import listed, minus, share
from app.ui.glossary import explain
from app.ui.written_table import row_height
from core.jobs.estimate import about
from core.studies.advice import Suggestion

_WIDTH = 220


def show_trainings(found: Sequence[Suggestion], tasks: Sequence[str], alt: str) -> None:
    """Show trainings with what each is expected to gain; time and seeds where they can be made here.

    Args:
        found: The trainings, at least one.
        tasks: Their names.
        alt: Description of the table for screen readers.
    """
    columns = trainings_columns(found, tasks)
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        row_height=row_height(columns["training"], _WIDTH),
        column_config={
            "training": st.column_config.TextColumn(width=_WIDTH),
            "expected gain": st.column_config.TextColumn(help=explain("worth")),
            "time": st.column_config.TextColumn(help="On one worker, with missing single-task networks"),
            "changes selection": st.column_config.TextColumn(
                help="Probability that another layout is recommended afterwards"
            ),
        },
        alt=alt,
    )


def trainings_columns(found: Sequence[Suggestion], tasks: Sequence[str]) -> dict[str, list[str]]:
    """Return column → texts of these trainings."""
    made_here = all(each.request is not None for each in found)
    columns = {
        "training": [suggestion_words(each, tasks) for each in found],
        "expected gain": [minus(f"{each.gain:+.2f} points") for each in found],
        "changes selection": [share(each.change_probability) for each in found],
    }
    if made_here:
        columns["time"] = [about(each.seconds) for each in found]
        columns["seeds"] = [listed([str(seed) for seed in each.seeds]) for each in found]
    return columns
