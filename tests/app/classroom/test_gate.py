"""The doors of a class as a stranger and a member find them: joining, pages, and the end."""

import re
from dataclasses import replace

import pytest
from starlette.websockets import WebSocketDisconnect

from app.classroom.limits import Limit
from app.classroom.store import hold
from tests.app.classroom.people import HTML, OWNER, PHRASE


def test_a_stranger_reaches_the_join_page_and_nothing_else(visit):
    stranger = visit()
    assert "Pass-phrase" in stranger.get("/class/join").text
    assert stranger.get("/class/font.woff2").content.startswith(b"wOF2")
    for path in ("/", "/budget", "/class/follow", "/class"):
        answer = stranger.get(path, headers=HTML)
        assert (answer.status_code, answer.headers["location"].split("/")[-1]) in ((303, "join"), (303, "follow")), path
    for path in ("/_stcore/health", "/budget", "/class/question/q", "/class/here", "/class/field/0", "/classy"):
        assert stranger.get(path).status_code == 403, path
    for path in ("/class/guess", "/class/reveal", "/class/show", "/class/data"):
        assert stranger.post(path, json={"question": "q", "option": 0}).status_code == 403, path
    for path in ("/_stcore/stream", "/class/events"):
        with pytest.raises((WebSocketDisconnect, Exception)) as refused, stranger.websocket_connect(path):
            pass
        assert getattr(refused.value, "code", 403) in (403, 1008)


def test_the_phrase_gives_a_cookie_that_no_script_reads(visit):
    answer = visit().post("/class/join", data={"phrase": PHRASE})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert PHRASE not in cookie


def test_script_in_a_phrase_is_text(visit):
    for answer in (
        visit().get("/class/join", params={"phrase": '"><script>x</script>'}),
        visit().post("/class/join", data={"phrase": "<script>x</script>"}),
    ):
        assert "<script>x" not in answer.text


def test_wrong_phrases_are_counted_and_then_not_looked_at(room, visit):
    room.wrong = Limit(3, 0)
    stranger = visit()
    statuses = [stranger.post("/class/join", data={"phrase": f"wrong-{n}"}).status_code for n in range(5)]
    assert statuses == [403, 403, 403, 429, 429]
    assert stranger.post("/class/join", data={"phrase": PHRASE}).status_code == 429


def test_strangers_do_not_shut_the_door_for_who_knows_the_phrase(room, visit):
    room.wrong_of_all = Limit(1, 0)
    statuses = [visit(client=n).post("/class/join", data={"phrase": "wrong"}).status_code for n in (1, 1, 2)]
    assert statuses == [403, 429, 403]
    assert visit(client=3).post("/class/join", data={"phrase": PHRASE}).status_code == 303


def test_one_address_does_not_fill_the_class(room, visit):
    room.joins = Limit(2, 0)
    statuses = [visit(client=n).post("/class/join", data={"phrase": PHRASE}).status_code for n in (1, 1, 1, 2)]
    assert statuses == [303, 303, 429, 303]
    assert room.store.n_members == 3


@pytest.mark.parametrize("body", [b"", b"phrase", b"phrase=" + b"x" * 3000, b"\xff" * 100, b"&" * 1500])
def test_no_form_breaks_the_join_page(visit, body):
    answer = visit().post("/class/join", content=body)
    assert answer.status_code in (403, 413)
    assert "Pass-phrase" in answer.text


def test_a_flood_of_requests_is_refused(room, visit):
    room.knocks = Limit(5, 0)
    stranger = visit()
    assert [stranger.get("/class/join").status_code for _ in range(7)] == [200] * 5 + [429] * 2


def test_members_open_pages_as_long_as_the_presenter_allows(room, member):
    assert member.get("/budget").text == "page"
    assert member.put("/_stcore/upload_file/a/b").status_code == 403
    with member.websocket_connect("/_stcore/stream") as stream:
        stream.send_text("hello")
        assert stream.receive_text() == "hello"
        room.store.allow(replace(room.store.allowed, wander=False, uploads=True))
        stream.send_text("hello again")
        with pytest.raises(WebSocketDisconnect):
            stream.receive_text()
    assert member.get("/budget", headers=HTML).headers["location"] == "/class/follow"
    with member.websocket_connect("/class/events") as events:
        assert events.receive_json()["pages_open"] is False


def test_the_end_of_the_class_closes_everything(room, member):
    with member.websocket_connect("/class/events") as events:
        events.receive_json()
        room.store.end()
        hold(None)
        with pytest.raises(WebSocketDisconnect) as closed:
            events.receive_json()
    assert closed.value.code == 4000
    ended = member.get("/class/join")
    assert (ended.status_code, "<form" in ended.text) == (410, False)
    assert member.get("/budget").status_code == 403
    for refused in (member.get("/class/going"), member.post("/class/guess", json={"question": "q", "option": 0})):
        assert (refused.status_code, "ended" in refused.json()["error"]) == (410, True)
    assert member.get("/class/follow", headers=HTML).headers["location"] == "/class/join"


def test_nothing_that_the_presenter_sends_is_kept_after_the_end(room, visit, member):  # noqa: ARG001  # a class
    room.store.end()
    hold(None)
    sent = {"question": "q", "paused": True}
    for path in ("data", "pause", "leave", "reveal", "again", "show"):
        assert visit(**OWNER).post(f"/class/{path}", json=sent).status_code == 409, path


def test_the_follow_page_finds_its_modules(member):
    page = member.get("/class/follow").text
    script = re.search(r'src="([^"]+)"', page)[1]
    assert "immutable" in member.get(script).headers["cache-control"]
    base = script.rsplit("/", 1)[0]
    for path in ("../app.py", "%2e%2e/served.py", "nothing.js", "runtime"):
        assert member.get(f"{base}/{path}").status_code in (403, 404), path
