"""What a cell of the database holds, whatever damage put there: a bad row costs that row and no other."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from core.errors import BranchwiseError

Row = TypeVar("Row")
Value = TypeVar("Value")

# What reading a damaged row raises.
DAMAGED_ROW: Final = (
    BranchwiseError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
)
# Above it an integer may not fit where it goes.
_LARGEST: Final = 2**53


def sound(rows: Iterable[Row], read: Callable[[Row], Value]) -> Iterator[Value]:
    """Yield what is read from every row; those that can't be read are left out.

    >>> list(sound(["1", "x", "2"], int))
    [1, 2]
    """
    for row in rows:
        try:
            value = read(row)
        except DAMAGED_ROW:
            continue
        yield value


def text(cell: object) -> str:
    """Return a text; empty where the cell holds none.

    >>> text("a"), text(None), text(b"\\xff")
    ('a', '', '')
    """
    return cell if isinstance(cell, str) else ""


def key(cell: object) -> str:
    """Return a text that names something.

    Raises:
        ValueError: The cell holds none.
    """
    if not isinstance(cell, str) or not cell:
        raise ValueError("a name is missing")
    return cell


def number(cell: object) -> float | None:
    """Return a finite number; None where the cell holds none.

    >>> number(1.5), number("x"), number(1e999), number(None)
    (1.5, None, None, None)
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return float(cell) if abs(cell) < _LARGEST and math.isfinite(cell) else None


def whole(cell: object) -> int:
    """Return a count from 0; 0 where the cell holds none.

    >>> whole(3), whole(-3), whole("x"), whole(2.0)
    (3, 0, 0, 2)
    """
    return max(int(number(cell) or 0), 0)


def moment(cell: object) -> datetime:
    """Return a time in UTC; 1970 where the cell holds none."""
    try:
        return datetime.fromtimestamp(number(cell) or 0.0, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def document(cell: object) -> Any:  # noqa: ANN401  # any decoded document
    """Return a JSON document; None where the cell holds none.

    >>> document('{"a": 1}'), document("{"), document(None)
    ({'a': 1}, None, None)
    """
    try:
        return json.loads(text(cell))
    except (ValueError, RecursionError):
        return None


def texts(cell: object) -> tuple[str, ...]:
    """Return a list of texts that is kept as JSON; empty where the cell holds none.

    >>> texts('["a", "b"]'), texts("[1]"), texts("1")
    (('a', 'b'), (), ())
    """
    found = document(cell)
    return tuple(found) if isinstance(found, list) and all(isinstance(each, str) for each in found) else ()
