"""The heatmaps of all depths with the open pair, and their callbacks."""

import numpy as np
import streamlit as st

from app.affinity.drift import ROUNDING, marks_sentence, notes, summary
from app.affinity.model import SURE, AffinityView, is_one_seed, is_uncertain
from app.affinity.place import KEY, depth_moved, depth_shown, pair_opened, pair_shown
from app.affinity.subject import EVERY_SECONDS, Resampling, Subject
from app.affinity_source.inputs import ORIGIN_WORDS
from app.charts.svg import ticks
from app.components.affinity_map import affinity_map, map_data
from app.figures.controls import current_edits
from app.figures.edits import Edits
from app.ui.formatting import count, escape, minus, plural
from app.ui.page_frame import show_errors
from core.affinity.evidence import Origin
from core.affinity.ordering import Arrangement, Order, Over, arrangements

_NO_EDITS = Edits()
ONE_SEED_CURVE = "affinity after block …; band: 90 % interval over samples of one seed; faint: other pairs"


def show_figure(subject: Subject, order: Order, over: Over) -> tuple[int, tuple[int, int], list[Arrangement]]:
    """Show the maps and give the depth and the pair that are open, and the order of rows."""
    view = subject.view
    depth = depth_shown(view.evidence.n_depths)
    pair = pair_shown(view, depth)
    for said in _notes(subject.stamp, view):
        st.info(escape(said), icon=":material/info:")
    arranged = [Arrangement(tuple(range(len(view.tasks))))]
    with show_errors():
        arranged = arrangements_of(subject, order, over)
    edits = current_edits(len(view.tasks))
    if edits.order:
        arranged = [Arrangement(edits.ordered(len(view.tasks)))]
    affinity_map(
        key=KEY,
        data=figure_data(subject, arranged, depth, pair, edits),
        on_depth=lambda: depth_moved(view.evidence.n_depths),
        on_pair=lambda: pair_opened(len(view.tasks)),
    )
    if subject.is_drawing:
        _wait(subject.resampling)
    elif subject.resampling.fault:
        st.warning(escape(subject.resampling.fault), icon=":material/warning:")
    return depth, pair, arranged


def arrangements_of(subject: Subject, order: Order, over: Over) -> list[Arrangement]:
    """Return the order of rows.

    Raises:
        AffinityError: Cells are missing, so that nothing can be clustered.
    """
    return _arranged(subject.stamp, order, over, subject)


def figure_data(
    subject: Subject, arranged: list[Arrangement], depth: int, pair: tuple[int, int], edits: Edits = _NO_EDITS
) -> dict[str, object]:
    """Return what the browser gets to draw."""
    view, evidence = subject.view, subject.view.evidence
    shown = [view.normalised, subject.sure.certainty.high] if subject.sure else [view.normalised]
    known = np.concatenate([each[~np.isnan(each)] for each in shown])
    low, high = float(known.min(initial=0.0)), float(known.max(initial=1.0))
    raw = "distance" if evidence.given_distance is not None else "raw affinity"
    return map_data(
        fields=subject.fields(),
        tasks=edits.named(view.tasks),
        n_depths=evidence.n_depths,
        arrangements=arranged,
        depth=depth,
        pair=pair,
        summary=_summary(subject.stamp, subject.sure is not None, subject),
        marks=marks_sentence(view, subject.sure, drawing=subject.is_drawing),
        sure=round(100 * SURE),
        marked=bool(is_uncertain(view, subject.sure).any()),
        holes=bool(np.isnan(view.normalised).any()),
        scale=(low, high),
        colours=edits.colours or (0.0, 1.0),
        ticks=ticks(low, high, 5),
        filename="branchwise-own-affinity" if subject.is_own else f"branchwise-{subject.study.name}-affinity",
        stamp=f"{subject.stamp}/{subject.sure is not None}/{edits.names}/{edits.colours}",
        words=_words(subject, raw, float(view.normalised.max(where=~np.isnan(view.normalised), initial=0.0)))
        | _colour_words(edits),
    )


def pair_note(subject: Subject) -> str:
    """Return what the numbers of a pair mean, or why there are none."""
    losses = subject.view.evidence.losses
    if losses is not None:
        seeds = len(losses.seeds)
        return (
            f"Win rate against own features: share of {count(losses.n_samples)} validation samples"
            f"{f' and {seeds} seeds' if seeds > 1 else ''} on which the frozen blocks of the other task give the lower "
            "loss. 50\u00a0%: as good as its own. Affinity is computed from the win rates of both directions, not from "
            "mean losses."
        )
    if subject.view.evidence.origin is Origin.GRADIENTS:
        return (
            "How much a step of one task helped the other while one network of all tasks was trained: the mean of both "
            "directions; the table has each. No network was trained on another’s features, so there are no win rates."
        )
    if subject.view.evidence.origin is Origin.FEATURES:
        return "RSA compares features without training on them, so there are no win rates."
    return "The file has no losses per sample, so there are no win rates."


def source_words(subject: Subject) -> str:
    """Return study, source, samples and seeds of the numbers, as a file states them."""
    evidence = subject.view.evidence
    parts = ["own file" if subject.is_own else subject.study.name]
    if not subject.is_own:
        words = {Origin.FEATURES: "RSA", Origin.GRADIENTS: "gradient affinity"}
        parts.append(words.get(evidence.origin, ORIGIN_WORDS[evidence.origin].lower()))
    if evidence.effects is not None:
        parts.append(plural(len(evidence.effects.seeds), "seed"))
    if evidence.losses is not None:
        parts += [plural(evidence.losses.n_samples, "validation sample"), plural(len(evidence.losses.seeds), "seed")]
    return " · ".join(parts)


def _words(subject: Subject, raw: str, highest: float) -> dict[str, str]:
    """Return the words that depend on what is shown."""
    words = {"raw": raw, "pairNote": pair_note(subject), "source": source_words(subject)}
    own = "own features"
    if subject.view.evidence.effects is not None:
        own, words["most"] = "own steps", "1 helps as much as own steps"
    if subject.sure is None:
        words["curve"] = "affinity after block …; faint: other pairs"
    elif is_one_seed(subject.view):
        words |= {"interval": "90\u00a0%, one seed:", "curve": ONE_SEED_CURVE}
    if highest > 1 + ROUNDING:
        words["most"] = f"1 or more: as good as {own}, or better"
    return words


def _colour_words(edits: Edits) -> dict[str, str]:
    """Return the words at the ends of the colours where a person has chosen them."""
    if edits.colours is None:
        return {}
    low, high = (minus(f"{end:.12g}") for end in edits.colours)
    return {"least": f"{low} or less", "most": f"{high} or more"}


def _wait(resampling: Resampling) -> None:
    st.fragment(lambda: _look(resampling), run_every=EVERY_SECONDS, key="affinity-resampling")()


def _look(resampling: Resampling) -> None:
    if resampling.is_done:
        st.rerun()
    st.caption(":material/hourglass_top: Computing confidence intervals. You can go on working.")


@st.cache_resource(max_entries=16, show_spinner=False)
def _notes(stamp: str, _view: AffinityView) -> list[str]:  # noqa: ARG001  # part of the key
    return notes(_view)


@st.cache_resource(max_entries=16, show_spinner=False)
def _summary(stamp: str, sure: bool, _subject: Subject) -> list[str]:  # noqa: ARG001
    return summary(_subject.view, _subject.sure if sure else None)


@st.cache_resource(max_entries=64, show_spinner=False)
def _arranged(stamp: str, order: Order, over: Over, _subject: Subject) -> list[Arrangement]:  # noqa: ARG001
    return arrangements(_subject.view.normalised, order, over)
