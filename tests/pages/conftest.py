"""Pages run without a browser, on the made-up studies."""

import base64
import json
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, UnknownElement

from app.ui.paths import ROOT
from core.jobs.dispatcher import Dispatcher
from core.jobs.lease import Lease
from core.studies.database import Database

ENTRY = ROOT / "app" / "main.py"


@pytest.fixture
def visit(studies_home, monkeypatch):
    """Open a page by its address, as ``visit("budget", study="five", budget="40")``; it should not fail."""

    def opened(page: str, home: Path = studies_home, **address: str) -> AppTest:
        monkeypatch.setenv("BRANCHWISE_HOME", str(home))
        at = AppTest.from_file(str(ENTRY), default_timeout=300)
        for name, value in address.items():
            at.query_params[name] = value
        at.switch_page(f"../pages/{page}.py").run()
        assert not at.exception, at.exception
        return at

    return opened


@pytest.fixture
def copied_home(studies_home, tmp_path) -> Path:
    """A copy of the studies that may be written to."""
    return Path(shutil.copytree(studies_home, tmp_path / "home"))


@pytest.fixture
def queue(copied_home) -> Dispatcher:
    """The queue of that copy; while the test holds it, no page starts a host."""
    database = Database(copied_home / "studies.sqlite")
    Lease(database).acquire()
    return Dispatcher(database)


@pytest.fixture
def sent_to():
    """Give what a component of an open page was sent, by the name of its files."""

    def sent(at: AppTest, name: str) -> dict:
        (found,) = [
            element.proto
            for element in _elements(at.main)
            if isinstance(element, UnknownElement)
            and getattr(element.proto, "component_name", "") == f"branchwise.{name}"
        ]
        return json.loads(found.json)

    return sent


@pytest.fixture
def plane_of(sent_to):
    """Give what the draggable plane of an open page was sent."""

    def sent(at: AppTest) -> dict:
        data = sent_to(at, "budget_plane")
        # One drawing for each width of a screen.
        return data | {"plane": "\n".join(json.loads(zlib.decompress(base64.b64decode(data["plane"]))))}

    return sent


def _elements(block: Block) -> Iterator[object]:
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from _elements(child)
