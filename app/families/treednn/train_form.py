"""Train form of a TreeDNN."""

import streamlit as st

from app.families.train_form import FormChoice, TrainOption, say, say_seeds, seeds_input
from app.ui.formatting import listed
from app.ui.glossary import explain
from core.families.treednn.request import TreeRequest
from core.families.treednn.submission import TreeSubmission
from core.studies.seeds import next_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

TREE = "tree"


def train_options(study: Study) -> list[TrainOption]:
    """Return the one option: the TreeDNN that the study requests; none of one data set without a request."""
    asked = study.specification
    if asked is None or not (asked.has_several or asked.requested(TreeRequest)):
        return []
    return [TrainOption(TREE, "TreeDNN", tree_form, "treednn")]


def tree_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of a TreeDNN."""
    request = specification.requested(TreeRequest)
    if request is None:
        return FormChoice(None, "The study requests no TreeDNN. Add [treednn] to its file.")
    own = len(request.seeds)
    st.markdown("**One TreeDNN from every seed**", help=explain("treednn"))
    seeds = next_seeds(request.seeds, (), seeds_input(TREE, study, own, least=own))
    n_branches = study.n_tasks - len(request.grafts)
    dedicated = (
        f"; a dedicated network for each of the {study.n_tasks} {'tasks' if request.parts else 'data sets'}"
        if request.dedicated
        else ""
    )
    grafts = f"; {listed([*request.grafts])} grafted onto it" if request.grafts else ""
    whose = "each task's part of the pictures" if request.parts else "every data set"
    say(
        f"Phase 1: a trunk of {request.cut} of {study.n_blocks} blocks and {n_branches} branches, trained jointly on "
        f"batches with rows of {whose}. Phase 2: each branch separately on the frozen trunk{grafts}{dedicated}, "
        "trained on its data as often as the branch."
    )
    say_seeds(seeds, "for each seed, trunk, branches and dedicated networks start with the same weights")
    return FormChoice((TreeSubmission(seeds),))
