"""Warm-up before the first visits: import what pages need, compile the search."""

import ast
import gc
import importlib
import inspect
import logging
import socket
import sys
import threading
import time
import webbrowser

import numpy as np
import streamlit as st

from app.ui.paths import PAGES
from app.ui.turns import turn

# Imports of the first page.
FIRST_PAGE = (
    "app.main",
    "app.start.doors",
    "app.start.figure",
    # Streamlit asks them what it may send to a component.
    "pandas",
    "pyarrow.pandas_compat",
)
# Of tables and pictures on the others, beside what their scripts import.
OTHER_PAGES = ("pandas.io.formats.style", "PIL.PngImagePlugin")
_THREAD, _WARNS = "prepare", "streamlit.runtime.scriptrunner_utils.script_run_context"
_PATIENCE = 60.0
_PAUSE = 0.02
# Who opens the first page within this time is served before the rest is prepared.
_QUIET = 1.5


def prepare_when_listening(address: str, port: int, *, link: str = "", open_browser: bool = False) -> threading.Thread:
    """Start a thread that prepares the first page while the browser loads Streamlit's own scripts; return the thread.

    Then it prepares the other pages: forty people who open them at once would wait for seconds. It waits until the
    server listens: before that, it would only hold the server up.

    Args:
        address: Where the server will listen.
        port: Its port.
        link: The owner's, printed once the server listens.
        open_browser: Whether to open it in this machine's browser.
    """
    thread = threading.Thread(target=_prepare, args=(address, port, link, open_browser), name=_THREAD, daemon=True)
    thread.start()
    return thread


def _prepare(address: str, port: int, link: str, open_browser: bool) -> None:
    # Streamlit warns of what is computed outside of a session, on the terminal of whoever started the server.
    logging.getLogger(_WARNS).addFilter(lambda _: threading.current_thread().name != _THREAD)
    given_up = time.monotonic() + _PATIENCE
    while not _listens(address, port) and time.monotonic() < given_up:
        time.sleep(_PAUSE)
    if link:
        print(
            f"Your link; only with it can the host be stopped and any study be deleted: {link}",
            file=sys.stderr,
            flush=True,
        )
    if link and open_browser:
        # In a separate thread: some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()
    prepare()
    time.sleep(_QUIET)
    warm_up_once()
    prepare_pages()


def address_of(address: str, port: int, *, encrypted: bool = False) -> str:
    """Return the address of the server as this machine's browser opens it."""
    scheme = "https" if encrypted else "http"
    host = "localhost" if address in ("0.0.0.0", "::") else address
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def prepare() -> None:
    """Import and read what the first page needs."""
    for name in FIRST_PAGE:
        importlib.import_module(name)
    from app.start.cards import cards
    from app.start.figure import figure_data, scene_of
    from app.ui.cached import bundled
    from core.estimators.basis import usual_estimator
    from core.studies.bundled import bundled_studies

    # Before its first element Streamlit looks at the call stack, for which Python looks at every module once.
    inspect.stack()
    cards()
    for name in bundled_studies()[:1]:
        study = bundled(name)
        figure_data(scene_of(study, usual_estimator(study.table)), 1.0)


def prepare_pages() -> None:
    """Import what the pages import, one module after the other, and let the visits of the meantime go first."""
    for name in (*modules_of_pages(), *OTHER_PAGES):
        with turn():
            importlib.import_module(name)
    with turn():
        from app.charts.shares import pairs_figure

        # Plotly imports the parts of a figure when they are first used.
        pairs_figure({"": np.zeros(2)}).to_json()
    _keep_what_is_loaded()


def modules_of_pages() -> list[str]:
    """Return the modules that the scripts of the pages import, each once."""
    scripts = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PAGES.glob("*.py"))]
    return list(
        dict.fromkeys(
            node.module
            for script in scripts
            for node in script.body
            if isinstance(node, ast.ImportFrom) and node.module
        )
    )


@st.cache_resource
def warm_up_once() -> bool:
    """Start compiling in the background, once per server: after the first page, or before it where nobody came."""
    threading.Thread(target=_compile, name="warm-up", daemon=True).start()
    return True


def _compile() -> None:
    from core.selection.search import warm_up

    warm_up()
    _keep_what_is_loaded()


def _keep_what_is_loaded() -> None:
    """Exclude what is loaded from collection: it stays for the life of the process."""
    gc.collect()
    gc.freeze()
