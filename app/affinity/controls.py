"""Controls of the Affinity page; every value is in the address and checked again here."""

import streamlit as st

from app.glossary import explain
from app.views.ordering import Order, Over
from core.affinity.tournament import Eigenvector

_EIGENVECTORS = {Eigenvector.AHP: "Ratios (AHP)", Eigenvector.RAW: "Wins (raw)"}


def order_input(n_depths: int) -> tuple[Order, Over]:
    """Ask in which order tasks stand, and which depths decide it."""
    chosen = st.segmented_control(
        "Order tasks by",
        [str(order) for order in Order],
        default=str(Order.STUDY),
        required=True,
        key="order",
        help=explain("cluster order", "similarity order"),
        bind="query-params",
        persist_state="session",
    )
    order = Order(chosen) if chosen in list(Order) else Order.STUDY
    if order is Order.STUDY or n_depths == 1:
        return order, Over.ALL
    over = st.segmented_control(
        "Decided by",
        [str(each) for each in Over],
        default=str(Over.ALL),
        required=True,
        key="order_over",
        help="One order from the mean of all depths, or every depth its own.",
        bind="query-params",
        persist_state="session",
    )
    return order, Over(over) if over in list(Over) else Over.ALL


def eigenvector_input() -> Eigenvector:
    """Ask of which matrix the eigenvector is taken."""
    chosen = st.segmented_control(
        "Eigenvector of",
        [str(kind) for kind in Eigenvector],
        default=str(Eigenvector.AHP),
        required=True,
        key="eigenvector",
        format_func=lambda name: _EIGENVECTORS[Eigenvector(name)],
        help=explain("ahp", "raw"),
        bind="query-params",
        persist_state="session",
    )
    return Eigenvector(chosen) if chosen in list(Eigenvector) else Eigenvector.AHP
