"""How many runs one visitor may have in the queue of a server that many people share."""

import os
from typing import Final

from core.errors import JobError

VARIABLE: Final = "BRANCHWISE_QUEUE_LIMIT"


def queue_limit() -> int | None:
    """Return how many runs one browser may have in the queue, or None where no limit is set.

    Raises:
        JobError: The setting is no number above zero.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise JobError(f"{VARIABLE} is {text[:40]!r}. Set it to a whole number from 1, or remove it.")
    return int(text)
