"""Which tensor the Affinity and Branching pages look at: one control for both."""

import streamlit as st

from app.ui import cached
from app.ui.glossary import explain
from app.ui.url_state import choice
from core.affinity.evidence import Evidence, Origin, evidence_of_effects, evidence_of_features, origins
from core.affinity.gradient import GradientEffects
from core.affinity.tournament import Eigenvector
from core.studies.study import Study

OWN_TENSOR = "own_tensor"
ORIGIN_WORDS = {
    Origin.RECOMBINED: "Recombined networks (frozen features)",
    Origin.FEATURES: "Representation similarity (RSA)",
    Origin.GRADIENTS: "Gradient affinity (one shared training)",
    Origin.FILE: "Own file",
}
_EIGENVECTORS = {Eigenvector.AHP: "AHP ratios", Eigenvector.RAW: "raw wins"}


def evidence_input(study: Study) -> Evidence | None:
    """Ask for the source of affinities and return them; None where a file is the source and none is open yet.

    A file that was read is kept in the session under ``OWN_TENSOR`` as an ``Evidence``.

    Raises:
        AffinityError: The stored losses of the study are damaged.
    """
    losses = cached.losses(study.name)
    effects = study.result(GradientEffects)
    offered = origins(losses, study.similarity, effects)
    terms = ("recombined", "rsa", *(("gradient affinity",) if effects is not None else ()), "affinity")
    origin = choice("Source", offered, "evidence", labels=ORIGIN_WORDS, help=explain(*terms))
    if origin is Origin.RECOMBINED:
        return cached.measured_affinity(study.name)
    if origin is Origin.FEATURES:
        return evidence_of_features(study.task_names, study.similarity)
    if origin is Origin.GRADIENTS and effects is not None:
        return evidence_of_effects(effects)
    own: Evidence | None = st.session_state.get(OWN_TENSOR)
    return own


def eigenvector_input() -> Eigenvector:
    """Ask which matrix of the tournament the eigenvector is taken of."""
    return choice(
        "Tournament", list(Eigenvector), "eigenvector", default=Eigenvector.AHP, labels=_EIGENVECTORS,
        help=explain("ahp", "raw"),
    )  # fmt: skip
