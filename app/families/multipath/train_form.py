"""Train form of multi-path networks: those of the study, and one with exits of one's choice."""

import streamlit as st

from app.families.multipath.exit_words import exit_words
from app.families.train_form import FormChoice, TrainOption, say, say_seeds, seeds_input
from app.jobs.train_link import ASSIGNED, PATHS, TABLE, exit_key
from app.ui.formatting import escape, listed, plural
from app.ui.glossary import explain
from app.ui.url_state import listed_choice
from core.families.layouts.request import TableRequest
from core.families.multipath.place import spread
from core.families.multipath.request import MultiPathRequest, PathNetworkRequest
from core.families.multipath.submission import MultiPathSubmission, PathNetworkSubmission, assigned_network
from core.studies.seeds import next_seeds, own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study


def train_options(study: Study) -> list[TrainOption]:
    """Return both options where a study requests multi-path networks; otherwise the one that requests them."""
    specification = study.specification
    if specification is None or specification.backbone.blocks < 2:
        return []
    if specification.requested(MultiPathRequest) is None:
        return [TrainOption(PATHS, "Multi-path networks", paths_form, "exit")]
    # Of a study that requests no two-task table, nothing else needs to come first.
    alone = TABLE not in specification.requests
    return [
        TrainOption(PATHS, "Multi-path networks", paths_form, "exit", comes_first=alone),
        TrainOption(ASSIGNED, "Assigned exits", assigned_form, "assigned exits"),
    ]


def paths_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of multi-path networks."""
    table = own_seeds(specification, TableRequest)
    request = specification.requested(MultiPathRequest) or MultiPathRequest(seeds=table or (0,))
    own = len(request.seeds)
    is_new = specification.requested(MultiPathRequest) is None
    st.markdown("**All multi-path networks from every seed**", help=explain("exit"))
    seeds = next_seeds(request.seeds, (), seeds_input(PATHS, study, own, least=1 if is_new else own))
    matrix = "; one network with a head of every task at every exit" if request.matrix else ""
    say(
        f"For each seed: {plural(study.n_tasks, 'single-task network')}, which teach and are compared with; "
        f"{plural(len(request.networks), 'multi-path network')} "
        f"({listed([network.name for network in request.networks[:6]])}{', …' if len(request.networks) > 6 else ''})"
        f"{matrix}."
    )
    if is_new:
        say(
            "Exits at the end of every block, tasks in their order in the study, from the first exit to the last, and "
            "the paper's loss as printed. A study file can request other exits, orders and losses in [multipath]."
        )
    if specification.has_several:
        trained = (
            "every step of a multi-path network takes rows of each data set, until every row of the longest was seen; "
            "a single-task network goes through its own"
        )
    else:
        trained = "for each seed, all networks are trained on the same data for the same number of steps"
    say_seeds(seeds, trained)
    return FormChoice((MultiPathSubmission(seeds),))


def assigned_form(study: Study, specification: StudySpecification) -> FormChoice:  # noqa: ARG001  # as the others
    """Draw the controls of one network whose exits are chosen here, or were found on Paths."""
    request = specification.requested(MultiPathRequest)
    if request is None:
        return FormChoice(None, "The study requests no multi-path networks. Request them first.")
    st.markdown("**One multi-path network with these exits, and one in the paper's order**", help=explain("exit"))
    names = request.exit_names(specification.backbone.blocks)
    codes = [str(number) for number in range(1, len(names) + 1)]
    labels = {code: f"{code}: {exit_words(name)}" for code, name in zip(codes, names, strict=True)}
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        exits = tuple(
            int(listed_choice(f"Exit of {escape(task)}", codes, exit_key(number), labels=labels, width=170)) - 1
            for number, task in enumerate(specification.tasks)
        )
        places = [str(place) for place in range(len(request.networks))]
        like = request.networks[
            int(
                listed_choice(
                    "Loss of", places, "loss_of", width=200, help=explain("mix"),
                    labels={place: request.networks[int(place)].name for place in places},
                )
            )
        ]  # fmt: skip
    chosen = assigned_network(specification, exits, like)
    submissions = [PathNetworkSubmission(chosen)]
    usual = spread(len(specification.tasks), len(names))
    if exits != usual:
        submissions.append(PathNetworkSubmission(assigned_network(submissions[0].extend(specification), usual, like)))
    say(_assigned_words(specification, chosen, usual, is_there=chosen in request.networks))
    say_seeds(request.seeds, "those of the study's other networks, with their single-task networks")
    return FormChoice(tuple(submissions))


def _assigned_words(
    specification: StudySpecification, chosen: PathNetworkRequest, usual: tuple[int, ...], *, is_there: bool
) -> str:
    order = listed([f"{task} at {exit_ + 1}" for task, exit_ in zip(specification.tasks, usual, strict=True)])
    if chosen.assign in (usual, "spread"):
        words = f"These exits are the paper's order ({order})."
    else:
        words = f"To compare with, the paper's order ({order}) with the same loss."
    return f"{words} The study has a network with these exits and this loss." if is_there else words
