"""Train form of recombined networks."""

import streamlit as st

from app.families.train_form import (
    FormChoice,
    TrainOption,
    say,
    say_seeds,
    seeds_input,
)
from app.ui.formatting import count
from app.ui.glossary import explain
from app.ui.url_state import choice
from core.families.layouts.seeds import table_seeds
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import START_WORDS, AffinitySubmission
from core.studies.seeds import own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

AFFINITY = "affinity"
TUNED = "fine-tuned"
_TOPS = {"anew": "Start anew", TUNED: "Fine-tuned"}


def train_options(study: Study) -> list[TrainOption]:  # noqa: ARG001  # the same for every study
    """Return the one option: affinity."""
    return [TrainOption(AFFINITY, "Affinity", affinity_form, "recombined")]


def affinity_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for recombined networks: first those measured, then those of the table, which they use."""
    own = own_seeds(specification, AffinityRequest)
    table = table_seeds(specification, n + len(own))
    return tuple(dict.fromkeys([*own, *table]))[:n]


def affinity_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of recombined networks."""
    own = len(own_seeds(specification, AffinityRequest)) or 1
    before = specification.requested(AffinityRequest)
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        seeds = affinity_seeds(specification, seeds_input(AFFINITY, study, own, least=own))
        first = st.number_input(
            "From block", 1, study.n_blocks, 1, key=f"from_block-{study.name}", width=130, help=explain("from block")
        )
        # Affinities of both kinds can't be compared, so a study has one of them.
        tuned = (
            before.fine_tune
            if before
            else choice("Tops", [*_TOPS], "tops", labels=_TOPS, help=explain("tops")) == TUNED
        )
    first = int(first)
    depths = study.n_blocks + 1 - first
    where = f"block {first}" if depths == 1 else f"each block from {first} to {study.n_blocks}"
    st.caption(
        f"Each task is trained on the frozen first blocks of every task’s network, split after {where}: "
        f"{count(study.n_tasks * depths)} trainings per seed, in each of which {count(study.n_tasks)} networks are "
        "trained, and the single-task networks they start from. Used by the Affinity and Branching pages."
    )
    if before is not None:
        say(f"As requested before, tops {START_WORDS[tuned]}; a copy of the study can train the other kind.")
    say_seeds(seeds, "the single-task networks of these seeds are recombined")
    return FormChoice((AffinitySubmission(seeds, first - 1, tuned),))
