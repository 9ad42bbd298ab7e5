"""Lines of a network that look at numbers without computing with them: assertions, prints, checks that only raise."""

import ast
import linecache
from functools import lru_cache
from types import FrameType
from typing import Final

# Functions that say something, by their own names or as methods of a logger.
_SAYING: Final = frozenset(
    ["print", "pprint", "debug", "info", "warning", "warn", "error", "critical", "exception", "log", "_assert"]
)


def is_aside(frame: FrameType) -> bool:
    """Return whether the statement that a frame is at changes nothing of what the network computes.

    It is an assertion, says something, raises, or is an ``if`` under which nothing else happens. A graph may leave it
    out: where it does nothing, nothing is lost.

    Args:
        frame: Of the network's own code.
    """
    place = _position(frame)
    statement = None if place is None else _innermost(frame.f_code.co_filename, *place)
    return statement is not None and _says_only(statement)


def _position(frame: FrameType) -> tuple[int, int] | None:
    """Return line and column of what a frame is doing."""
    found = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    return None if found[0] is None or found[2] is None else (found[0], found[2])


def _innermost(file: str, line: int, column: int) -> ast.stmt | None:
    within = [
        statement
        for statement in _statements(file)
        if (statement.lineno, statement.col_offset) <= (line, column)
        and (line, column) < (statement.end_lineno or 0, statement.end_col_offset or 0)
    ]
    return max(within, key=lambda statement: (statement.lineno, statement.col_offset), default=None)


@lru_cache(maxsize=16)
def _statements(file: str) -> tuple[ast.stmt, ...]:
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _says_only(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assert() | ast.Raise() | ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in _SAYING
        case ast.If(body=body, orelse=orelse):
            return all(map(_says_only, (*body, *orelse)))
    return False
