"""Images on which two encoders differ most."""

from pathlib import Path

import numpy as np
import streamlit as st

from app.affinity.contests import Contest, contests
from app.affinity.subject import Subject
from app.ui.formatting import escape
from app.ui.picture_strip import answer_words, picture_strip
from core.data.dataset import Dataset, Samples
from core.data.gallery import gallery_of
from core.data.store import cache_name, load
from core.errors import DataError
from core.studies.home import home
from core.studies.several_specification import DatasetSpecification

# From this standard deviation of the noise on, a small digit can't be read.
_UNREADABLE = 0.2
_WANTED = "affinity_pictures"


def show_pictures(subject: Subject, depth: int, pair: tuple[int, int]) -> None:
    """Show, for both tasks of the pair, the validation images on which the losses of two encoders differ most.

    Raises:
        DataError: The data are missing, or are not those that were measured.
    """
    losses, asked = subject.view.evidence.losses, subject.study.specification
    assert losses is not None
    if asked is None or subject.is_own:
        st.info("The images of these losses are not available.", icon=":material/info:")
        return
    shown, noise = readable(asked.dataset)
    if not _is_at_hand(shown) and not st.session_state.get(_WANTED):
        st.markdown("The validation images are not loaded yet. Loading may take a few seconds.")
        st.button("Load images", icon=":material/image:", on_click=_want)
        return
    data = _dataset(cache_name(shown), shown)
    if len(data.validation) != losses.n_samples:
        raise DataError(
            f"The data set has {len(data.validation)} validation images, but {losses.n_samples} were measured. "
            "Train the affinity again on the current data."
        )
    if noise:
        st.caption(f"Shown without the noise that the networks saw (σ = {noise:g} of the range of brightness).")
    found = contests(losses, depth, pair)
    if not found:
        st.info("Not measured for this pair at this depth.", icon=":material/info:")
    for contest in found:
        with st.container(border=True):
            _contest(subject, data, contest, depth)


def readable(specification: DatasetSpecification) -> tuple[DatasetSpecification, float]:
    """Return the data set to show, and the standard deviation of the noise that is left out of it; 0 for none.

    The same images in the same order: noise is added to each image after all else is chosen.
    """
    noise = float(getattr(specification, "noise", 0.0) or 0.0)
    if noise < _UNREADABLE:
        return specification, 0.0
    return specification.model_copy(update={"noise": 0.0}), noise


def _contest(subject: Subject, data: Dataset, contest: Contest, depth: int) -> None:
    tasks = subject.view.tasks
    target, source = escape(tasks[contest.target]), escape(tasks[contest.source])
    st.markdown(f"**{target}**: its own first {_blocks(depth)} against those of {source}")
    left, right = st.columns(2, gap="medium")
    with left:
        _strip(data, tasks[contest.target], contest.own_better, "Own features have the lower loss")
        st.caption(f"Loss lower by {_gap(contest.own_gap)}")
    with right:
        _strip(data, tasks[contest.target], contest.other_better, f"Features of {source} have the lower loss")
        st.caption(f"Loss lower by {_gap(contest.other_gap)}")


def _strip(data: Dataset, task: str, samples: tuple[int, ...], words: str) -> None:
    st.markdown(words)
    if not samples:
        st.caption("On no image.")
        return
    places = np.array(samples)
    kept = tuple(each for each in data.tasks if each.name == task)
    shown = gallery_of(
        Samples(
            data.validation.pictures[places], {each.name: data.validation.targets[each.name][places] for each in kept}
        ),
        kept,
        data.class_names,
    )
    st.image(picture_strip(shown.inputs), alt=f"Validation images {', '.join(map(str, samples))}", width="content")
    if task in shown.targets:
        st.image(picture_strip(shown.targets[task]), alt=f"Targets of {task}", width="content")
    elif task in shown.labels:
        st.markdown(answer_words(shown.labels[task]))


def _want() -> None:
    st.session_state[_WANTED] = True


def _is_at_hand(specification: DatasetSpecification) -> bool:
    return Path(home() / "cache" / cache_name(specification)).exists()


@st.cache_resource(max_entries=2, show_spinner="Loading images …", show_time=True)
def _dataset(name: str, _specification: DatasetSpecification) -> Dataset:  # noqa: ARG001  # part of the key
    return load(_specification)


def _gap(gap: tuple[float, float] | None) -> str:
    return "–" if gap is None else f"{gap[1]:.3g} to {gap[0]:.3g}"


def _blocks(depth: int) -> str:
    return "block" if depth == 0 else f"{depth + 1} blocks"
