"""What orders of units are called on the screen, where units and levels count from 1."""

from collections.abc import Sequence

from core.errors import FamilyError
from core.families.virtual.orders import Order, Orders, cyclic_orders, nearest_orders

_MOST_LETTERS = 120


def order_words(order: Order) -> str:
    """Return one task's units as a person reads them, from its first level on.

    >>> order_words((1, 0, 2))
    '2 1 3'
    """
    return " ".join(str(unit + 1) for unit in order)


def rule_of(orders: Sequence[Sequence[int]]) -> str:
    """Return the rule that has these orders: ``common``, ``nearest`` or ``cyclic``; empty where none has.

    >>> rule_of([(0, 1, 2), (1, 0, 2), (2, 1, 0)]), rule_of([(2, 1, 0), (1, 0, 2), (2, 1, 0)])
    ('nearest', '')
    """
    found: Orders = tuple(map(tuple, orders))
    n_tasks, n_units = len(found), len(found[0]) if found else 0
    if found == (tuple(range(n_units)),) * n_tasks:
        return "common"
    try:
        rules = {"nearest": nearest_orders(n_tasks, n_units), "cyclic": cyclic_orders(n_tasks, n_units)}
    except FamilyError:
        return ""
    return next((rule for rule, usual in rules.items() if usual == found), "")


def orders_words(orders: Sequence[Sequence[int]]) -> str:
    """Return the rule of orders, or all of them where no rule has them.

    >>> orders_words([(0, 1), (0, 1)]), orders_words([(1, 0), (1, 0)])
    ('one common order of units', 'orders of units 2 1; 2 1')
    """
    rule = rule_of(orders)
    if rule:
        return "one common order of units" if rule == "common" else f"{rule} orders of units"
    text = "; ".join(order_words(tuple(order)) for order in orders)
    return f"orders of units {text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + '…'}"
