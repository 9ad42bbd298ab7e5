"""A class on a server of its own: its room, browsers, and a member."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.classroom.gate import ClassGate
from app.classroom.membership import serve_on
from app.classroom.room import Room
from app.classroom.routes import class_routes
from app.classroom.store import ClassStore, hold
from app.ui.owner import serve_as
from tests.app.classroom.people import PHRASE


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
