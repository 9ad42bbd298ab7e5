"""Make the pictures of README and docs from the real dashboard: python assets/pictures/make.py [NAME …].

All of them by default, as make pictures does.

Starts the dashboard on the bundled studies with an empty home, opens each page in Chromium, and saves
what a visitor sees.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = {
    "start-light": ("", "light"),
    "overview-light": ("overview", "light"),
    "budget-light": ("budget", "light"),
    "budget-dark": ("budget?study=scenes5", "dark"),
    "backbone-light": ("backbone", "light"),
    "affinity-light": ("affinity?depth=4", "light"),
    "branching-light": ("branching?alpha=0.05", "light"),
    "storage-light": ("storage?backbone=mobilenet_v2", "light"),
    "paths-light": ("paths?study=paths-hierarchy&question=own-input&path_budget=60", "light"),
    "virtual-light": ("virtual?study=virtual-joint&memory=75", "light"),
    "compare-light": ("compare?study=five&budget=40", "light"),
    "train-light": ("train", "light"),
    "studies-light": ("studies", "light"),
}
# Of the window, in pixels, where a page shows what it is about further down.
HEIGHTS = {"paths-light": 1110}


def main() -> None:
    """Take every picture, or those that are named."""
    asked = sys.argv[1:] or list(SHOTS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("branchwise"), "app", "--headless", "--port", str(port)],
            env={**os.environ, "BRANCHWISE_HOME": home},
            stdout=subprocess.DEVNULL,
        )
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            for name in asked:
                address, scheme = SHOTS[name]
                page = browser.new_page(viewport={"width": 1440, "height": HEIGHTS.get(name, 900)}, color_scheme=scheme)
                opened(page, f"http://127.0.0.1:{port}/{address}")
                page.screenshot(path=HERE / f"{name}.png")
                print(f"assets/pictures/{name}.png")
                page.close()
        finally:
            browser.close()
            server.terminate()
            server.wait()


def opened(page: Page, address: str) -> None:
    """Open a page and wait until it is drawn."""
    for _ in range(200):
        try:
            page.goto(address)
            break
        except Exception:
            time.sleep(0.1)
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_timeout(1500)  # fonts and component drawings


if __name__ == "__main__":
    main()
