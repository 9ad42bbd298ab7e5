"""Train form of gradient affinity."""

import streamlit as st

from app.families.gradient_affinity.labels import every_words
from app.families.train_form import FormChoice, TrainOption, say_seeds, seeds_input
from app.ui.formatting import count
from core.families.gradient_affinity.request import GradientAffinityRequest
from core.families.gradient_affinity.runs import GradientAffinitySubmission
from core.studies.seeds import next_seeds, own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

GRADIENT_AFFINITY = "gradient_affinity"


def train_options(study: Study) -> list[TrainOption]:  # noqa: ARG001  # the same for every study
    """Return the one option: gradient affinity."""
    return [TrainOption(GRADIENT_AFFINITY, "Gradient affinity", gradient_form, "gradient affinity")]


def gradient_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of gradient affinity."""
    request = specification.requested(GradientAffinityRequest) or GradientAffinityRequest()
    own = own_seeds(specification, GradientAffinityRequest)
    seeds = next_seeds(own, (), seeds_input(GRADIENT_AFFINITY, study, len(own) or 1, least=len(own) or 1))
    st.caption(
        f"The fully shared network of all {count(study.n_tasks)} tasks is trained once per seed. On the way, "
        f"{every_words(request.every)}, it is measured by how much a step of one task on one block lowers or raises "
        "the loss of each task. Shown on the Affinity page; several seeds give intervals."
    )
    say_seeds(seeds, "each trains one network")
    return FormChoice((GradientAffinitySubmission(seeds),))
