"""Commands started as users start them on one home, with what they printed, and pages opened as browsers open them."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from streamlit_session import Session, SessionError

ROOT = Path(__file__).resolve().parents[1]
# The first page has no path of its own.
PAGES = ("", "backbone", "budget", "affinity", "branching", "storage", "train", "studies")
PATIENCE = 180.0
# What no command and no dashboard prints while all is well; an error for a user is one sentence without these.
SIGNS = ("Traceback", "Uncaught", "is locked", "malformed", "an unexpected error")


@dataclass(slots=True)
class Started:
    """One command at work.

    Args:
        name: As in the table.
        process: Of the command.
        printed: File of what it prints, outside the home.
    """

    name: str
    process: subprocess.Popen[bytes]
    printed: Path

    def text(self) -> str:
        """Return what it printed so far."""
        return self.printed.read_text(encoding="utf-8", errors="replace")

    def signs(self) -> list[str]:
        """Return the lines that tell of a fault which nobody turned into a sentence."""
        return [
            f"{self.name}: {line.strip()[:160]}"
            for line in self.text().splitlines()
            if any(sign in line for sign in SIGNS)
        ]


@dataclass(slots=True)
class Commands:
    """All commands of a trial on one home; at the end those still at work are stopped.

    Args:
        home: Their ``BRANCHWISE_HOME``.
    """

    home: Path
    all: list[Started] = field(default_factory=list)
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="branchwise-printed-")))

    def start(self, *words: str) -> Started:
        """Start ``branchwise`` with ``words``."""
        printed = self._folder / f"{len(self.all)}.txt"
        with printed.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.command", *words],
                env={**os.environ, "BRANCHWISE_HOME": str(self.home), "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.all.append(Started(words[0], process, printed))
        return self.all[-1]

    def dashboard(self) -> str:
        """Start a dashboard and return its address once it listens."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        app = self.start("app", "--headless", "--port", str(port))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and app.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.1)
        raise SystemExit(f"The dashboard does not listen:\n{app.text()[-2000:]}")

    def stop(self, chosen: Sequence[Started] = ()) -> None:
        """Ask commands to stop, all of them by default; kill what does not within a minute."""
        asked = [started for started in chosen or self.all if started.process.poll() is None]
        for started in asked:
            started.process.terminate()
        for started in asked:
            with suppress(subprocess.TimeoutExpired):
                started.process.wait(60)
            if started.process.poll() is None:
                started.process.kill()
                started.process.wait()

    def signs(self) -> list[str]:
        """Return the faults that any command printed, and those in the log of hosts that a page started."""
        found = [sign for started in self.all for sign in started.signs()]
        log = self.home / "host.log"
        if log.exists():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            found += [f"host.log: {line[:160]}" for line in lines if any(sign in line for sign in SIGNS)]
        return found


@dataclass(slots=True)
class Opened:
    """How many pages opened, and what they said above their content."""

    n_pages: int = 0
    notices: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


async def open_pages(url: str) -> Opened:
    """Open every page of a dashboard, and move the budget of a bundled study."""
    opened = Opened()
    for page in PAGES:
        try:
            session = await Session.open(url, page)
            try:
                await session.run()
                if page == "budget":
                    await session.move("budget", 65)
                opened.n_pages += 1
                # Of a page that ran twice, each once.
                opened.notices += dict.fromkeys(session.notices)
            finally:
                await session.close()
        except (SessionError, OSError, EOFError) as fault:
            opened.faults.append(f'page "{page or "overview"}": {str(fault)[:200]}')
    return opened
