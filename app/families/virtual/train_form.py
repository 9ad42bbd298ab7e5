"""Train form of deep virtual networks: those of the study, and one with orders of units of one's choice."""

from collections.abc import Sequence

import streamlit as st

from app.families.train_form import FormChoice, TrainOption, say, say_seeds, seeds_input
from app.families.virtual.order_words import order_words, orders_words, read_orders
from app.jobs.train_link import ORDERED, ORDERS, TABLE, VIRTUAL
from app.ui.formatting import listed, plural
from app.ui.glossary import explain
from app.ui.page_url import kept
from app.ui.paths import PAGES
from app.ui.url_state import choice, listed_choice, whole_number
from core.backbones.division import Division
from core.errors import FamilyError
from core.families.layouts.request import TableRequest
from core.families.virtual.request import VirtualNetworkRequest, VirtualRequest
from core.families.virtual.submission import VirtualNetworkSubmission, VirtualSubmission, ordered_network
from core.studies.seeds import next_seeds, own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

_MOST_UNITS = 8
_USUAL_UNITS = (4, 3, 2, 5, 6, 7, 8)
RULES = {"nearest": "Nearest (the paper's)", "cyclic": "Cyclic", "common": "One common order"}


def train_options(study: Study) -> list[TrainOption]:
    """Return both options where a study requests deep virtual networks; otherwise the one that requests them."""
    specification = study.specification
    if specification is None:
        return []
    if specification.requested(VirtualRequest) is None:
        return [TrainOption(VIRTUAL, "Virtual networks", virtual_form, "virtual network")]
    # Where multi-path networks are requested, too, they come first; rivals of either need nothing of their own.
    alone = TABLE not in specification.requests and "multipath" not in specification.requests
    return [
        TrainOption(VIRTUAL, "Virtual networks", virtual_form, "virtual network", comes_first=alone),
        TrainOption(ORDERED, "Own orders of units", ordered_form, "order of units"),
    ]


def virtual_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of deep virtual networks."""
    st.markdown("**All virtual networks from every seed**", help=explain("virtual network"))
    request = specification.requested(VirtualRequest)
    if request is None:
        return _first_form(study, specification)
    own = len(request.seeds)
    seeds = next_seeds(request.seeds, (), seeds_input(VIRTUAL, study, own, least=own))
    _say_request(study, request)
    say_seeds(seeds, _trained_words(specification))
    return FormChoice((VirtualSubmission(seeds),))


def _first_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of a study that requests none yet."""
    fitting = [units for units in _USUAL_UNITS if not units_fault(study, units)]
    if not fitting:
        return FormChoice(None, units_fault(study, _USUAL_UNITS[0]))
    table = own_seeds(specification, TableRequest) or (0,)
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        n_seeds = seeds_input(VIRTUAL, study, len(table))
        units = whole_number("Units", 2, _MOST_UNITS, fitting[0], "units", help=explain("unit of channels"), width=110)
        rule = choice("Order of units", list(RULES), "order", labels=RULES, help=explain("order of units"))
    if fault := units_fault(study, units):
        return FormChoice(None, fault)
    network = VirtualNetworkRequest.model_validate({"name": rule, "order": rule})
    request = VirtualRequest(seeds=next_seeds(table, (), n_seeds), units=units, networks=(network,))
    _say_request(study, request)
    say(
        "A study file can request other orders, several networks, sequences of tasks and a common share of channels in "
        "[virtual]."
    )
    say_seeds(request.seeds, _trained_words(specification))
    return FormChoice((VirtualSubmission(request.seeds, request),))


def units_fault(study: Study, units: int) -> str:
    """Return why the blocks of a study can't be divided into so many units; empty where nothing is against it."""
    try:
        for block in study.backbone.blocks:
            if block.output_shape:
                Division(units).channels(block.output_shape[0], (), f'The block "{block.name}"')
    except FamilyError as fault:
        return str(fault)
    return ""


def ordered_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of one network whose orders were put together on Virtual networks."""
    request = specification.requested(VirtualRequest)
    if request is None:
        return FormChoice(None, "The study requests no virtual networks. Request them first.")
    st.markdown("**One virtual network with these orders of units**", help=explain("order of units"))
    orders = read_orders(kept(ORDERS), study.n_tasks, request.units)
    st.page_link(
        PAGES / "virtual.py", label="Put units in order", icon=":material/drag_indicator:",
        query_params={"section": "game"},
    )  # fmt: skip
    if orders is None:
        return FormChoice(None, "No orders are chosen. Put the units in order on Virtual networks.")
    say(_orders_sentence(study.task_names, orders))
    places = [str(place) for place in range(len(request.networks))]
    like = request.networks[
        int(
            listed_choice(
                "Learns like", places, "learns_like", width=220, help=explain("learns like"),
                labels={place: request.networks[int(place)].name for place in places},
            )
        )
    ]  # fmt: skip
    network = ordered_network(specification, orders, like)
    if network in request.networks:
        say(f"The study has a network with these orders that learns so: {network.name}.")
    say_seeds(request.seeds, "those of the study's other networks, with their single-task networks")
    return FormChoice((VirtualNetworkSubmission(network),))


def _orders_sentence(tasks: Sequence[str], orders: Sequence[tuple[int, ...]]) -> str:
    said = listed([f"{task} {order_words(order)}" for task, order in zip(tasks, orders, strict=True)])
    return f"Units from the first level on: {said}. These are {orders_words(orders)}."


def _say_request(study: Study, request: VirtualRequest) -> None:
    names = [network.name for network in request.networks]
    alone = ""
    if request.alone:
        alone = f", {plural(study.n_tasks * (request.units - 1), 'network')} of one level trained alone,"
    say(
        f"For each seed: {plural(study.n_tasks, 'single-task network')} to compare with{alone} and "
        f"{plural(len(names), 'virtual network')} ({listed(names[:6])}{', …' if len(names) > 6 else ''}) of "
        f"{study.n_tasks} tasks on {request.units} levels."
    )


def _trained_words(specification: StudySpecification) -> str:
    if specification.has_several:
        return "every step takes rows of each data set; a single-task network goes through its own"
    return "for each seed, all networks are trained on the same data for the same number of steps"
