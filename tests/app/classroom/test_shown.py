"""What the presenter shows, and how it reaches the class."""

import json

import pytest
from starlette.websockets import WebSocketDisconnect

from app.classroom.room import MOST_SOCKETS_EACH
from tests.app.classroom.people import OWNER


def frame(*figures, page="/budget?study=x", title="Budget"):
    return {"page": page, "title": title, "caption": "Which?", "figures": list(figures)}


def show(presenter, states=(), **more):
    return presenter.post("/class/show", content=json.dumps({"tab": "tabtabtab", "states": list(states), **more}))


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
