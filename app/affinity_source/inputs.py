"""Which tensor the Affinity and Branching pages look at: one control for both."""

import streamlit as st

from app.ui import cached
from app.ui.formatting import plural
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
    Origin.GRADIENTS: "Gradient affinity",
    Origin.FILE: "Own file",
}
# Four long names would not fit side by side on a small screen.
_SHORT = {**ORIGIN_WORDS, Origin.RECOMBINED: "Recombined networks", Origin.FEATURES: "RSA"}
_EIGENVECTORS = {Eigenvector.AHP: "AHP ratios", Eigenvector.RAW: "Raw wins"}


def evidence_input(study: Study) -> Evidence | None:
    """Ask for the source of affinities and return them; None where a file is the source and none is open yet.

    A file that was read is kept in the session under ``OWN_TENSOR`` as an ``Evidence``.

    Raises:
        AffinityError: The stored losses of the study are damaged.
    """
    losses = cached.losses(study.name)
    effects = study.result(GradientEffects)
    offered = origins(losses, study.similarity, effects)
    terms = explain("recombined", "rsa", "affinity")
    if effects is not None:
        terms = explain("recombined", "rsa", "gradient affinity", "affinity")
    labels = _SHORT if len(offered) > 3 else ORIGIN_WORDS
    origin = choice("Source", offered, "evidence", labels=labels, help=terms)
    if origin is Origin.RECOMBINED:
        return cached.measured_affinity(study.name)
    if origin is Origin.FEATURES:
        return evidence_of_features(study.task_names, study.similarity)
    if origin is Origin.GRADIENTS and effects is not None:
        return evidence_of_effects(effects)
    own: Evidence | None = st.session_state.get(OWN_TENSOR)
    return own


def say_gradient_affinity(evidence: Evidence) -> None:
    """Show what gradient affinity is, and what it is not; nothing for another source."""
    if evidence.effects is None:
        return
    n = len(evidence.effects.seeds)
    intervals = "Intervals are over seeds." if n > 1 else "One seed: no interval."
    seeds = plural(n, "seed")
    st.caption(
        f"Gradient affinity, from {seeds}: how much a step of one task on a block lowers the loss of the other "
        "in proportion to own steps, while all tasks share all blocks. It is not the affinity of Branched MTL, which "
        "trains recombined networks, nor that of TAG, which steps on all shared blocks at once. In the "
        "bundled studies it told no better than low cost alone which layouts gain, also in `digits`, where both rank "
        f"layouts almost as their measured gains do (Spearman correlation 0.97). {intervals}"
    )


def eigenvector_input() -> Eigenvector:
    """Ask which matrix of the tournament the eigenvector is taken of."""
    return choice(
        "Tournament", list(Eigenvector), "eigenvector", default=Eigenvector.AHP, labels=_EIGENVECTORS,
        help=explain("ahp", "raw"),
    )  # fmt: skip
