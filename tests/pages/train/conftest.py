"""The Train page with the queue held by the test, so that no page starts a host."""

import shutil
from pathlib import Path

import pytest

from core.jobs.lease import Lease
from core.studies.database import Database
from tests.pages.train.train_page import press


@pytest.fixture
def home(studies_home, tmp_path) -> Path:
    """A copy that may be written to."""
    return Path(shutil.copytree(studies_home, tmp_path / "home"))


@pytest.fixture
def database(home):
    return Database(home / "studies.sqlite")


@pytest.fixture
def lease(database):
    """The lease of a host; while this test holds it, no page starts another one."""
    held = Lease(database)
    held.acquire()
    return held


@pytest.fixture
def train(visit, home, lease):  # noqa: ARG001  # no page starts a host while it is held
    """Open the page."""

    def opened(**address):
        return visit("train", home=home, **({"study": "trained"} | address))

    return opened


@pytest.fixture
def asked(train):
    """A page with seven new runs: one at work, some queued, others waiting."""
    at = train(what="Two-task table")
    at.number_input(key="seeds-table-trained-1").set_value(4).run()
    press(at)
    return at
