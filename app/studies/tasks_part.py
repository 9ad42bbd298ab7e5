"""The tasks of a new study."""

import hashlib
from collections.abc import Collection
from typing import Any

import streamlit as st

from app.studies.fields import PREFIX
from app.ui.formatting import count, escape
from app.ui.glossary import explain
from core.data.preview import Preview
from core.tasks import Kind, Task

# Tasks of a copied study, until its data set has been read.
WANTED = f"{PREFIX}-tasks-wanted"
_FIRST = 3
# Beyond this number a searchable list is quicker.
_PILLS = 12


def tasks_input(found: Preview) -> list[str]:
    """Ask which of a data set's tasks to compare."""
    st.markdown("**2 · Tasks**", help=explain("task"))
    names = [task.name for task in found.tasks]
    # Each data set has its own selection of tasks.
    key = f"{PREFIX}-tasks-{hashlib.sha256(repr(names).encode()).hexdigest()[:12]}"
    wanted = [name for name in st.session_state.pop(WANTED, ()) if name in names]
    if wanted:
        st.session_state[key] = wanted
    st.session_state.setdefault(key, names[:_FIRST])
    shared: dict[str, Any] = {"key": key, "label_visibility": "collapsed", "persist_state": "session"}
    if len(names) <= _PILLS:
        chosen = st.pills("Tasks", names, selection_mode="multi", format_func=escape, **shared)
    else:
        chosen = st.multiselect("Tasks", names, placeholder="Select two or more …", **shared)
    ordered = [name for name in names if name in chosen]
    # Lines, not a table: its last columns would be cut off on a small screen.
    st.caption("\n".join(f"- {line}" for line in task_lines(found, ordered)))
    if len(ordered) < 2:
        st.caption("Select two or more tasks.")
    return ordered


def task_lines(found: Preview, chosen: Collection[str]) -> list[str]:
    """Return a line per chosen task with its kind, classes, labels and metrics, as Markdown."""
    return [_task_line(found, task) for task in found.tasks if task.name in chosen]


def _task_line(found: Preview, task: Task) -> str:
    parts = [] if str(task.kind) == task.name else [str(task.kind)]
    if (not task.kind.is_map and task.kind is not Kind.REGRESSION) or task.kind is Kind.SEGMENTATION:
        parts.append(f"{count(task.n_outputs)} classes")
    parts.append(_labelled(found.labelled[task.name]["train"], found.sizes["train"]))
    arrows = {each.name: "↑" if each.higher_is_better else "↓" for each in task.metrics}
    # In one piece: an arrow on the next line seems to belong to the next metric.
    metrics = ", ".join(f"{escape(name)} {arrow}".replace(" ", "\u00a0") for name, arrow in arrows.items())
    return f"**{escape(task.name)}**: {', '.join(parts)}; {metrics}"


def _labelled(n: int, n_pictures: int) -> str:
    return "all labelled" if n == n_pictures else f"{count(n)} of {count(n_pictures)} labelled"
