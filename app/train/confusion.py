"""Which classes one run takes for which others."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.ui.formatting import escape
from core.runs.result import RunResult
from core.studies.task_quality import ClassScores, class_scores

# A larger table can't be read.
MOST_CLASSES = 20


def show_confusion(result: RunResult) -> None:
    """Show the confused classes of every classification task of a run on the test split."""
    for task, scores in confusions(result).items():
        with st.expander(f"Confused classes of {escape(task)}, test split", icon=":material/grid_on:"):
            st.dataframe(confusion_frame(scores), alt=f"Samples of each class of {task} by the class that is answered")
            st.caption("Rows: true class. Columns: answered class. Cells: samples.")


def confusions(result: RunResult) -> Mapping[str, ClassScores]:
    """Return task → class scores on the test split, of tasks with few enough classes to be shown."""
    found = {task: class_scores(result, "test", task) for task in result.confusion.get("test", {})}
    return {task: scores for task, scores in found.items() if scores and len(scores.confusion) <= MOST_CLASSES}


def confusion_frame(scores: ClassScores) -> pd.DataFrame:
    """Return samples by true class (rows) and answered class (columns), called by their names."""
    names = [scores.name(number) for number in range(len(scores.confusion))]
    unique = names if len({*names}) == len(names) else [f"{number}: {name}" for number, name in enumerate(names)]
    return pd.DataFrame(scores.confusion, index=pd.Index(unique, name="true class"), columns=unique)
