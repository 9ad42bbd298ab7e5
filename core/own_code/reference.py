"""How a study names code of its own: ``MODULE:FUNCTION`` and keyword arguments."""

import json
import sys
from typing import Annotated, Any, Final

from pydantic import AfterValidator, JsonValue

from core.errors import CodeError

MOST_LETTERS: Final = 200
MOST_ARGUMENTS: Final = 50
MOST_BYTES: Final = 10_000
# Modules of this project, which a module of the same name can't replace.
OURS: Final = frozenset({"app", "branchwise", "core", "pages"})


class ArgumentsOfCode(dict[str, Any]):
    """Keyword arguments as plain values of JSON; equal ones have the same hash."""

    def __hash__(self) -> int:  # type: ignore[override]  # nothing changes it once it is validated
        """Return the hash of its document."""
        return hash(json.dumps(self, sort_keys=True))


def is_reference(text: str) -> bool:
    """Return whether a text is written as ``MODULE:FUNCTION`` or ``MODULE:Class.method``, and is not too long."""
    module, _, name = text.partition(":")
    return len(text) <= MOST_LETTERS and all(part.isidentifier() for part in (*module.split("."), *name.split(".")))


def check_reference(reference: str) -> str:
    """Return a reference that is written as ``MODULE:FUNCTION`` or ``MODULE:Class.method``.

    Raises:
        CodeError: It is written otherwise, or names a module of Python or of Branchwise.
    """
    if not is_reference(reference):
        raise CodeError(f"{reference[:80]!r} should be MODULE:FUNCTION, as in my_module:make.")
    top = reference.partition(":")[0].partition(".")[0]
    if top in sys.stdlib_module_names:
        raise CodeError(f"{reference[:80]!r} is one of Python's own modules. Name a function of yours.")
    if top in OURS:
        raise CodeError(
            f"{reference[:80]!r} has the name of a module of Branchwise. Give yours another name than {top}."
        )
    return reference


def checked_arguments(value: dict[str, JsonValue]) -> ArgumentsOfCode:
    """Return keyword arguments that are few and short enough.

    Raises:
        ValueError: They are too many or too long, or a name is none of Python.
    """
    strange = next((name for name in value if len(name) > MOST_LETTERS or not name.isidentifier()), None)
    if strange is not None:
        raise ValueError(f"has the name {strange[:40]!r}, which is no name of an argument in Python. Write another one")
    if len(value) > MOST_ARGUMENTS:
        raise ValueError(f"has {len(value)} arguments. Write at most {MOST_ARGUMENTS}")
    try:
        n_bytes = len(json.dumps(value, allow_nan=False))
    except (ValueError, RecursionError):
        raise ValueError("has values that are not finite, or too deep. Write numbers, text, lists and tables") from None
    if n_bytes > MOST_BYTES:
        raise ValueError(
            f"has {n_bytes:,} letters. Write at most {MOST_BYTES:,}, or put the values into a file of yours"
        )
    return ArgumentsOfCode(value)


Arguments = Annotated[dict[str, JsonValue], AfterValidator(checked_arguments)]
