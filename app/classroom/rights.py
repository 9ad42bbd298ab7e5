"""What the members of a class may do, as the presenter allows; without a class nothing is refused here."""

from typing import Final, Literal

from app.classroom.store import held
from app.ui.owner import is_owner
from core.errors import JobError

Act = Literal["submissions", "uploads", "deletions"]
_WHAT: Final[dict[Act, str]] = {
    "submissions": "submit trainings",
    "uploads": "store studies",
    "deletions": "delete studies",
}


def why_not(act: Act) -> str:
    """Return why this browser may not do something in a class, as a sentence; an empty text where it may.

    Args:
        act: Name of what the presenter allows.
    """
    store = held()
    if store is None or is_owner() or getattr(store.allowed, act):
        return ""
    return f"The presenter of this class does not let members {_WHAT[act]}."


def check_right(act: Act) -> None:
    """Check that this browser may do something in a class.

    Args:
        act: Name of what the presenter allows.

    Raises:
        JobError: The presenter does not allow it.
    """
    if reason := why_not(act):
        raise JobError(reason)
