"""Members of a class: who follows, who reads on a page of their own, and how they guess."""

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from class_promises import NUMBER, QUESTION, SECRET, Notes
from class_sessions import Served, asked
from streamlit_session import Session
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException


@dataclass(slots=True)
class Follower:
    """A member who follows the presenter, and connects again where the server is away.

    Args:
        served: The class.
        cookie: Of the member.
        questions: How often the question of the lesson arrived.
        answers: Every answer that came with it: None while it is not shown.
        answered_at: When the answer arrived; None before.
        n_connected: How often they connected.
    """

    served: Served
    cookie: str
    questions: int = 0
    answers: set[int | None] = field(default_factory=set)
    answered_at: float | None = None
    n_connected: int = 0

    async def follow(self) -> None:
        """Follow until cancelled."""
        address = f"ws://127.0.0.1:{self.served.port}/class/events"
        while True:
            with suppress(OSError, EOFError, WebSocketException):
                async with connect(address, additional_headers={"Cookie": self.cookie}, compression=None) as socket:
                    self.n_connected += 1
                    async for message in socket:
                        self._take(json.loads(message))
            await asyncio.sleep(0.5 + random.random())

    def _take(self, message: dict[str, Any]) -> None:
        for figure in message["shown"].get("frame", {}).get("figures", ()):
            if figure["data"].get("question") == QUESTION:
                self.questions += 1
                self.answers.add(figure["data"]["answer"])
                if figure["data"]["answer"] is not None:
                    self.answered_at = self.answered_at or time.perf_counter()


@dataclass(slots=True)
class Reader:
    """A member who has the lesson open on a page of their own.

    Args:
        served: The class.
        cookie: Of the member.
        session: Of the page; None before it is opened.
    """

    served: Served
    cookie: str
    session: Session | None = None

    async def open(self) -> None:
        """Open the lesson, anew where it was open."""
        await self.close()
        self.session = await Session.open(self.served.url, "learn", cookie=self.cookie)
        self.session.query, self.session.reads = {"lesson": str(NUMBER)}, True
        await self.session.run()

    def knows(self) -> bool:
        """Return whether anything that was sent to the page holds the answer."""
        assert self.session is not None
        return any(text == SECRET or _answer_in(text) is not None for text in self.session.texts)

    def sees_question(self) -> bool:
        """Return whether the page has the question."""
        assert self.session is not None
        return any(QUESTION in text for text in self.session.texts)

    async def close(self) -> None:
        """Leave."""
        if self.session is not None:
            with suppress(OSError, EOFError, WebSocketException):
                await self.session.close()


def _answer_in(text: str) -> int | None:
    if QUESTION not in text:
        return None
    with suppress(ValueError):
        data = json.loads(text)
        if isinstance(data, dict):
            found: int | None = data.get("answer")
            return found
    return None


async def guess(served: Served, cookies: list[str], guesses: list[int], notes: Notes) -> None:
    async def one(cookie: str, option: int) -> int:
        await asyncio.sleep(3 * random.random())
        body = json.dumps({"question": QUESTION, "option": option})
        status, _, answer = await asyncio.to_thread(asked, served, "POST", "/class/guess", body, {"cookie": cookie})
        notes.check("tallies" not in json.loads(answer), "A guess was answered with the tally before the answer.")
        return status

    found = await asyncio.gather(*map(one, cookies, guesses))
    notes.check(set(found) == {200}, f"Guesses were answered with {sorted(set(found))}.")


def standing_of(served: Served, cookie: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked(served, "GET", f"/class/question/{QUESTION}", "", {"cookie": cookie})[2])
    return found


async def check_nothing_before(
    served: Served, followers: list[Follower], readers: list[Reader], cookies: list[str], notes: Notes
) -> None:
    """Check that nothing of the answer, and no tally, has reached anybody."""
    knowing = sum(each.answers != {None} for each in followers) + sum(each.knows() for each in readers)
    notes.check(knowing == 0, f"{knowing} members were sent the answer before it was shown.")
    told = sum("tallies" in standing_of(served, cookie) for cookie in cookies)
    notes.check(told == 0, f"{told} members were told the tally before the answer.")
    notes.check(all(each.n_connected > 1 for each in followers), "A follower did not connect again after the kill.")
    notes.say(f"before the answer: {knowing} of {len(cookies)} members were sent anything of it, {told} the tally")
