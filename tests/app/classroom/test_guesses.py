from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.classroom import guesses
from app.classroom.membership import member_id, serve_on
from app.classroom.store import Allowed, ClassError, ClassStore, hold
from app.ui import owner
from app.ui.owner import serve_as


@pytest.fixture
def become(tmp_path, monkeypatch):
    """Hold a class with one member; give the function that makes this browser the owner, that member or a stranger."""
    store = ClassStore(tmp_path / "class.sqlite")
    store.begin("x", datetime.now(UTC))
    store.admit(member_id("mine"))
    hold(store)
    serve_as("secret", 1)
    serve_on(1)

    def act(**cookies):
        context = SimpleNamespace(cookies=cookies)
        for module in (guesses, owner):
            monkeypatch.setattr(module.st, "context", context, raising=False)
        return store

    yield act
    serve_as("", 0)
    hold(None)
    store.close()


def test_a_member_sees_the_tally_after_guessing(become):
    become(branchwise_class_1="mine")
    assert guesses.tally("q") is None
    become().allow(Allowed(tally=True))
    become(branchwise_class_1="mine")
    guesses.submit_guess("q", 1)
    assert (guesses.tally("q", 3), guesses.my_guess("q")) == ((0, 1, 0), 1)
    become(branchwise_owner_1="secret").allow(Allowed(tally=False))
    become(branchwise_class_1="mine")
    assert guesses.tally("q") is None
    become(branchwise_owner_1="secret")
    assert guesses.tally("q") == (0, 1)
    guesses.reveal("q")
    become(branchwise_class_1="mine")
    assert guesses.is_revealed("q")
    assert guesses.tally("q") == (0, 1)


@pytest.mark.parametrize("cookies", [{}, {"branchwise_class_1": "forged"}, {"branchwise_owner_1": "forged"}])
def test_a_stranger_neither_guesses_nor_sees_nor_reveals(become, cookies):
    become(**cookies)
    with pytest.raises(ClassError, match="Only members"):
        guesses.submit_guess("q", 0)
    with pytest.raises(owner.JobError, match="Only the owner"):
        guesses.reveal("q")
    assert guesses.tally("q") is None


def test_the_presenters_guess_is_not_counted(become):
    become(branchwise_owner_1="secret")
    guesses.submit_guess("q", 0)
    assert guesses.tally("q", 2) == (0, 0)


def test_without_a_class_nothing_is_kept():
    guesses.submit_guess("q", 0)
    assert (guesses.in_class(), guesses.tally("q"), guesses.my_guess("q"), guesses.is_revealed("q")) == (
        False, None, None, False,
    )  # fmt: skip
