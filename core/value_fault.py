"""What is wrong with a value that was read, in words for people: no pattern, no name of a class, bounded."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from core.plain_text import after_colon

MOST_LETTERS: Final = 300
_NAME: Final = re.compile(r"[^a-z0-9_-]+")
# Pattern → what it allows. Others are said to be damaged, since only programs write them.
_PATTERNS: Final[dict[str, str]] = {}

_Context = Mapping[str, Any]
# Type of fault in pydantic → what should have been there.
_WORDS: Final[Mapping[str, Callable[[_Context], str]]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "is no key here",
    "invalid_key": lambda _: "is no key here",
    "int_type": lambda _: "should be a whole number",
    "int_parsing": lambda _: "should be a whole number",
    "int_from_float": lambda _: "should be a whole number",
    "int_parsing_size": lambda _: "is too large",
    "float_type": lambda _: "should be a number",
    "float_parsing": lambda _: "should be a number",
    "finite_number": lambda _: "should be a finite number",
    "bool_type": lambda _: "should be true or false",
    "bool_parsing": lambda _: "should be true or false",
    "string_type": lambda _: "should be text",
    "string_unicode": lambda _: "should be text in UTF-8",
    "greater_than": lambda c: f"should be above {_plain(c['gt'])}",
    "greater_than_equal": lambda c: f"should be {_plain(c['ge'])} or more",
    "less_than": lambda c: f"should be below {_plain(c['lt'])}",
    "less_than_equal": lambda c: f"should be {_plain(c['le'])} or less",
    "string_too_short": lambda c: f"should have at least {_counted(c['min_length'], 'letter')}",
    "string_too_long": lambda c: f"should have at most {_counted(c['max_length'], 'letter')}",
    "too_short": lambda c: f"should have at least {_counted(c['min_length'], 'entry')}, has {c['actual_length']}",
    "too_long": lambda c: (
        f"should have at most {_counted(c['max_length'], 'entry')}, has {c['actual_length'] or 'more'}"
    ),
    "literal_error": lambda c: f"should be {c['expected']}",
    "enum": lambda c: f"should be {c['expected']}",
    "union_tag_not_found": lambda _: "should say its name",
    "union_tag_invalid": lambda c: f"is {str(c['tag'])[:60]!r}: choose from {c['expected_tags']}",
    "json_invalid": lambda _: "is not valid JSON",
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), lambda _: "should be a list"),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"),
        lambda _: "should be a section, or { key = value }",
    ),
}


def register(pattern: str, words: str) -> str:
    """Remember what a pattern of texts allows, and return it.

    Args:
        pattern: As pydantic has it.
        words: Follows "should be", such as ``64 hexadecimal digits``.
    """
    _PATTERNS[pattern] = words
    return pattern


def fault_words(error: ErrorDetails) -> str:
    """Return what is wrong with a value, to follow where it is, without a full stop.

    >>> fault_words({"type": "greater_than_equal", "ctx": {"ge": 1}, "loc": (), "msg": "", "input": 0})
    'should be 1 or more'
    """
    context: _Context = error.get("ctx", {})
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        words = _PATTERNS.get(pattern)
        return f"should be {words}{_suggestion(error, pattern)}" if words else "has letters that are not allowed here"
    if kind in _WORDS:
        try:
            return _WORDS[kind](context)[:MOST_LETTERS]
        except KeyError:
            return "has a value that is not allowed here"
    message = error["msg"].removeprefix("Value error, ").rstrip(".")[:MOST_LETTERS]
    return after_colon(message)


def shown(value: object) -> str:
    """Return a value as a sentence quotes it.

    >>> shown("x"), shown(None), shown(True), shown(2)
    ("'x'", 'null', 'true', "'2'")
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        return repr(str(value)[:60])
    except ValueError:
        # A whole number written in hexadecimal digits can be too long to print in decimal.
        return "a number with thousands of digits"


def _suggestion(error: ErrorDetails, pattern: str) -> str:
    found = _NAME.sub("-", str(error.get("input", ""))[:200].lower()).strip("-_")[:41]
    return f", such as {found}" if re.fullmatch(pattern, found) else ""


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _counted(n: int, noun: str) -> str:
    plural = "entries" if noun == "entry" else f"{noun}s"
    return f"{n} {noun if n == 1 else plural}"
