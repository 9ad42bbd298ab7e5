"""What a visitor of somebody's server may do: a button for what only the owner may is disabled and says why."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.owner import serve_as
from core.jobs.lease import Lease
from core.jobs.queue import Queue
from core.studies.database import Database


@pytest.fixture
def home(studies_home, tmp_path) -> Path:
    """A copy with a host that trains runs of somebody else."""
    found = Path(shutil.copytree(studies_home, tmp_path / "home"))
    database = Database(found / "studies.sqlite")
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'queued', session = 'somebody', asked = 1")
    assert Queue(database).n_active()
    Lease(database).acquire()
    for folder in ("cache", "weights"):
        (found / folder).mkdir()
        (found / folder / "x.safetensors").write_bytes(bytes(3000))
    return found


@pytest.fixture
def as_visitor() -> Iterator[None]:
    serve_as("t" * 43, 8501)
    yield
    serve_as("", 0)


PLACES = (
    ("studies", {"section": "engine"}, "host-end"),
    ("studies", {"section": "cleanup"}, "clean-all"),
    ("studies", {"section": "cleanup"}, "clean-weights"),
    ("train", {"study": "trained"}, "cancel_all"),
)


def helps(at: AppTest) -> str:
    """Give the tooltips of all buttons, and of what opens a confirmation."""
    found = [each.help for each in at.button]
    found += [block.proto.popover.help for block in at.get("popover")]
    return " ".join(filter(None, found))


@pytest.mark.parametrize(("page", "address", "key"), PLACES)
@pytest.mark.usefixtures("as_visitor")
def test_what_only_the_owner_may_do_is_disabled_and_says_why(visit, home, page, address, key):
    at = visit(page, home=home, **address)
    assert at.button(key=key).disabled
    assert "Only the owner of this server may" in helps(at)


@pytest.mark.parametrize(("page", "address", "key"), PLACES)
def test_the_owner_may(visit, home, page, address, key):
    at = visit(page, home=home, **address)
    assert not at.button(key=key).disabled
    assert "Only the owner" not in helps(at)


@pytest.mark.usefixtures("as_visitor")
def test_a_study_of_somebody_else_has_no_button_that_deletes_it(visit, home):
    at = visit("studies", home=home, study="five")
    assert at.session_state["chosen_study"] == "five"
    assert not any(each.key == "delete-for-good" for each in at.button)
    assert "delete studies that others stored" in helps(at)


@pytest.mark.parametrize(
    ("page", "address", "key"),
    [
        ("train", {"study": "scenes"}, "train"),
        ("studies", {"section": "create"}, "create-study"),
        ("studies", {"section": "engine"}, "host-start"),
        ("storage", {"study": "scenes", "section": "response"}, "measure-switching"),
    ],
)
def test_where_nothing_can_be_stored_what_would_store_is_disabled_and_says_why(visit, page, address, key):
    at = visit(page, home=Path("/proc/branchwise"), **address)
    (found,) = [each for each in at.button if each.key == key]
    assert found.disabled
    assert "is read-only" in found.help
