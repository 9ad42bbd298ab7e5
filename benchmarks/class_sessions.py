"""A class on one server: half of it moves controls on pages of its own, half follows the presenter; no browser.

Run: python benchmarks/sessions.py --class [--sessions 30] [--seconds 120] [--every 5] [--page budget ...]

The presenter "drags" for two of every five seconds, ten states a second. The lag is from just before a state is sent to
its arrival at a follower, both in this process. Members who move wait as in ``sessions.py``.
"""

import asyncio
import http.client
import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
import psutil
from mover import Tally
from own_server import started
from streamlit_session import SessionError
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

COMMAND = ("class", "--address", "127.0.0.1")
STATES_PER_SECOND = 10
DRAG, PAUSE = 2.0, 3.0
# Only what the lessons ask can be guessed.
QUESTION = "2-counting-trees-question"


@dataclass(slots=True)
class ClassTally:
    """What a class waited.

    Args:
        moves: Of members who move a control.
        lags: Seconds from sending a state to its arrival, at each follower.
        guesses: Seconds that a guess took.
        sent: How many states the presenter sent.
        errors: What went wrong.
    """

    moves: Tally = field(default_factory=Tally)
    lags: list[float] = field(default_factory=list)
    guesses: list[float] = field(default_factory=list)
    sent: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Served:
    """A server that holds a class.

    Args:
        url: Its address.
        home: Its folder.
        server: Its process, as it was started last.
    """

    url: str
    home: Path
    server: subprocess.Popen[bytes]

    @property
    def process(self) -> psutil.Process:
        """Its process, to be measured."""
        return psutil.Process(self.server.pid)

    @property
    def port(self) -> int:
        """Its port."""
        return urlsplit(self.url).port or 80


@contextmanager
def served_class(port: int) -> Iterator[Served]:
    """Start ``branchwise class`` on an empty home."""
    with tempfile.TemporaryDirectory() as home:
        server = started(home, port, *COMMAND)
        served = Served(f"http://127.0.0.1:{port}", Path(home), server)
        try:
            yield served
        finally:
            served.server.terminate()
            served.server.wait(timeout=30)


def joined(served: Served, n: int) -> str:
    """Return the cookie of a new member, given for the pass-phrase.

    Args:
        served: The class.
        n: Of the member, who comes from an address of their own: one address may not join so often.
    """
    with closing(sqlite3.connect(served.home / "class.sqlite")) as store:
        phrase = store.execute("SELECT phrase FROM class").fetchone()[0]
    status, headers, _ = asked(
        served, "POST", "/class/join", urlencode({"phrase": phrase}), {}, f"127.0.1.{n % 250 + 1}"
    )
    if status != 303:
        raise SessionError(f"Joining was answered with {status}.")
    return headers["set-cookie"].split(";")[0]


def asked(
    served: Served, method: str, path: str, body: str, headers: dict[str, str], source: str = "127.0.0.1"
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a request; return status, headers and body of the answer.

    Args:
        served: The class.
        method: Of the request.
        path: On the server.
        body: Empty for none.
        headers: Of the request.
        source: Address to send from.
    """
    with closing(
        http.client.HTTPConnection("127.0.0.1", served.port, timeout=60, source_address=(source, 0))
    ) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


async def present(served: Served, seconds: float, tally: ClassTally) -> None:
    """Show a page, and move a line on it."""
    cookie = f"branchwise_owner_{served.port}={(served.home / 'owner-token').read_text().strip()}"
    figure = {"name": "budget_plane", "data": {"budget": 0.5}, "fields": {}}
    frame = {"page": "/budget", "title": "Budget", "caption": "", "figures": [figure]}
    begun, n = time.perf_counter(), 0
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)) as connection:
        while (now := time.perf_counter() - begun) < seconds:
            if now % (DRAG + PAUSE) < DRAG or n == 0:
                state = {"budget": n, "picked": None, "sent": time.perf_counter()}
                body = {"tab": "benchmarks", "states": [state], **({"frame": frame} if n == 0 else {})}
                await asyncio.to_thread(_shown, connection, cookie, json.dumps(body), tally)
                n += 1
            await asyncio.sleep(1 / STATES_PER_SECOND)


def _shown(connection: http.client.HTTPConnection, cookie: str, body: str, tally: ClassTally) -> None:
    connection.request("POST", "/class/show", body, {"cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    tally.sent += 1
    if answer.status != 200:
        tally.errors.append(f"presenter: {answer.status}")


async def follow(served: Served, cookie: str, seconds: float, tally: ClassTally) -> None:
    """Follow the presenter, and note how late what they show arrives."""
    until = time.perf_counter() + seconds
    try:
        async with connect(
            f"ws://127.0.0.1:{served.port}/class/events", additional_headers={"Cookie": cookie}, compression=None
        ) as socket:
            while (left := until - time.perf_counter()) > 0:
                try:
                    message = json.loads(await asyncio.wait_for(socket.recv(), left))
                except TimeoutError:
                    return
                for state in filter(None, message["shown"]["states"]):
                    tally.lags.append(time.perf_counter() - state["sent"])
    except (OSError, EOFError, WebSocketException) as fault:
        tally.errors.append(f"follower: {fault}")


async def guess(served: Served, cookie: str, delay: float, option: int, tally: ClassTally) -> None:
    """Guess once, after a while.

    Args:
        served: The server.
        cookie: Of the member.
        delay: Seconds before.
        option: Which answer.
        tally: What is noted.
    """
    await asyncio.sleep(delay)
    body, begun = json.dumps({"question": QUESTION, "option": option}), time.perf_counter()
    status, _, _ = await asyncio.to_thread(asked, served, "POST", "/class/guess", body, {"cookie": cookie})
    tally.guesses.append(time.perf_counter() - begun)
    if status != 200:
        tally.errors.append(f"guess: {status}")


def n_guesses(served: Served, cookie: str) -> int:
    """Return how many guesses the server has kept, as a member is told."""
    found: int = json.loads(asked(served, "GET", f"/class/question/{QUESTION}", "", {"cookie": cookie})[2])["guesses"]
    return found


def print_class(tally: ClassTally, sessions: int, seconds: float) -> None:
    """Print what a class waited."""
    print(f"{sessions} members for {seconds:g} s: {sessions // 2} move a control, the others follow.")
    print(f"{'':22} {'n':>7} {'p50 ms':>7} {'p95 ms':>7} {'max ms':>7}")
    for name, waited in (
        ("move → page has run", [run.seconds for run in tally.moves.again]),
        ("shown → at follower", tally.lags),
        ("guess → kept", tally.guesses),
    ):
        if not waited:
            print(f"{name:22} nothing measured")
            continue
        ms = 1000 * np.array(waited)
        print(f"{name:22} {len(ms):7} {np.median(ms):7.0f} {np.percentile(ms, 95):7.0f} {ms.max():7.0f}")
    errors = [*tally.moves.errors, *tally.errors]
    print(f"The presenter sent {tally.sent} states. Errors: {len(errors)}.")
    for fault in errors[:10]:
        print(f"error: {fault}")
