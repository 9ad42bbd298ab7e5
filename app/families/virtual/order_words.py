"""What orders of units are called on the screen, where units and levels count from 1."""

from collections.abc import Sequence

from core.errors import FamilyError
from core.families.virtual.orders import Order, Orders, check_orders, cyclic_orders, nearest_orders

_MOST_LETTERS = 120
_MOST_CODE = 8000


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


def orders_code(orders: Sequence[Sequence[int]]) -> str:
    """Return orders as an address has them, with units from 0.

    >>> orders_code(((0, 1), (1, 0)))
    '0-1.1-0'
    """
    return ".".join("-".join(map(str, order)) for order in orders)


def read_orders(code: str, n_tasks: int, n_units: int) -> Orders | None:
    """Return the orders that an address has; None where they are none for these tasks and units.

    >>> read_orders("0-1.1-0", 2, 2), read_orders("0-1.1-1", 2, 2), read_orders("0-1", 2, 2)
    (((0, 1), (1, 0)), None, None)
    """
    parts = [order.split("-") for order in code[:_MOST_CODE].split(".")]
    if len(parts) != n_tasks or not all(unit.isascii() and unit.isdecimal() for order in parts for unit in order):
        return None
    if any(len(unit) > 3 for order in parts for unit in order):
        return None
    try:
        return check_orders([[int(unit) for unit in order] for order in parts], n_units)
    except FamilyError:
        return None
