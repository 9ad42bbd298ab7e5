"""A visitor who opens a page and moves a control of it every few seconds."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

from streamlit_session import Rerun, Session, SessionError
from websockets.exceptions import WebSocketException


@dataclass(slots=True)
class Tally:
    """What visitors of a page waited.

    Args:
        first: The first run of each.
        again: Reruns after a move.
        errors: What went wrong.
    """

    first: list[Rerun] = field(default_factory=list)
    again: list[Rerun] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a page, and what it is given in turn.

    Args:
        path: Of the page.
        key: Of the control.
        values: Of the control's own kind.
    """

    path: str
    key: str
    values: Sequence[object]


async def move(
    url: str, control: Control, tally: Tally, *, delay: float, seconds: float, every: float, cookie: str = ""
) -> None:
    """Open a page and move its control until the time is over.

    Args:
        url: Of the server.
        control: What is moved.
        tally: What is noted.
        delay: Seconds before the page is opened.
        seconds: When it ends.
        every: Seconds between two moves.
        cookie: Of the visitor.
    """
    begun = time.monotonic()
    await asyncio.sleep(delay)
    try:
        session = await Session.open(url, control.path, cookie=cookie)
        try:
            tally.first.append(await session.run())
            turn, due = cycle(control.values), time.monotonic() + every
            while due < begun + seconds:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                tally.again.append(await session.move(control.key, next(turn)))
                due += every
        finally:
            await session.close()
    except (SessionError, OSError, EOFError, WebSocketException) as fault:
        tally.errors.append(f"{control.path or 'start'}: {fault}")
