"""Controls of the page: whose orders of units are shown. Every value is in the address and validated again."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from app.ui.glossary import explain
from app.ui.url_state import choice, listed_choice, whole_number
from app.virtual.units_model import UnitsView
from core.backbones.division import Division
from core.families.virtual.orders import Orders, cyclic_orders, nearest_orders
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.results import VirtualResults
from core.families.virtual.search import searched_orders
from core.studies.study import Study

UNITS, BASE, ORDER, NETWORK = "units", "base", "order_of", "of_network"
_MOST_UNITS, _USUAL_UNITS = 16, 4
BASES = {"none": 0.0, "quarter": 0.25}
_BASE_WORDS = {"none": "None", "quarter": "A quarter"}
RULE_WORDS = {
    "nearest": "Nearest (the paper's)",
    "cyclic": "Cyclic",
    "common": "One common order",
    "searched": "Searched",
}
# A code of a study's network, before its number.
_NETWORK = "network-"


def units_input(study: Study) -> UnitsView:
    """Ask for the division into units where the study has none, and for the orders.

    Args:
        study: Whose tasks take the units.
    """
    results = study.result(VirtualResults)
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        division = division_input(results)
        options = order_options(study, results, division)
        labels = {code: label for code, (label, _) in options.items()}
        code = listed_choice(
            "Orders of units", list(options), ORDER, labels=labels, help=explain("order of units"), width=280
        )
    orders = options[code][1]
    return UnitsView(tuple(study.task_names), division, orders, payload_with(results, orders, division))


def network_input(results: VirtualResults) -> int:
    """Ask for one of the trained networks of a study, and return its place."""
    trained = [place for place, network in enumerate(results.networks) if network.payloads]
    jointly = sorted(trained, key=lambda place: results.networks[place].training != "jointly")
    codes = [str(place) for place in jointly]
    labels = {code: results.networks[int(code)].name for code in codes}
    return int(listed_choice("Network", codes, NETWORK, labels=labels, help=explain("virtual network"), width=240))


def division_input(results: VirtualResults | None) -> Division:
    """Return how the networks of a study are divided; ask where it has none."""
    if results is not None:
        return results.division
    units = whole_number("Units", 2, _MOST_UNITS, _USUAL_UNITS, UNITS, help=explain("unit of channels"), width=120)
    base = choice("Common channels", list(BASES), BASE, labels=_BASE_WORDS, help=explain("common channels"))
    return Division(units, BASES[base])


def order_options(study: Study, results: VirtualResults | None, division: Division) -> Mapping[str, tuple[str, Orders]]:
    """Return what orders there are: code → label and orders; those of the study's networks first."""
    found: dict[str, tuple[str, Orders]] = {}
    names: dict[Orders, list[str]] = {}
    for network in () if results is None else results.networks:
        names.setdefault(network.orders, []).append(network.name)
    for place, (orders, called) in enumerate(names.items()):
        more = f" (and {len(called) - 1} more)" if len(called) > 1 else ""
        found[f"{_NETWORK}{place}"] = (f"{called[0]}{more}", orders)
    for rule, orders in rule_orders(study.n_tasks, division.n_units, results).items():
        if orders not in names:
            trained = ", not trained" if results is not None else ""
            found[rule] = (f"{RULE_WORDS[rule]}{trained}", orders)
    return found


def rule_orders(n_tasks: int, n_units: int, results: VirtualResults | None) -> dict[str, Orders]:
    """Return the orders of each rule; the searched ones where the affinity of the tasks is written in the study."""
    found = {
        "nearest": nearest_orders(n_tasks, n_units),
        "cyclic": cyclic_orders(n_tasks, n_units),
        "common": (tuple(range(n_units)),) * n_tasks,
    }
    if results is not None and results.affinity is not None:
        found["searched"] = _searched(tuple(tuple(row) for row in results.affinity.tolist()), n_units)
    return found


@st.cache_data(max_entries=32, show_spinner="Searching for the best orders …")
def _searched(affinity: tuple[tuple[float, ...], ...], n_units: int) -> Orders:
    return searched_orders(np.array(affinity), n_units).orders


def payload_with(results: VirtualResults | None, orders: Orders, division: Division) -> VirtualPayload | None:
    """Return what a trained network with these orders holds; None where none is trained."""
    if results is None or division != results.division:
        return None
    return next(
        (payload for network in results.networks if network.orders == orders for payload in network.payloads.values()),
        None,
    )
