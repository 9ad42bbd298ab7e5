"""Every action that changes something, by the owner, by a visitor on what is theirs, and on what is somebody else's."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import streamlit as st

from app.jobs import measurement
from app.studies import cleaning, engine, exchange
from app.train import actions
from app.ui import owner
from app.ui.paths import ROOT
from core.backbones import Backbone, Block
from core.families.layouts.request import TableRequest
from core.jobs.device import move
from core.jobs.lease import Lease
from core.jobs.quota import Space
from core.jobs.states import JobState
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Task

TOKEN = "t" * 43
SPECIFICATION = StudySpecification(
    name="small", tasks=("depth", "edges"), backbone=BackboneSpecification(blocks=2), table=TableRequest(seeds=(0,))
)
RUN = expand(SPECIFICATION)[0]


@dataclass
class Server:
    """A home with one run and one study of somebody."""

    database: Database

    def state(self) -> str:
        with self.database.reading() as connection:
            return connection.execute("SELECT state FROM runs WHERE key = ?", (RUN.key,)).fetchone()[0]

    def session(self) -> str:
        with self.database.reading() as connection:
            return connection.execute("SELECT session FROM runs WHERE key = ?", (RUN.key,)).fetchone()[0]

    def device(self) -> str:
        with self.database.reading() as connection:
            return connection.execute("SELECT device FROM runs WHERE key = ?", (RUN.key,)).fetchone()[0]


def chosen(action: Callable[[], None]) -> None:
    st.session_state["chosen_runs"] = [RUN.key]
    action()


# Name → (state of the run before, what is done, whether it happened).
OWN: dict[str, tuple[str, Callable[[Server], object], Callable[[Server], bool]]] = {
    "cancel the selected": ("queued", lambda _: chosen(actions._cancel_chosen), lambda s: s.state() == "cancelled"),
    "cancel all": ("queued", lambda _: actions._cancel_all(None, None), lambda s: s.state() == "cancelled"),
    "cancel all of a study": (
        "queued",
        lambda _: actions._cancel_all("small", None),
        lambda s: s.state() == "cancelled",
    ),
    "retry the selected": ("failed", lambda _: chosen(actions._retry_chosen), lambda s: s.state() == "queued"),
    "retry a cancelled one": ("cancelled", lambda _: chosen(actions._retry_chosen), lambda s: s.state() == "queued"),
    "retry all": ("failed", lambda _: actions._retry_all(None, None), lambda s: s.state() == "queued"),
    "stop a measurement": ("queued", lambda _: measurement._stop(RUN.key), lambda s: s.state() == "cancelled"),
    "move to another device": (
        "queued",
        lambda s: move(s.database, [RUN], "cuda", session=owner.acting_session()),
        lambda s: s.device() == "cuda",
    ),
    "delete a study": ("queued", lambda _: exchange._delete("small", ""), lambda s: not s.database.has_study("small")),
}
OWNERS: dict[str, tuple[Callable[[Server], object], Callable[[Server], bool]]] = {
    "stop the host": (
        lambda _: engine._stop(),
        lambda s: not rows(s, "SELECT * FROM host"),
    ),
    "remove files": (
        lambda _: cleaning._clean([Space.CACHE]),
        lambda s: not any((s.database.path.parent / "cache").iterdir()),
    ),
    "remove weights": (
        lambda _: cleaning._clean([Space.WEIGHTS]),
        lambda s: not any((s.database.path.parent / "weights").iterdir()),
    ),
}


def rows(server, query):
    with server.database.reading() as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(actions, "start_host", lambda: None)
    database = Database.at_home()
    tasks = tuple(Task.usual(name, Kind.DEPTH, 1) for name in SPECIFICATION.tasks)
    backbone = Backbone("net", (Block("stem", 10, 100), Block("body", 30, 50)))
    database.put(StudyRecord("small", SPECIFICATION.tasks, backbone, SPECIFICATION, tasks), session="somebody")
    for folder in ("cache", "weights"):
        (tmp_path / "home" / folder).mkdir()
        (tmp_path / "home" / folder / "x.safetensors").write_bytes(bytes(30))
    owner.serve_as(TOKEN, 8501)
    yield Server(database)
    owner.serve_as("", 0)
    st.session_state.clear()


def acts(monkeypatch, who, server, *, state="queued"):
    """Let a browser act: the owner's, or a visitor's to whom the run and the study belong or not."""
    cookies = {"branchwise_owner_8501": TOKEN} if who == "owner" else {}
    monkeypatch.setattr(owner.st, "context", SimpleNamespace(cookies=cookies, ip_address="192.0.2.1"), raising=False)
    st.session_state["session_id"] = "me"
    theirs = "me" if who == "visitor, own" else "somebody"
    with server.database.writing() as connection:
        connection.execute("UPDATE runs SET state = ?, session = ?, asked = 1 WHERE key = ?", (state, theirs, RUN.key))
        connection.execute("UPDATE studies SET session = ?", (theirs,))


@pytest.mark.parametrize("who", ["owner", "visitor, own", "visitor, other's"])
@pytest.mark.parametrize("action", OWN)
def test_a_visitor_changes_only_what_is_theirs(monkeypatch, server, action, who):
    state, act, happened = OWN[action]
    acts(monkeypatch, who, server, state=state)
    before = server.session()
    act(server)
    assert happened(server) is (who != "visitor, other's")
    if server.database.has_study("small"):
        assert server.session() == before, "whose the run is has changed"
    if who == "visitor, other's" and "all" not in action and action != "move to another device":
        assert "nly" in st.session_state["flash_error"]


@pytest.mark.parametrize("who", ["owner", "visitor, own"])
@pytest.mark.parametrize("action", OWNERS)
def test_what_is_the_owners_no_visitor_changes(monkeypatch, server, action, who):
    act, happened = OWNERS[action]
    acts(monkeypatch, who, server, state=JobState.CANCELLED)
    Lease(server.database).acquire()
    act(server)
    assert happened(server) is (who == "owner")
    if who != "owner":
        assert "Only the owner" in st.session_state["flash_error"]


# What changes the database or its files → modules of the app that call it from a page.
CHANGING = {
    # A follower's wait for news is cancelled, too, which changes nothing.
    "cancel": {"app/train/actions.py", "app/jobs/measurement.py", "app/classroom/routes.py"},
    "retry": {"app/train/actions.py"},
    "move": {"app/train/submission.py"},
    "delete": {"app/studies/exchange.py"},
    "clean": {"app/studies/cleaning.py"},
    "stop_host": {"app/studies/engine.py"},
    # These add, and change nothing of others.
    "submit_runs": {"app/train/submission.py"},
    "submit_measurement": {"app/jobs/measurement.py"},
    "ensure_host": {"app/jobs/host.py", "app/studies/engine.py"},
    "import_archive": {"app/ui/uploads.py"},
    "prepare": {"app/studies/create.py", "app/ui/warming.py"},  # the latter loads modules
    "add": {"app/ui/uploads.py"},
    "put": set(),
    "complete": set(),
    "compact": set(),
    "writing": set(),
}


def test_every_action_of_the_pages_is_listed_here():
    """A page that calls what changes something in a new place needs a row in the tables above."""
    found: dict[str, set[str]] = {name: set() for name in CHANGING}
    for path in sorted(ROOT.glob("app/**/*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith("app/command/"):
            continue  # only who may write to the home can start it
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in CHANGING and not _is_a_set(node):
                found[name].add(place)
    assert found == CHANGING


def _is_a_set(node: ast.Call) -> bool:
    """Return whether something is added to a set, not to the database."""
    return isinstance(node.func, ast.Attribute) and node.func.attr == "add" and "database" not in ast.unparse(node)
