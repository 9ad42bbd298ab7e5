"""Labels of the runs of deep virtual networks."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.families.virtual.order_words import orders_words
from app.ui.formatting import listed
from core.runs.label import RunLabel

_LEVELS: Final = {
    "sandwich": "the first, the last and one level between learn in a step",
    "sampled": "one drawn level learns in a step",
    "last": "only the last level learns",
}


def virtual_words(label: RunLabel) -> str:
    """Return the tasks of a network, its levels and orders, and which levels learn.

    >>> virtual_words(RunLabel("virtual", ("a", "b"), 0, {"units": 3, "orders": "0,1,2;2,1,0"}))
    'Virtual networks: a and b on 3 levels, nearest orders of units'
    """
    levels = label.details.get("levels")
    return ", ".join([_network(label), *([] if levels is None else [_LEVELS[str(levels)]])])


def sequence_words(label: RunLabel) -> str:
    """Return the tasks in the order in which they are learned, and what holds the answers of earlier ones.

    >>> details = {"units": 2, "orders": "0,1;1,0", "distillation": "1", "temperature": "2"}
    >>> sequence_words(RunLabel("virtual-sequence", ("a", "b"), 0, details))
    'Virtual networks: a and b on 2 levels, nearest orders of units, learned one after another, distilled with T 2'
    """
    details = label.details
    held = "without distillation"
    if float(details["distillation"]):
        weight = "" if float(details["distillation"]) == 1.0 else f"weight {details['distillation']}, "
        held = f"distilled with {weight}T {details['temperature']}"
    return f"{_network(label)}, learned one after another, {held}"


def narrow_words(label: RunLabel) -> str:
    """Return whose level is trained alone, and how wide it is.

    >>> narrow_words(RunLabel("narrow-network", ("a",), 0, {"units": 4, "level": 1}))
    'a, level 2 of 4 trained alone'
    """
    details = label.details
    return f"{listed(label.tasks)}, level {int(details['level']) + 1} of {details['units']} trained alone{_base(label)}"


def timing_words(label: RunLabel) -> str:
    """Return of which network how many levels are timed, and with how many pictures at once.

    >>> timing_words(RunLabel("virtual-timing", details={"network": "small-residual", "levels": 4, "batch": 1}))
    'Times of 4 levels of small-residual'
    """
    details = label.details
    batch = "" if details["batch"] == 1 else f", {details['batch']} pictures at once"
    return f"Times of {details['levels']} levels of {details['network']}{batch}"


def _network(label: RunLabel) -> str:
    details = label.details
    orders = [[int(unit) for unit in order.split(",")] for order in str(details["orders"]).split(";")]
    return f"Virtual networks: {listed(label.tasks)} on {details['units']} levels{_base(label)}, {orders_words(orders)}"


def _base(label: RunLabel) -> str:
    base = label.details.get("base")
    return "" if base is None else f" with {100 * float(base):.4g} % common channels"


WORDS: Final[Mapping[str, Words]] = {
    "virtual": virtual_words,
    "virtual-sequence": sequence_words,
    "narrow-network": narrow_words,
    "virtual-timing": timing_words,
}
