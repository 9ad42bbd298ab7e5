"""What the tasks of an imported table answer with: asked where a network of theirs is written."""

import streamlit as st

from app.ui.formatting import escape, listed
from core.studies.study import Study
from core.tasks import Kind, Task

MOST_OUTPUTS = 10_000
# Outputs of kinds that have just one number of them.
FIXED = {Kind.NORMALS: 3, Kind.DEPTH: 1}
_WORDS = {
    Kind.CLASSIFICATION: "classes",
    Kind.ORDINAL: "ordered classes",
    Kind.MULTI_LABEL: "labels",
    Kind.SEGMENTATION: "classes",
    Kind.REGRESSION: "numbers",
    Kind.REGRESSION_MAP: "channels",
}


def ask_answers(study: Study) -> tuple[Task, ...]:
    """Ask for kind and outputs of every task of a study of a table, and return those that are answered so far."""
    st.caption("A table says nothing of its tasks but their names. What does each answer with?")
    found = []
    for number, name in enumerate(study.task_names):
        left, right = st.columns(2, vertical_alignment="bottom")
        kind = left.selectbox(
            escape(name),
            [str(kind) for kind in Kind],
            index=None,
            placeholder="Kind …",
            format_func=str.capitalize,
            key=_kind_key(study, number),
        )
        if kind is None:
            continue
        chosen = Kind(kind)
        outputs = FIXED.get(chosen)
        if outputs is None:
            outputs = right.number_input(
                f"Number of {_WORDS[chosen]}",
                min_value=1 if chosen in (Kind.MULTI_LABEL, Kind.REGRESSION, Kind.REGRESSION_MAP) else 2,
                max_value=MOST_OUTPUTS,
                value=None,
                step=1,
                key=f"answers_{study.name}_{number}_outputs",
            )
        if outputs is not None:
            found.append(Task.usual(name, chosen, int(outputs)))
    return tuple(found)


def missing_answers(study: Study, answers: tuple[Task, ...]) -> str:
    """Return what is still to be said, as a sentence; empty where nothing is."""
    known = {task.name for task in answers}
    missing = [name for name in study.task_names if name not in known]
    kinds = {name: st.session_state.get(_kind_key(study, number)) for number, name in enumerate(study.task_names)}
    if without := [name for name in missing if kinds[name] is None]:
        more = f" and {len(without) - 5} more" if len(without) > 5 else ""
        return f"Choose the kind of {listed(without[:5])}{more}."
    return f"Enter the number of {_WORDS[Kind(str(kinds[missing[0]]))]} of {missing[0]}." if missing else ""


def _kind_key(study: Study, number: int) -> str:
    return f"answers_{study.name}_{number}_kind"
