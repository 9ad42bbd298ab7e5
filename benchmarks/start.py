"""Time from starting the installed dashboard to the first painted page, and each page's first run and rerun.

Run: python benchmarks/start.py [--repeats N]. Needs Chromium for the first figure; prints a table.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MAIN = Path(__file__).resolve().parents[1] / "app" / "main.py"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = (
    "start",
    "overview",
    "backbone",
    "budget",
    "affinity",
    "branching",
    "storage",
    "paths",
    "virtual",
    "train",
    "studies",
)
CODE = """
import statistics, sys, threading, time
from streamlit.testing.v1 import AppTest
from app.ui.warming import prepare

CONTROLS = {
    "start": lambda app: (app, (None,) * 5),
    "overview": lambda app: (app.slider(key="budget"), (50, 55, 70, 65, 45)),
    "backbone": lambda app: (app.number_input(key="tasks"), (4, 5, 6, 7, 8)),
    "budget": lambda app: (app.slider(key="budget"), (50, 55, 70, 65, 45)),
    "affinity": lambda app: (app.button_group(key="order"), ("Cluster", "Study", "Similarity", "Study", "Cluster")),
    "branching": lambda app: (app.number_input(key="alpha"), (0.01, 0.03, 0.1, 0.3, 1.0)),
    "storage": lambda app: (app.number_input(key="k"), (6, 7, 8, 9, 10)),
    "paths": lambda app: (app.number_input(key="mix_alpha"), (0.1, 0.3, 0.5, 0.7, 1.0)),
    "virtual": lambda app: (app.number_input(key="units"), (5, 6, 3, 7, 8)),
    "train": lambda app: (app.toggle(key="keep_weights"), (False, True, False, True, False)),
    "studies": lambda app: (app.selectbox(key="study"), ("scenes5", "scenes", "scenes5", "scenes", "scenes5")),
}
prepare()
app = AppTest.from_file(sys.argv[1], default_timeout=60)
for name in sys.argv[2:]:
    app.switch_page(f"../pages/{name}.py")
    begun = time.perf_counter()
    app.run()
    first = time.perf_counter() - begun
    assert not app.exception, app.exception
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join()
    seconds = []
    for value in CONTROLS[name](app)[1]:
        found = CONTROLS[name](app)[0]
        control = found if value is None else found.set_value(value)
        begun = time.perf_counter()
        control.run()
        seconds.append(time.perf_counter() - begun)
        assert not app.exception, app.exception
    print(name, first, statistics.median(seconds))
"""


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Return whether a server listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def first_paint(home: str) -> tuple[float, float]:
    """Return the seconds from the start of the process to the first heading on the screen, and to the whole page."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        begun = time.perf_counter()
        command = [Path(sys.executable).with_name("branchwise"), "app", "--headless", "--port", str(port)]
        server = subprocess.Popen(
            command, env={**os.environ, "BRANCHWISE_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            # Asked from here, since a browser whose first tries fail waits longer before the next.
            while not answers(port):
                if time.perf_counter() - begun > 60:
                    raise TimeoutError("The server did not answer within a minute.")
                time.sleep(0.02)
            page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            page.get_by_role("heading", level=1).first.wait_for()
            painted = time.perf_counter() - begun
            page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
            return painted, time.perf_counter() - begun
        finally:
            server.terminate()
            server.wait()
            browser.close()


def page_runs(home: str) -> dict[str, tuple[float, float]]:
    """Return page → seconds of its first run and of a rerun on a control, server side, on a server that has started.

    The process has imported what ``branchwise app`` imports by itself while the first browser loads; whoever is
    faster than that waits as the start to the first page tells. The first page visited is Start, so the other
    pages find the study read and the front searched, as they do for users. A rerun is the median of five, each
    with another value of the control, after the search has been compiled in the background. No browser takes part:
    the time is that of the script and of writing its messages.
    """
    out = subprocess.run(
        [sys.executable, "-c", CODE, str(MAIN), *PAGES],
        env={**os.environ, "BRANCHWISE_HOME": home},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in out.stdout.splitlines() if line.count(" ") == 2]
    return {name: (float(first), float(again)) for name, first, again in lines}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(repeats):
            if shutil.which("chromium"):
                painted, whole = first_paint(home)
                rows.setdefault("start to first page painted (target 3 s)", []).append(painted)
                rows.setdefault("start to the whole first page", []).append(whole)
            for name, (first, again) in page_runs(home).items():
                rows.setdefault(f"{name}: first run (target 1.5 s)", []).append(first)
                rows.setdefault(f"{name}: rerun (target 0.1 s)", []).append(again)
    print(f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    print(f"{'what':44} {'median':>8} {'min':>8} {'max':>8}   seconds, {repeats} repeats")
    for what, seconds in rows.items():
        print(f"{what:44} {statistics.median(seconds):8.3f} {min(seconds):8.3f} {max(seconds):8.3f}")


if __name__ == "__main__":
    main()
