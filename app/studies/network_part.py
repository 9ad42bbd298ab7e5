"""The tasks and the backbone of a new study."""

import hashlib
from collections.abc import Collection
from typing import Any

import streamlit as st

from app.studies.fields import PREFIX, field_inputs, key_of
from app.ui.formatting import count, escape, plural
from app.ui.glossary import explain
from app.ui.page_frame import show_errors
from core.backbones.catalogue import load_backbone
from core.data.preview import Preview
from core.jobs.presets import torchvision_backbones
from core.layouts.counting import count_layouts
from core.studies.specification import BackboneSpecification
from core.tasks import Kind, Task

# Tasks of a copied study, until its data set has been read.
WANTED = f"{PREFIX}-tasks-wanted"
NAME = key_of("backbone", "name")
SMALL, TORCHVISION = "small-residual", "torchvision:"
_SMALL_BLOCKS = 5
_FIRST = 3
# Beyond this number a searchable list is quicker.
_PILLS = 12
_MOST_BLOCKS = 40


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


def backbone_input(n_tasks: int) -> dict[str, Any]:
    """Ask for the backbone and return the fields of its specification."""
    st.markdown("**3 · Backbone**", help=explain("backbone", "block"))
    options = [SMALL, *(f"{TORCHVISION}{name}" for name in torchvision_backbones())]
    name = st.selectbox(
        "Backbone",
        options,
        key=NAME,
        format_func=lambda option: "Small residual network" if option == SMALL else option.removeprefix(TORCHVISION),
        label_visibility="collapsed",
        persist_state="session",
    )
    document: dict[str, Any] = {"name": name, "blocks": _SMALL_BLOCKS}
    if name == SMALL:
        document |= field_inputs(BackboneSpecification, ["width"], "backbone", columns=2)
    else:
        with show_errors():
            document |= _torchvision(name.removeprefix(TORCHVISION))
    blocks = int(document["blocks"])
    st.caption(
        plural(blocks, "block")
        + (f" and {n_tasks} tasks give **{count(count_layouts(n_tasks, blocks))} layouts**." if n_tasks > 1 else ".")
    )
    return document


def _torchvision(name: str) -> dict[str, Any]:
    most = min(load_backbone(name).n_blocks, _MOST_BLOCKS)
    key = key_of("blocks", name)
    st.session_state.setdefault(key, min(5, most))
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        blocks = st.slider(
            "Blocks",
            1,
            most,
            key=key,
            help="Neighbouring blocks are merged to nearly equal MACs. See the Backbone page.",
            persist_state="session",
        )
    with right:
        stem = field_inputs(BackboneSpecification, ["stem"], "backbone", columns=1)
    return {"blocks": blocks, **stem}
