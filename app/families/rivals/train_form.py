"""Train form of published methods that a study is compared with."""

import streamlit as st

from app.families.train_form import FormChoice, TrainOption, say, say_seeds, seeds_input
from app.ui.formatting import listed, plural
from app.ui.glossary import explain
from app.ui.url_options import several
from core.families.layouts.request import TableRequest
from core.families.multipath.request import MultiPathRequest
from core.families.rivals.method import (
    LEAST_EPOCHS,
    TITLES,
    USUAL_METHODS,
    method_code,
    units_of,
    usual_units,
)
from core.families.rivals.request import RivalRequest
from core.families.rivals.submission import RivalSubmission, fitting_methods
from core.families.virtual.request import VirtualRequest
from core.studies.seeds import next_seeds, own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

RIVALS, METHODS = "rivals", "methods"


def train_options(study: Study) -> list[TrainOption]:
    """Return the one option; none of a study without runs."""
    return [] if study.specification is None else [TrainOption(RIVALS, "Published methods", rivals_form, "rivals")]


def rivals_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of published methods."""
    epochs = specification.training.epochs
    fitting = fitting_methods(specification, _units(study, specification))
    codes = [code for code, method in fitting.items() if epochs >= LEAST_EPOCHS[method.name]]
    request = specification.requested(RivalRequest)
    requested = {method_code(method) for method in (USUAL_METHODS if request is None else request.methods)}
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        chosen = several(
            "Methods", codes, [code for code in codes if code in requested] or codes, METHODS, labels=TITLES,
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
        f"For each seed: {listed([TITLES[code] for code in chosen])}, each one network of all {study.n_tasks} tasks, "
        f"and the {plural(study.n_tasks, 'single-task network')} that they are compared with."
    )
    say_seeds(seeds, "all methods are trained on the same data for the same number of epochs as every other network")
    if units := sorted({units_of(fitting[code]) for code in chosen} - {0}):
        say(f"Channels are divided into {listed(list(map(str, units)))} units, of which tasks have whole ones.")
    left_out = [TITLES[code] for code, method in fitting.items() if epochs < LEAST_EPOCHS[method.name]]
    if left_out:
        say(f"Not offered, because its parts need an epoch each: {listed(left_out)}.")
    return FormChoice((RivalSubmission(tuple(fitting[code] for code in chosen), seeds),))


def _units(study: Study, specification: StudySpecification) -> int:
    """Return into how many units channels are divided: as the study's virtual networks have it, else the fewest."""
    request = specification.requested(VirtualRequest)
    if request is not None and request.units >= study.n_tasks:
        return request.units
    return usual_units(study.n_tasks, [block.output_shape[0] for block in study.backbone.blocks])


def _compared_seeds(specification: StudySpecification) -> tuple[int, ...]:
    found = (own_seeds(specification, each) for each in (MultiPathRequest, VirtualRequest, TableRequest))
    return next((seeds for seeds in found if seeds), ())
