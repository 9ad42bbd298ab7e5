from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.classroom.rights import check_right, why_not
from app.classroom.store import Allowed, ClassStore, hold
from app.studies import exchange
from app.train import submission
from app.ui import identity, owner
from app.ui.owner import serve_as
from core.errors import JobError
from core.studies.home import DATABASE_FILE

ACTS = ("submissions", "uploads", "deletions")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Hold a class, in which this browser is a member."""
    store = ClassStore(tmp_path / "class.sqlite")
    store.begin("x", datetime.now(UTC))
    hold(store)
    serve_as("secret", 1)
    for module in (owner, identity):
        monkeypatch.setattr(module.st, "context", SimpleNamespace(cookies={}, ip_address=None), raising=False)
    yield store
    serve_as("", 0)
    hold(None)
    store.close()


@pytest.mark.parametrize("act", ACTS)
def test_a_member_may_do_what_the_presenter_allows_and_nothing_else(store, act):
    assert "presenter" in why_not(act)
    with pytest.raises(JobError):
        check_right(act)
    store.allow(Allowed(**{act: True}))
    assert why_not(act) == ""
    assert all(why_not(other) for other in ACTS if other != act)


@pytest.mark.usefixtures("store")
def test_the_presenter_may_do_everything(monkeypatch):
    monkeypatch.setattr(owner.st, "context", SimpleNamespace(cookies={"branchwise_owner_1": "secret"}), raising=False)
    assert not any(map(why_not, ACTS))


def test_without_a_class_nothing_is_refused():
    assert not any(map(why_not, ACTS))


@pytest.mark.usefixtures("store")
def test_a_forged_press_of_a_button_changes_nothing(own_home, monkeypatch):
    said = []
    for module in (exchange, submission):
        for name in ("reported", "keep_errors"):
            monkeypatch.setattr(module, name, lambda *_: _noting(said), raising=False)
    exchange._delete("scenes", "")
    submission.submit("scenes", (), submission.Settings(keep=False, again=False, device="cpu", minutes=0))
    assert [str(fault).split(" does ")[0] for fault in said] == ["The presenter of this class"] * 2
    assert not (own_home / DATABASE_FILE).exists()


class _noting:  # noqa: N801  # used as a function
    def __init__(self, said):
        self._said = said

    def __enter__(self): ...

    def __exit__(self, _kind, fault, _trace):
        self._said.append(fault)
        return True
