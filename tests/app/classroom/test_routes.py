"""The doors of a class as a presenter, a member and a stranger find them; and as a student attacks them."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.classroom.asked import Asked
from app.classroom.gate import ClassGate
from app.classroom.limits import Limit
from app.classroom.membership import serve_on
from app.classroom.room import MOST_SOCKETS_EACH, Room
from app.classroom.routes import class_routes
from app.classroom.store import ClassStore, hold
from app.ui.owner import serve_as

PHRASE = "brown-tree-seven"
HTML = {"accept": "text/html"}
OWNER = {"cookie": "branchwise_owner_1=secret"}


@pytest.fixture
def room(tmp_path):
    store = ClassStore(tmp_path / "class.sqlite")
    store.begin(PHRASE, datetime.now(UTC))
    hold(store)
    serve_as("secret", 1)
    serve_on(1)
    yield Room()
    serve_as("", 0)
    hold(None)
    if store.is_open:
        store.close()


@pytest.fixture
def visit(room):
    """Give the function that opens a browser of its own on a server whose pages say "page"."""

    async def page(_request):
        return PlainTextResponse("page")

    async def stream(socket):
        await socket.accept()
        with suppress(WebSocketDisconnect):
            while True:
                await socket.send_text(await socket.receive_text())
        await socket.close()

    app = Starlette(
        routes=[WebSocketRoute("/_stcore/stream", stream), Route("/{path:path}", page, methods=["GET", "PUT"])],
        middleware=[Middleware(ClassGate, room=room, routes=class_routes(room))],
    )

    def browser(client=0, **headers):
        return TestClient(app, headers=headers, follow_redirects=False, client=(f"10.0.0.{client}", 50000))

    return browser


@pytest.fixture
def member(visit):
    client = visit()
    assert client.post("/class/join", data={"phrase": " Brown tree SEVEN "}).headers["location"] == "/class/follow"
    return client


def frame(*figures, page="/budget?study=x", title="Budget"):
    return {"page": page, "title": title, "caption": "Which?", "figures": list(figures)}


def show(presenter, states=(), **more):
    return presenter.post("/class/show", content=json.dumps({"tab": "tabtabtab", "states": list(states), **more}))


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


def test_a_follower_gets_what_is_shown_and_then_only_what_moves(room, visit, member):
    presenter = visit(**OWNER)
    large = "z" * 5000
    figure = {"name": "budget_plane", "data": {"budget": 0.5}, "fields": {"front": "0" * 32}}
    missing = show(presenter, [{}], frame=frame(figure))
    assert (missing.status_code, missing.json()["missing"]) == (409, ["0" * 32])
    address = presenter.post("/class/data", content=json.dumps(large)).json()["address"]
    figure["fields"]["front"] = address
    assert show(presenter, [{"budget": 0.5}], frame=frame(figure)).status_code == 200
    assert member.get(f"/class/field/{address}").json() == large
    with member.websocket_connect("/class/events") as events:
        first = events.receive_json()
        assert first["pages_open"] is True
        assert (first["shown"]["frame"]["title"], first["shown"]["states"]) == ("Budget", [{"budget": 0.5}])
        show(presenter, [{"budget": 0.4}])
        assert events.receive_json()["shown"] == {"version": 2, "states": [{"budget": 0.4}]}
        presenter.post("/class/pause", json={"paused": True, "tab": "tabtabtab"})
        assert events.receive_json()["paused"] is True
        # Sent before the pause and here after it: kept from the class until the presenter goes on.
        assert show(presenter, [{}], frame=frame(figure)).json()["again"] is True
        assert room.shown.paused
        assert room.n_here == 1
    # A window whose server was started again is asked for all of it.
    presenter.post("/class/leave", json={"tab": "tabtabtab"})
    again = show(presenter, [{}])
    assert (again.status_code, again.json()["again"]) == (409, True)


def test_a_second_window_takes_the_class_over_only_when_told_to(visit, member):
    presenter = visit(**OWNER)
    show(presenter, frame=frame())

    def second(path, **more):
        return presenter.post(path, content=json.dumps({"tab": "anotherone", **more}))

    def shown(tab):
        return presenter.get("/class/here", params={"tab": tab}).json()["shown"]

    assert second("/class/show", states=[], frame=frame(title="Other")).json() == {"other": True}
    second("/class/pause", paused=True)
    second("/class/leave")
    with member.websocket_connect("/class/events") as events:
        first = events.receive_json()
        assert (first["shown"]["frame"]["title"], first["paused"]) == ("Budget", False)
    assert (shown("tabtabtab"), shown("anotherone")) == ("this", "other")
    assert second("/class/show", states=[], frame=frame(title="Other"), take=True).status_code == 200
    assert (shown("tabtabtab"), shown("anotherone")) == ("other", "this")
    assert show(presenter, frame=frame()).json() == {"other": True}
    second("/class/leave")
    assert shown("tabtabtab") == "none"


@pytest.mark.parametrize(
    "wrong",
    [frame(page="//evil.example"), frame(page="javascript:x"), {"page": "/"},
     frame(page="/\t/evil.example"), frame(page="/x\n"), frame(page="/\n"),
     frame({"name": "picture", "data": {"x": float("nan")}, "fields": {}}),
     frame({"name": "../x", "data": {}, "fields": {}}), frame(*[{"name": "picture", "data": {}, "fields": {}}] * 13)],
)  # fmt: skip
def test_what_is_no_page_of_ours_is_not_shown(visit, wrong):
    assert show(visit(**OWNER), frame=wrong).status_code == 409


def test_a_follower_who_speaks_is_cut_off(member):
    with member.websocket_connect("/class/events") as events:
        events.receive_json()
        events.send_text("x" * 1000)
        with pytest.raises(WebSocketDisconnect):
            events.receive_json()


def test_nobody_holds_many_connections(member):
    sockets = [member.websocket_connect("/class/events") for _ in range(MOST_SOCKETS_EACH + 1)]
    for socket in sockets[:-1]:
        socket.__enter__()
        socket.receive_json()
    with pytest.raises(WebSocketDisconnect):
        sockets[-1].__enter__()
    for socket in sockets[:-1]:
        socket.__exit__(None, None, None)


def test_members_leave_the_presenter_a_connection(monkeypatch, visit, member):
    monkeypatch.setattr("app.classroom.room.MOST_SOCKETS_AT", 1)
    with member.websocket_connect("/class/events") as events:
        events.receive_json()
        with pytest.raises(WebSocketDisconnect), member.websocket_connect("/class/events"):
            pass
        with visit(**OWNER).websocket_connect("/class/events") as own:
            assert own.receive_json()["pages_open"] is True


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
    assert member.get("/class/join").status_code == 410
    assert member.get("/budget").status_code == 403
    for refused in (member.get("/class/going"), member.post("/class/guess", json={"question": "q", "option": 0})):
        assert (refused.status_code, "ended" in refused.json()["error"]) == (410, True)
    assert member.get("/class/follow", headers=HTML).headers["location"] == "/class/join"


def test_the_follow_page_finds_its_modules(member):
    page = member.get("/class/follow").text
    script = re.search(r'src="([^"]+)"', page)[1]
    assert "immutable" in member.get(script).headers["cache-control"]
    base = script.rsplit("/", 1)[0]
    for path in ("../app.py", "%2e%2e/served.py", "nothing.js", "runtime"):
        assert member.get(f"{base}/{path}").status_code in (403, 404), path
