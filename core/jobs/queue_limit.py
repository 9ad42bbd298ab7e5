"""How many runs one visitor may have in the queue of a server that many people share."""

import os
from sqlite3 import Connection
from typing import Final

from core.errors import JobError
from core.jobs.states import ACTIVE
from core.studies.schema import marks

VARIABLE: Final = "BRANCHWISE_QUEUE_LIMIT"
# The queue as a whole holds so many times the limit, whoever submits from wherever.
ALL_TOGETHER: Final = 20


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


def check_limit(connection: Connection, session: str, address: str, n_new: int, limit: int) -> None:
    """Check that more runs may be submitted; a new session of the same address has no more than the old one.

    Args:
        connection: Inside a transaction.
        session: Who submits.
        address: From where; empty where unknown.
        n_new: How many runs.
        limit: Most runs in the queue.

    Raises:
        JobError: There would be too many.
    """
    row = connection.execute(
        "SELECT COALESCE(SUM(session = ? OR (address != '' AND address = ?)), 0), COUNT(*) FROM runs "
        f"WHERE state IN ({marks(ACTIVE)})",
        (session, address, *ACTIVE),
    ).fetchone()
    for n, most, whose in ((int(row[0]), limit, "of yours "), (int(row[1]), ALL_TOGETHER * limit, "")):
        if n + n_new > most:
            raise JobError(
                f"{n_new} more runs would make {n + n_new} {whose}in the queue; this server allows {most} at a time. "
                "Submit fewer, or wait until some are done."
            )
