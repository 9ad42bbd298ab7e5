"""A real server and a real browser on the made-up studies."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebSocket, expect, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# A machine with ten times the work it can do needs minutes to load torch; nothing here waits longer than it has to.
PATIENCE = 300_000
WINDOW = {"width": 1440, "height": 1000}
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
# Streamlit asks for these below the page's own address first, and then at the root.
EXPECTED_404 = ("/_stcore/health", "/_stcore/host-config")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pause", type=float, default=0, metavar="MS",
        help="wait after every step in the browser: what was only true before the page answered fails then",
    )  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Page → its heading, where that is not its name.
HEADINGS = {"start": "Which layers should your tasks share?"}
# Address of a server → the link that makes a browser its owner's.
OWNER_LINKS: dict[str, str] = {}


@contextmanager
def serving(home: Path, *command: str) -> Iterator[str]:
    """Give the address of a server of its own, on the studies of a folder; of ``app``, or of another command."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; .ci/run installs it")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = "from app.command.entry import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *(command or ("app",)), "--headless", "--port", str(port)],
        env={**os.environ, "BRANCHWISE_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http\S+owner=\S+", line):
            OWNER_LINKS[f"http://127.0.0.1:{port}"] = found[0]
            break
    else:
        pytest.fail("The server ended at once:\n" + "".join(said))
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture(scope="session")
def serve():
    """Give the function that starts a server on the studies of a folder."""
    return serving


@pytest.fixture(scope="session")
def server(studies_home) -> Iterator[str]:
    """Give the address of a server on the made-up studies."""
    with serving(studies_home) as address:
        yield address


@pytest.fixture
def empty_home(tmp_path) -> Path:
    """Give the folder of ``fresh``, which nobody has made yet."""
    return tmp_path / "nothing here yet"


@pytest.fixture
def fresh(browser, empty_home) -> Iterator["Visit"]:
    """Give a tab on a machine without studies of its own; what a user should never notice fails the test."""
    with serving(empty_home) as address:
        yield from _visited(browser, address)


@pytest.fixture(scope="session")
def browser(server, pytestconfig) -> Iterator[BrowserContext]:  # noqa: ARG001  # no browser without a server to visit
    """Give Chromium with one cache for all tests: Streamlit's own scripts are megabytes."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, slow_mo=pytestconfig.getoption("--pause")
        )
        yield chromium.new_context(viewport=WINDOW, color_scheme="light")
        chromium.close()


@dataclass
class Visit:
    """One browser tab, and everything it did that a user should never notice."""

    page: Page
    server: str
    faults: list[str] = field(default_factory=list)
    reruns: list[BackMsg] = field(default_factory=list)

    def watch(self) -> None:
        """Write down console errors, foreign requests and every rerun that is asked for."""
        self.page.set_default_timeout(PATIENCE)
        for event, write_down in self._written_down():
            self.page.on(event, write_down)

    def leave(self) -> None:
        """Leave the page, so that another test finds the tab as this one did."""
        for event, write_down in self._written_down():
            self.page.remove_listener(event, write_down)
        self.page.goto("about:blank")
        self.page.set_viewport_size(WINDOW)
        self.page.emulate_media(color_scheme="light")

    def _written_down(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        return (
            ("console", self._console), ("pageerror", self._error), ("request", self._request),
            ("websocket", self._websocket),
        )  # fmt: skip

    def open(self, page: str, **address: str) -> Page:
        """Open a page of the dashboard and wait until it stands."""
        path = "" if page == "start" else page
        self.page.goto(f"{self.server}/{path}?{urlencode(address)}")
        self.settled(HEADINGS.get(page, page.title()))
        return self.page

    def settled(self, title: str) -> None:
        """Wait until a page of this title has run."""
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=PATIENCE)
        self.page.locator(IDLE).wait_for()

    def resize(self, width: int, height: int) -> None:
        """Give the window a size, and wait until what is shown has been drawn in it."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def soon(self, check: Callable[[], bool]) -> bool:
        """Return whether something is so, at the latest a moment after a window was resized."""
        for _ in range(50):
            if check():
                return True
            self.page.wait_for_timeout(100)
        return False

    def _console(self, message: ConsoleMessage) -> None:
        expected = urlsplit(message.location.get("url", "")).path.endswith(EXPECTED_404)
        if message.type == "error" and not expected:
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")

    def _error(self, error: Exception) -> None:
        self.faults.append(str(error))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.faults.append(f"asked for {request.url}")

    def _websocket(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).hostname != "127.0.0.1":
            self.faults.append(f"connected to {socket.url}")
        socket.on("framesent", self._sent)

    def _sent(self, payload: str | bytes) -> None:
        message = BackMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
        if message.WhichOneof("type") == "rerun_script":
            self.reruns.append(message)


@pytest.fixture
def visit(browser, server) -> Iterator[Visit]:
    """Give a tab; what it did that a user should never notice fails the test."""
    yield from _visited(browser, server)


def _visited(browser: BrowserContext, server: str) -> Iterator[Visit]:
    if link := OWNER_LINKS.get(server):
        browser.request.get(link, max_redirects=0)
    # One tab for all: each new one reads Streamlit's scripts afresh, for a second and a half of a processor.
    tab = Visit(browser.pages[0] if browser.pages else browser.new_page(), server)
    tab.watch()
    yield tab
    for page in browser.pages[1:]:
        page.close()
    tab.leave()
    assert not tab.faults
