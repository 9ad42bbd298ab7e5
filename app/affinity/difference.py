"""The tensor that is shown minus another one: another source, one seed and another, another study."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.affinity.figure import source_words
from app.affinity.heatmap import matrix_figure
from app.affinity.model import n_draws
from app.affinity.paper_figure import ordered_maps
from app.affinity.sources import other_source
from app.affinity.subject import Subject, subject_of
from app.affinity.tables import interval_of
from app.affinity_source.inputs import ORIGIN_WORDS
from app.figures.bibliography import BRANCHED
from app.figures.controls import current_edits
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.ui import cached
from app.ui.downloads import csv_button
from app.ui.formatting import escape, minus
from app.ui.interval_column import with_interval_column
from app.ui.plotly import plotly_chart
from app.ui.url_state import choice, listed_choice, name_choice
from app.ui.written_table import WHOLE, Writer, show_written
from core.affinity.difference import TensorDifference, difference, of_seed
from core.affinity.distance import proportions
from core.affinity.evidence import evidence_of_features, evidence_of_losses
from core.affinity.resampling import resampled_affinities
from core.errors import AffinityError

Array = NDArray[np.float64]

SOURCE, SEEDS, STUDY = "source", "seeds", "study"
_KINDS = {SOURCE: "Other source", SEEDS: "Two seeds", STUDY: "Other study"}
_SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A difference with its words.

    Args:
        found: The difference.
        one: What is compared.
        other: With what.
        noise: What its intervals are of; empty without.
    """

    found: TensorDifference
    one: str
    other: str
    noise: str

    @property
    def largest(self) -> float:
        """The largest difference of two tasks, for colours that are even around 0."""
        known = np.abs(self.found.values[~np.isnan(self.found.values)])
        return max(float(known.max(initial=0.0)), 0.01)


def show_difference(subject: Subject, depth: int) -> None:
    """Ask for what to compare with, and show the difference at a depth, with its interval in a table."""
    losses = subject.view.evidence.losses
    kinds = [SOURCE] if other_source(subject) is not None else []
    kinds += [SEEDS] if losses is not None and len(losses.seeds) > 1 else []
    kinds += [STUDY]
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        kind = choice("Subtract", kinds, "difference", labels=_KINDS)
        compared = _compared(subject, kind)
    if compared is None:
        st.info("No other study is here. Import one on Studies.", icon=":material/info:")
        return
    edits = current_edits(len(subject.view.tasks))
    order, names = edits.ordered(len(subject.view.tasks)), edits.named(subject.view.tasks)
    tasks, cells = tuple(names[task] for task in order), np.ix_(order, order)
    values, noisy = compared.found.values[depth][cells], compared.found.within_noise[depth][cells]
    words = [[_cell(value, bool(noise)) for value, noise in zip(*row, strict=True)]
             for row in zip(values.tolist(), noisy.tolist(), strict=True)]  # fmt: skip
    st.markdown(f"**{escape(compared.one)} − {escape(compared.other)}**, after block {depth + 1}")
    grid = st.grid(2, min_column_width=400, gap="medium")
    with grid.cell():
        figure = matrix_figure(values, tasks, tasks, domain=(-compared.largest, compared.largest), written=words,
                               is_diverging=True)  # fmt: skip
        plotly_chart(figure, key="affinity-difference", alt=_spoken(compared, tasks, values))
    with grid.cell():
        frame = difference_frame(compared, names)
        shown = frame[frame["depth"] == depth].drop(columns=["depth", "after_block"])
        number: Writer = lambda value: minus(f"{value:+.3f}")  # noqa: E731
        shown = with_interval_column(shown, "difference", ("low", "high"), number)
        show_written(shown, {"difference": number}, hide_index=True, height="content" if len(shown) <= WHOLE else 388,
                     placeholder="–", alt="Difference of affinities of every pair")  # fmt: skip
    st.caption(_noise_words(compared))
    with st.container(horizontal=True, gap="small"):
        csv_button("Differences as CSV", frame, f"branchwise-{subject.study.name}-affinity-difference.csv")
        figure_menu(
            partial(difference_figure, subject, compared), key="affinity_difference", tasks=subject.view.tasks,
            has_order=True, has_colours=True, stem=f"branchwise-{subject.study.name}-affinity-difference",
        )  # fmt: skip


def difference_frame(compared: Compared, names: Sequence[str]) -> pd.DataFrame:
    """Return one row per depth and pair of tasks."""
    found, tasks = compared.found, np.array(names)
    first, second = np.triu_indices(len(tasks), 1)
    n_depths = len(found.values)
    cells = {name: getattr(found, name)[:, first, second].ravel() for name in ("values", "low", "high")}
    noisy = found.within_noise[:, first, second].ravel()
    return pd.DataFrame(
        {
            "depth": np.repeat(np.arange(n_depths), len(first)),
            "after_block": np.repeat(np.arange(1, n_depths + 1), len(first)),
            "task": np.tile(tasks[first], n_depths),
            "other": np.tile(tasks[second], n_depths),
            "difference": cells["values"],
            "low": cells["low"],
            "high": cells["high"],
            "within noise": np.where(np.isnan(cells["low"]), "not known", np.where(noisy, "yes", "no")),
        }
    )


def difference_figure(subject: Subject, compared: Compared, edits: Edits) -> PaperFigure:
    """Return the difference at all depths."""
    found, tasks = compared.found, subject.view.tasks
    colours = edits.colours or (-compared.largest, compared.largest)
    maps = ordered_maps(found.values, found.within_noise, (edits.ordered(len(tasks)),), edits.named(tasks),
                        "difference of affinities", colours, is_diverging=True)  # fmt: skip
    frame = difference_frame(compared, edits.named(tasks))
    return PaperFigure(
        f"Difference of affinities: {compared.one} − {compared.other}",
        source_words(subject),
        (maps,),
        caption=_noise_words(compared),
        columns=(*map(str, frame.columns), "one", "minus"),
        rows=tuple((*(None if value != value else value for value in row), compared.one, compared.other)
                   for row in frame.itertuples(index=False, name=None)),
        papers=(BRANCHED,),
        provenance="" if subject.is_own else provenance_of(subject.study),
        signs="Dashed: within noise." if found.within_noise.any() else "",
    )  # fmt: skip


def _compared(subject: Subject, kind: str) -> Compared | None:
    """Return the requested difference; None where no other study is there."""
    if kind == SOURCE:
        other = other_source(subject)
        assert other is not None
        shown = subject_of(subject.study, other, other.eigenvector)
        return _of_tensors(subject, shown, _origin(subject), _origin(shown))
    if kind == SEEDS:
        losses = subject.view.evidence.losses
        assert losses is not None
        seeds = [str(seed) for seed in losses.seeds]
        one = listed_choice("Seed", seeds, "seed_one", labels={}, width=110)
        other_seed = listed_choice(
            "minus seed", [seed for seed in seeds if seed != one], "seed_other", labels={}, width=110
        )
        return _of_seeds(subject.stamp, subject, int(one), int(other_seed))
    titles = cached.study_names()
    names = [name for name in titles if name != subject.study.name]
    name = name_choice("Study to subtract", names, "other_study", labels=titles, width=300)
    return None if name is None else _of_study(subject, name)


def _of_study(subject: Subject, name: str) -> Compared:
    """Return the difference from another study of the same tasks and depths, whatever their order.

    Raises:
        AffinityError: It has other tasks or depths, or no affinity.
    """
    study, here = cached.study(name), subject.view.evidence
    losses = cached.losses(name)
    if losses is not None:
        evidence = cached.measured_affinity(name, here.eigenvector)
    elif study.similarity is not None:
        evidence = evidence_of_features(study.task_names, study.similarity)
    else:
        raise AffinityError(f'The affinity of "{study.title}" is not measured. Choose another study.')
    if set(evidence.tasks) != set(here.tasks) or evidence.n_depths != here.n_depths:
        raise AffinityError(
            f'"{study.title}" has {evidence.n_depths} depths and the tasks {", ".join(evidence.tasks)}; the difference '
            f"needs {here.n_depths} depths and the tasks {', '.join(here.tasks)}. Choose another study."
        )
    other = subject_of(study, evidence, evidence.eigenvector)
    return _of_tensors(subject, other, subject.study.title, study.title)


def _of_tensors(subject: Subject, other: Subject, one: str, name: str) -> Compared:
    stamp = f"{subject.stamp}/{other.stamp}/{subject.sure is not None}/{other.sure is not None}"
    known = [(each, words) for each, words in ((subject, one), (other, name)) if each.sure is not None]
    noise = " and ".join(f"{interval_of(each)} of {words}" for each, words in known)
    exact = "; the other has no interval and counts as exact" if len(known) == 1 else ""
    return Compared(_difference(stamp, subject, other), one, name, noise + exact)


def _origin(subject: Subject) -> str:
    return ORIGIN_WORDS[subject.view.evidence.origin].lower().replace("(rsa)", "(RSA)")


@st.cache_resource(max_entries=16, show_spinner=False)
def _difference(stamp: str, _one: Subject, _other: Subject) -> TensorDifference:  # noqa: ARG001  # part of the key
    places = [_other.view.tasks.index(task) for task in _one.view.tasks]
    cells = np.ix_(range(_other.view.evidence.n_depths), places, places)
    draws = None if _one.sure is None else _one.sure.draws
    others = None if _other.sure is None else _other.sure.draws[:, :, places][..., places]
    return difference(_one.view.normalised, _other.view.normalised[cells], draws, others,
                      rng=np.random.default_rng(_SEED))  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner="Resampling …", show_time=True)
def _of_seeds(stamp: str, _subject: Subject, one: int, other: int) -> Compared:  # noqa: ARG001
    losses, eigenvector = _subject.view.evidence.losses, _subject.view.evidence.eigenvector
    assert losses is not None
    tensors, draws = [], []
    for seed in (one, other):
        alone = of_seed(losses, seed)
        evidence = evidence_of_losses(alone, eigenvector)
        tensors.append(evidence.normalised())
        # The same random numbers draw the same samples for both.
        draws.append(proportions(resampled_affinities(alone, n=n_draws(alone), rng=np.random.default_rng(_SEED),
                                                      eigenvector=eigenvector)))  # fmt: skip
    found = difference(*tensors, *draws, is_paired=True, rng=np.random.default_rng(_SEED))
    return Compared(found, f"seed {one}", f"seed {other}", "samples, the same for both seeds")


def _cell(value: float, is_noise: bool) -> str:
    if value != value:
        return ""
    words = minus(f"{value:+.2f}") if abs(value) >= 0.005 else "0"
    return f"({words})" if is_noise else words


def _noise_words(compared: Compared) -> str:
    if not compared.found.has_intervals:
        return "No interval is known: neither has losses per sample."
    pairs = np.triu(np.ones(compared.found.values.shape[1:], dtype=bool), 1)
    noisy, known = compared.found.within_noise[:, pairs], ~np.isnan(compared.found.low[:, pairs])
    return (
        f"In brackets: within noise, the 90 % interval of the difference includes 0 ({int(noisy.sum())} of "
        f"{int(known.sum())} pairs and depths). Intervals over {compared.noise}."
    )


def _spoken(compared: Compared, tasks: tuple[str, ...], values: Array) -> str:
    return f"{compared.one} minus {compared.other}: " + "; ".join(
        f"{tasks[i]} and {tasks[j]} {_cell(float(values[i, j]), False) or 'not known'}"
        for i, j in zip(*np.triu_indices(len(tasks), 1), strict=True)
    )
