"""Guesses of members, honest and forged, and what the presenter does with them."""

from dataclasses import replace

import pytest

from app.classroom.asked import Asked
from app.classroom.limits import Limit
from tests.app.classroom.people import OWNER, PHRASE


def test_a_second_guess_replaces_the_first_and_none_comes_after_the_answer(visit, member):
    presenter = visit(**OWNER)
    assert member.get("/class/question/q").json() == {
        "presenter": False, "round": 1, "revealed": False, "mine": None, "guesses": 0, "members": 1,
        "fixed": False,
    }  # fmt: skip
    for option in (0, 2):
        standing = member.post("/class/guess", json={"question": "q", "option": option}).json()
    assert (standing["mine"], standing["guesses"], "tallies" in standing) == (2, 1, False)
    assert presenter.post("/class/again", json={"question": "q"}).json()["round"] == 2
    assert member.post("/class/guess", json={"question": "q", "option": 1}).json()["mine"] == 1
    assert [tally[:3] for tally in presenter.post("/class/reveal", json={"question": "q"}).json()["tallies"]] == [
        [0, 0, 1],
        [0, 1, 0],
    ]
    refused = member.post("/class/guess", json={"question": "q", "option": 0})
    assert (refused.status_code, "no longer" in refused.json()["error"]) == (409, True)


def test_who_sees_the_tally_keeps_the_guess(room, visit, member):
    room.store.allow(replace(room.store.allowed, tally=True))
    standing = member.post("/class/guess", json={"question": "q", "option": 0}).json()
    assert (standing["fixed"], standing["tallies"][0][:2]) == (True, [1, 0])
    assert member.post("/class/guess", json={"question": "q", "option": 1}).status_code == 409
    assert member.get("/class/question/q").json()["mine"] == 0
    visit(**OWNER).post("/class/again", json={"question": "q"})
    assert member.post("/class/guess", json={"question": "q", "option": 1}).json()["mine"] == 1


@pytest.mark.parametrize("cookie", ["branchwise_owner_1=forged", "branchwise_owner_1=secre", "role=owner"])
def test_a_member_does_not_become_the_presenter(visit, member, cookie):
    forger = visit(cookie=f"{cookie}; branchwise_class_1={member.cookies['branchwise_class_1']}")
    for path in ("/class/reveal", "/class/again", "/class/show", "/class/data"):
        assert forger.post(path, json={"question": "q"}).status_code == 403, path
    assert forger.get("/class/here").status_code == 403
    assert "tallies" not in forger.get("/class/question/q").json()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"question": "q", "option": 0, "member": "another"}, 409),
        ({"question": "q", "option": 0, "name": "<script>"}, 409),
        ({"question": "<script>", "option": 0}, 409),
        ({"question": "q", "option": "0"}, 409),
        ({"question": "q", "option": True}, 409),
        ({"question": "q", "option": 10**9}, 409),
        ({"question": ["q"], "option": 0}, 409),
        ([], 409),
        ({"question": "q" * 600, "option": 0}, 413),
    ],
)
def test_what_is_no_guess_is_one_sentence(member, sent, status):
    answer = member.post("/class/guess", json=sent)
    assert answer.status_code == status
    assert len(answer.json()["error"].splitlines()) == 1
    assert member.get("/class/question/q").json()["guesses"] == 0


def test_only_what_is_asked_is_guessed(room, member):
    room.asked = {"asked": Asked("1 · Why", "Question", 2)}
    sent = [("asked", 0), ("asked", 2), ("asked", -1), ("made-up", 0)]
    statuses = [member.post("/class/guess", json={"question": q, "option": n}).status_code for q, n in sent]
    assert statuses == [200, 409, 409, 409]
    assert list(room.store.questions()) == ["asked"]


def test_a_full_disk_is_one_sentence(room, visit, member):
    room.store._connection.execute("PRAGMA query_only = ON")
    guessed = member.post("/class/guess", json={"question": "q", "option": 0})
    assert (guessed.status_code, len(guessed.json()["error"].splitlines())) == (507, 1)
    assert visit().post("/class/join", data={"phrase": PHRASE}).status_code == 507


def test_nobody_guesses_all_the_time(room, member):
    room.acts = Limit(3, 0)
    sent = [member.post("/class/guess", json={"question": "q", "option": 0}).status_code for _ in range(5)]
    assert sent == [200, 200, 200, 429, 429]
