"""Train form of multi-path networks."""

import streamlit as st

from app.families.train_form import FormChoice, TrainOption, next_seeds, say, say_seeds, seeds_input
from app.ui.formatting import listed, plural
from app.ui.glossary import explain
from core.families.multipath.request import MultiPathRequest
from core.families.multipath.submission import MultiPathSubmission
from core.studies.specification import StudySpecification
from core.studies.study import Study

PATHS = "multipath"


def train_options(study: Study) -> list[TrainOption]:
    """Return the one option: the multi-path networks that the study requests; none where it requests none."""
    if study.specification is None or study.specification.requested(MultiPathRequest) is None:
        return []
    return [TrainOption(PATHS, "Multi-path networks", paths_form, "exit")]


def paths_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of multi-path networks."""
    request = specification.requested(MultiPathRequest)
    if request is None:
        return FormChoice(None, "The study requests no multi-path networks. Add [multipath] to its file.")
    own = len(request.seeds)
    st.markdown("**All multi-path networks from every seed**", help=explain("exit"))
    seeds = next_seeds(request.seeds, (), seeds_input(PATHS, study, own, least=own))
    matrix = "; one network with a head of every task at every exit" if request.matrix else ""
    say(
        f"For each seed: {plural(study.n_tasks, 'single-task network')}, which teach and are compared with; "
        f"{plural(len(request.networks), 'multi-path network')} "
        f"({listed([network.name for network in request.networks[:6]])}{', …' if len(request.networks) > 6 else ''})"
        f"{matrix}."
    )
    say_seeds(seeds, "for each seed, all networks are trained on the same data for the same number of steps")
    return FormChoice((MultiPathSubmission(seeds),))
