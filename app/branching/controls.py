"""Controls of the Branching page: distance, downsampling steps, α and beam width. Every value is checked again."""

import streamlit as st

from app.affinity_source.inputs import eigenvector_input
from app.branching.model import (
    DISTANCE_WORDS,
    downsampling_words,
    read_downsamplings,
    usual_downsamplings,
    why_not_known,
)
from app.ui import cached
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.url_state import choice, real_number, text, whole_number
from core.affinity.distance import Distance
from core.affinity.evidence import Evidence, Origin, with_eigenvector
from core.backbones import Backbone
from core.selection.beam import WIDTH
from core.studies.study import Study

ALPHA = "alpha"
_DOWNS = "downsamplings"
MOST_WIDTH = 50
_MOST_ALPHA = 1e9


def eigenvector_asked(study: Study, evidence: Evidence) -> Evidence:
    """Ask which matrix the tournament uses, as on the Affinity page, and return the tensor computed with it."""
    if evidence.losses is None:
        return evidence
    asked = eigenvector_input()
    if evidence.origin is Origin.RECOMBINED:
        return cached.measured_affinity(study.name, asked)
    return with_eigenvector(evidence, asked)


def distance_input(evidence: Evidence) -> Distance:
    """Ask how affinities become distances; a file of distances needs no such choice."""
    if evidence.given_distance is not None:
        return Distance.COSINE
    return choice(
        "Distance", list(Distance), "distance", default=Distance.COSINE, labels=DISTANCE_WORDS, help=explain("distance")
    )


def downsamplings_input(evidence: Evidence, backbone: Backbone) -> tuple[float, ...]:
    """Ask how many downsampling steps remain after each depth; empty means as in the study's backbone.

    Raises:
        AffinityError: The text holds other numbers.
    """
    usual = usual_downsamplings(evidence, backbone)
    typed = text(
        "Remaining downsampling steps", _DOWNS, placeholder=downsampling_words(usual), help=explain("downsampling")
    )
    return read_downsamplings(typed, evidence.n_depths) if typed.strip() else usual


def say_downsamplings(evidence: Evidence, backbone: Backbone) -> None:
    """Show that the downsampling steps are unknown, where none were typed."""
    why = why_not_known(evidence, backbone)
    if why and not str(st.session_state.get(_DOWNS, "")).strip():
        st.caption(f":material/info: {escape(why)}")


def alpha_input(usual: float) -> float:
    """Ask for α, which the line in the figure sets too; empty means the default."""
    typed = real_number("α", 0.0, _MOST_ALPHA, None, ALPHA, placeholder=f"{usual:.4g}", help=explain("alpha"))
    return usual if typed is None else typed


def width_input() -> int:
    """Ask how many groupings the beam search keeps at each depth."""
    return whole_number("Beam width", 1, MOST_WIDTH, WIDTH, "beam", help=explain("beam"))
