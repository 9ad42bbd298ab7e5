"""Train form of published methods that a study is compared with."""

import streamlit as st

from app.families.train_form import FormChoice, TrainOption, next_seeds, own_seeds, say, say_seeds, seeds_input
from app.ui.formatting import listed, plural
from app.ui.glossary import explain
from app.ui.url_options import several
from core.families.layouts.request import TableRequest
from core.families.multipath.request import MultiPathRequest
from core.families.rivals.method import LEAST_EPOCHS, TITLES
from core.families.rivals.request import RivalRequest
from core.families.rivals.submission import RivalSubmission, fitting_methods
from core.studies.specification import StudySpecification
from core.studies.study import Study

RIVALS, METHODS = "rivals", "methods"


def train_options(study: Study) -> list[TrainOption]:
    """Return the one option; none of a study without runs."""
    return [] if study.specification is None else [TrainOption(RIVALS, "Published methods", rivals_form, "rivals")]


def rivals_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of published methods."""
    epochs = specification.training.epochs
    names = [method.name for method in fitting_methods(specification) if epochs >= LEAST_EPOCHS[method.name]]
    request = specification.requested(RivalRequest)
    requested = [] if request is None else [method.name for method in request.methods]
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        chosen = several(
            "Methods", names, [name for name in names if name in requested] or names, METHODS, labels=TITLES,
            help=explain("rivals"),
        )  # fmt: skip
        compared = _compared_seeds(specification)
        own = own_seeds(specification, RivalRequest)
        n = seeds_input(RIVALS, study, len(own) or len(compared) or 1, least=len(own) or 1)
    if not chosen:
        return FormChoice(None, "No method is chosen. Choose one or more.")
    # Those of the networks they are compared with come first, so that baselines are shared.
    seeds = next_seeds(own or compared, (), n)
    say(
        f"For each seed: {listed([TITLES[name] for name in chosen])}, each one network of all {study.n_tasks} tasks, "
        f"and the {plural(study.n_tasks, 'single-task network')} that they are compared with."
    )
    say_seeds(seeds, "all methods are trained on the same data for the same number of epochs as every other network")
    left_out = [TITLES[name] for name, least in LEAST_EPOCHS.items() if epochs < least]
    if left_out:
        say(f"Not offered, because its parts need an epoch each: {listed(left_out)}.")
    return FormChoice((RivalSubmission(tuple(chosen), seeds),))


def _compared_seeds(specification: StudySpecification) -> tuple[int, ...]:
    return own_seeds(specification, MultiPathRequest) or own_seeds(specification, TableRequest)
