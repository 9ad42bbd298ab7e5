"""Units that are put in order by hand, with totals, overlap and merit that follow without a round trip."""

from collections.abc import Callable, Mapping, Sequence

from app.components.served import Component

_ORDER_GAME = Component("order_game")

WORDS = {
    "level": "level",
    "use": "Drag a unit along its row, or choose it and use the arrow keys. A rule's name takes its orders.",
    "pieces": "How many levels of tasks learn the weights from unit (column) to unit (row); units on the diagonal.",
    "piece": "Weights from unit {from} to unit {to}: learned by {n} levels of tasks",
    "spoken": "Levels of tasks that learn each piece, row by row",
    "tile": "{task}: unit {unit}, place {place} of {n}",
    "undo": "Undo",
    "reset": "Start again",
    "yours": "These orders",
    "unmeasured": "No network of this study is trained with these orders, so nothing is said of what they reach.",
}
ROWS = (
    "Imbalance: gap between the most and the least trained unit, divided by the mean",
    "Units that two tasks share below the last level, mean",
    "Agreement with the tasks' affinity, −1 to 1",
    "Merit: agreement less imbalance",
)


def order_game(*, key: str, data: Mapping[str, object], on_orders: Callable[[], None]) -> None:
    """Show the tiles of every task and what follows from their order.

    Args:
        key: Key of the component; its state has ``orders``.
        data: What ``game_data`` returns.
        on_orders: Called when a unit is released.
    """
    _ORDER_GAME(key=key, data=data, on_orders_change=on_orders)


def game_data(
    *,
    tasks: Sequence[str],
    orders: Sequence[Sequence[int]],
    presets: Sequence[tuple[str, Sequence[Sequence[int]]]],
    weights: Sequence[Sequence[float]] | None,
    balance: float,
    measured: Mapping[str, str],
    filename: str,
) -> dict[str, object]:
    """Return what the browser gets: everything a move needs, once.

    Args:
        tasks: Names.
        orders: Units in the order in which each task takes them.
        presets: Label and orders of each rule; the first are those one begins with.
        weights: Affinities of pairs less their mean, scaled so that their sizes add up to 1; None where not known.
        balance: How much a unit of imbalance counts against agreement.
        measured: Code of orders, of which the first task takes the units as they are numbered → what was measured.
        filename: Name of downloaded pictures, without ending.
    """
    return {
        "tasks": list(tasks),
        "orders": [list(order) for order in orders],
        "presets": [{"label": label, "orders": [list(order) for order in given]} for label, given in presets],
        "weights": None if weights is None else [list(row) for row in weights],
        "balance": balance,
        "measured": dict(measured),
        "rows": list(ROWS),
        "filename": filename,
        "words": WORDS,
    }
