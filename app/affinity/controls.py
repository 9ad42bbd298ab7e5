"""Controls of the Affinity page; every value is in the address and checked again here."""

from app.ui.glossary import explain
from app.ui.url_state import choice
from core.affinity.ordering import Order, Over

_ORDERS = {Order.STUDY: "Study", Order.CLUSTER: "Cluster", Order.SIMILARITY: "Similarity"}
_OVERS = {Over.ALL: "All depths", Over.THIS: "Each depth"}


def order_input(n_depths: int) -> tuple[Order, Over]:
    """Ask in which order tasks stand, and which depths decide it."""
    order = choice(
        "Order tasks by", list(Order), "order", labels=_ORDERS, help=explain("cluster order", "similarity order")
    )
    if order is Order.STUDY or n_depths == 1:
        return order, Over.ALL
    said = "One order from the mean of all depths, or a separate order for each depth."
    return order, choice("Based on", list(Over), "order_over", labels=_OVERS, help=said)
