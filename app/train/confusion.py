"""Which classes one run takes for which others."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.ui.formatting import escape, listed
from core.runs.result import RunResult
from core.studies.task_quality import ClassScores, class_scores
from core.tasks import Task

# A larger table can't be read.
MOST_CLASSES = 20


def show_confusion(result: RunResult, tasks: Sequence[Task] = ()) -> None:
    """Show the confused classes of every classification task of a run on the test split, or why there are none.

    Args:
        result: Of the run.
        tasks: Of its study, where it is still there.
    """
    for task, scores in confusions(result).items():
        with st.expander(f"Confused classes of {escape(task)}, test split", icon=":material/grid_on:"):
            st.dataframe(confusion_frame(scores), alt=f"Samples of each class of {task} by the class that is answered")
            st.caption("Rows: true class. Columns: answered class. Cells: samples.")

    for sentence in missing_sentences(result, tasks):
        st.caption(escape(sentence))


def missing_sentences(result: RunResult, tasks: Sequence[Task]) -> list[str]:
    """Return why classification tasks of a result have no table of confused classes: not counted, or too many."""
    shown, counted = confusions(result), result.confusion.get("test", {})
    measured = result.metrics.get("test", {})
    asked = [task.name for task in tasks if task.kind.is_one_class and measured.get(task.name)]
    without = [name for name in asked if name not in counted]
    many = [name for name in asked if name in counted and name not in shown and len(counted[name]) > MOST_CLASSES]
    found = []
    if without:
        found.append(
            f"Confused classes of {listed(without)}: not known. The answers of this run were not counted by class when "
            "it was trained; a run that is trained now counts them."
        )
    if many:
        found.append(f"Confused classes of {listed(many)}: more than {MOST_CLASSES} classes, too many for a table.")
    return found


def confusions(result: RunResult) -> Mapping[str, ClassScores]:
    """Return task → class scores on the test split, of tasks with few enough classes to be shown."""
    found = {task: class_scores(result, "test", task) for task in result.confusion.get("test", {})}
    return {task: scores for task, scores in found.items() if scores and len(scores.confusion) <= MOST_CLASSES}


def confusion_frame(scores: ClassScores) -> pd.DataFrame:
    """Return samples by true class (rows) and answered class (columns), called by their names."""
    names = [scores.name(number) for number in range(len(scores.confusion))]
    unique = names if len({*names}) == len(names) else [f"{number}: {name}" for number, name in enumerate(names)]
    return pd.DataFrame(scores.confusion, index=pd.Index(unique, name="true class"), columns=unique)
