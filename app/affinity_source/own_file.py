"""An uploaded tensor or file of losses: read as data only, kept in the session."""

import hashlib
import io
from functools import partial

import numpy as np
import streamlit as st

from app.affinity_source.inputs import OWN_TENSOR
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.url_state import choice
from core.affinity.array_file import Kind
from core.affinity.evidence import Evidence, Origin, evidence_of_losses
from core.affinity.tensor_file import ArrayFile, losses_of, read_array, tensor_of
from core.errors import AffinityError, BranchwiseError
from core.studies.study import Study

MAX_MB = 20
_FILE, _KIND, _ROUND = "own_affinity", "own_kind", "own_round"
_NAME, _STAMP, _FAULT = "own_tensor_name", "own_tensor_stamp", "own_tensor_fault"
_KINDS: tuple[Kind, ...] = ("affinity", "distance")
SAMPLE = """depth,task_a,task_b,value
0,near,near,0.52
0,near,far,0.47
0,far,far,0.55
1,near,near,0.61
1,near,far,0.33
1,far,far,0.64
"""


def show_own_file(study: Study) -> None:
    """Ask for a file, or say which one is open."""
    with st.container(border=True):
        name = st.session_state.get(_NAME, "")
        if st.session_state.get(OWN_TENSOR) is not None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{escape(name)}** is open. It is kept in this browser session only.")
                st.button("Close the file", icon=":material/close:", on_click=_close)
            return
        if fault := st.session_state.get(_FAULT, ""):
            st.error(escape(fault), icon=":material/error:")
        left, right = st.columns([3, 2], gap="medium")
        with left:
            st.file_uploader(
                "Affinities, distances, or losses of samples: NPY, NPZ or CSV",
                type=["npy", "npz", "csv"],
                key=f"{_FILE}-{st.session_state.get(_ROUND, 0)}",
                max_upload_size=MAX_MB,
                on_change=_brought,
                args=(study.task_names,),
            )
            choice(
                "The file contains",
                _KINDS,
                _KIND,
                labels={"affinity": "Affinities", "distance": "Distances"},
                help=explain("own numbers"),
                on_change=partial(_brought, study.task_names),
            )
        with right:
            _forms()


def own_stamp() -> str:
    """Return the cache key of the open file."""
    return str(st.session_state.get(_STAMP, ""))


def evidence_of_file(data: bytes, name: str, kind: Kind, tasks: tuple[str, ...]) -> Evidence:
    """Return the tensor of a file.

    Args:
        data: Its content.
        name: Its name.
        kind: What its numbers are, where the file does not say.
        tasks: What to call the tasks where the file does not say and there are as many.

    Raises:
        BranchwiseError: It is none; the message names the place.
    """
    if len(data) > MAX_MB * 1_000_000:
        raise AffinityError(
            f"{name} has {len(data) / 1e6:.0f} MB. Upload at most {MAX_MB} MB: use fewer samples or depths."
        )
    found = read_array(data, name, kind)
    if found.holds_losses:
        given = evidence_of_losses(losses_of(found, tasks))
        return Evidence(Origin.FILE, given.tasks, given.affinity, given.losses, given.eigenvector)
    return _tensor(found, found.kind or kind, tasks)


def _tensor(found: ArrayFile, kind: Kind, tasks: tuple[str, ...]) -> Evidence:
    values = tensor_of(found, kind)
    names = found.names_or(tasks)
    if kind == "affinity":
        return Evidence(Origin.FILE, names, values)
    return Evidence(Origin.FILE, names, 1.0 - values, given_distance=values)


def _brought(tasks: tuple[str, ...]) -> None:
    _forget()
    file = st.session_state.get(f"{_FILE}-{st.session_state.get(_ROUND, 0)}")
    if file is None:
        return
    kind: Kind = "distance" if st.session_state.get(_KIND) == "distance" else "affinity"
    data = file.getvalue()
    try:
        st.session_state[OWN_TENSOR] = evidence_of_file(data, file.name, kind, tasks)
    except BranchwiseError as fault:
        st.session_state[_FAULT] = str(fault)
        return
    st.session_state[_NAME] = file.name
    st.session_state[_STAMP] = f"{hashlib.sha256(data).hexdigest()}/{kind}/{','.join(tasks)}"


def _close() -> None:
    _forget()
    # A file widget can't be cleared, but a new one is empty.
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _forget() -> None:
    for key in (OWN_TENSOR, _NAME, _STAMP, _FAULT):
        st.session_state.pop(key, None)


def _forms() -> None:
    st.markdown("**File formats**")
    st.dataframe(
        {
            "format": ["CSV", "NPY, NPZ", "NPZ"],
            "content": [
                "depth, task_a, task_b, value",
                "array [depth, task, task]",
                "losses [depth, target, source, sample]",
            ],
        },
        hide_index=True,
        alt="Three file formats and their content",
    )  # fmt: skip
    st.caption(
        "Depth comes first and counts from 0. Affinities are normalised by each task with itself (the diagonal); a "
        "file without any diagonal should hold normalised values, 0 to 1. Empty or NaN means not measured. An NPZ may "
        "name its tasks in an array “tasks”. 2 to 40 tasks. Losses give confidence intervals too."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Sample CSV", SAMPLE, file_name="sample_affinity.csv", mime="text/csv", icon=":material/download:",
            type="tertiary", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Sample losses", _sample_losses, file_name="sample_losses.npz", mime="application/octet-stream",
            icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip


def _sample_losses() -> bytes:
    """Return losses of three made-up tasks, of which two grow apart from the third."""
    rng, apart = np.random.default_rng(0), np.array([[0.0, 0.2, 0.6], [0.2, 0.0, 0.6], [0.6, 0.6, 0.0]])
    depths = np.linspace(0.1, 1.0, 4)[:, None, None]
    losses = (1.0 + depths * apart)[..., None] * rng.lognormal(0.0, 0.3, (4, 3, 3, 200))
    file = io.BytesIO()
    np.savez_compressed(file, losses=losses.astype(np.float32), tasks=np.array(["near", "far", "wide"]))
    return file.getvalue()
