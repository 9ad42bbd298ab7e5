"""What answers below ``/class``: join, follow, guess, reveal, and what the presenter's browser sends."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.classroom.bodies import TooLargeError, question_of, read_body, read_form, read_object
from app.classroom.browser_files import TYPES, files, files_digest, font_file
from app.classroom.follow_page import follow_page
from app.classroom.guesses import padded, sees_tally
from app.classroom.join_page import ended_page, join_page
from app.classroom.membership import member_id, new_token, set_cookie
from app.classroom.phrase import same_phrase
from app.classroom.room import Role, Room, Visitor
from app.classroom.shown import MOST_FIELD_BYTES, OtherWindowError
from app.classroom.store import ENDED, ClassError, ClassStore, StoreError, held

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_MOST_GUESS_BYTES: Final = 500
_MOST_SHOWING_BYTES: Final = 2 * 2**20
# Between two messages to a follower: ten a second look like a drag.
_PAUSE: Final = 0.1
_LOOK_AGAIN: Final = 1.0
_FOR_EVER: Final = {"cache-control": "private, max-age=31536000, immutable"}
_CLASS_ENDED: Final = 4000
_MOST_OPTIONS: Final = 10

_Answer = Callable[[Request], Awaitable[Response]]


def class_routes(room: Room) -> "ASGIApp":
    """Return what answers below ``/class``; ``scope["visitor"]`` says who asks.

    Args:
        room: Of the class.
    """
    desk = _Desk(room)
    routes = [
        Route("/class", _to_own_page),
        Route("/class/join", desk.join, methods=["GET", "POST"]),
        Route("/class/font.woff2", _font),
        Route("/class/follow", _allowed(desk.follow)),
        Route("/class/browser/{digest}/{path:path}", _allowed(desk.module)),
        Route("/class/field/{address}", _allowed(desk.field)),
        Route("/class/question/{name}", _allowed(desk.question)),
        Route("/class/guess", _allowed(desk.guess), methods=["POST"]),
        Route("/class/reveal", _allowed(desk.reveal, owner=True), methods=["POST"]),
        Route("/class/again", _allowed(desk.again, owner=True), methods=["POST"]),
        Route("/class/going", _allowed(desk.going)),
        Route("/class/here", _allowed(desk.here, owner=True)),
        Route("/class/data", _allowed(desk.data, owner=True), methods=["POST"]),
        Route("/class/pause", _allowed(desk.pause, owner=True), methods=["POST"]),
        Route("/class/leave", _allowed(desk.leave, owner=True), methods=["POST"]),
        Route("/class/show", _allowed(desk.show, owner=True), methods=["POST"]),
        WebSocketRoute("/class/events", desk.events),
    ]
    # An application of its own: around a gate nobody answers for what is not found.
    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_here})
    app.router.redirect_slashes = False
    return app


def _allowed(answer: _Answer, *, owner: bool = False) -> _Answer:
    """Return an answer that only members and the presenter get, or only the presenter; faults become sentences."""

    async def checked(request: Request) -> Response:
        role = _visitor(request).role
        if role is Role.STRANGER and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/class/join", 303)
        if role is Role.STRANGER and held() is None:
            return JSONResponse({"error": ENDED}, 410)
        if role is Role.STRANGER or (owner and role is not Role.OWNER):
            who = "The presenter" if owner else "A member of the class"
            return JSONResponse({"error": f"{who} may do this, nobody else."}, 403)
        try:
            return await answer(request)
        except ClassError as fault:
            return JSONResponse({"error": str(fault)}, _status(fault))
        except TooLargeError as fault:
            return JSONResponse({"error": str(fault)}, 413)

    return checked


class _Desk:
    """Answers of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def join(self, request: Request) -> Response:
        visitor = _visitor(request)
        if visitor.role is not Role.STRANGER:
            return RedirectResponse("/classroom" if visitor.role is Role.OWNER else "/class/follow", 303)
        if request.method == "GET":
            return self._join_page("", request.query_params.get("phrase", ""))
        try:
            given = (await read_form(request)).get("phrase", "")
            token = self._admitted(visitor, given)
        except _RefusalError as refused:
            return self._join_page(str(refused), "", refused.status)
        except (TooLargeError, ClassError) as fault:
            return self._join_page(str(fault), "", _status(fault))
        return RedirectResponse("/class/follow", 303, {"set-cookie": set_cookie(token, request.url.scheme)})

    def _admitted(self, visitor: Visitor, given: str) -> str:
        """Return the token of a new member.

        Raises:
            _RefusalError: The pass-phrase is wrong, too many wrong ones were given, or too many join at once.
        """
        store = self._store()
        if not self._room.may_try(visitor.address):
            raise _RefusalError(429, "Too many wrong pass-phrases were given. Wait a minute.")
        if not same_phrase(given, store.phrase):
            self._room.note_wrong(visitor.address)
            raise _RefusalError(
                403, "This is not the pass-phrase of the class. Look at the words on the presenter's screen."
            )
        if not self._room.joins.take(visitor.address):
            raise _RefusalError(429, "Many have joined from your address just now. Wait a minute, then try again.")
        token = new_token()
        store.admit(member_id(token))
        return token

    def _join_page(self, fault: str, phrase: str, status: int = 200) -> Response:
        is_over = self._room.store is None
        page = ended_page() if is_over else join_page(fault, phrase[:100], encrypted=self._room.encrypted)
        return HTMLResponse(page, 410 if is_over else status, {"cache-control": "no-store"})

    async def follow(self, request: Request) -> Response:
        if _visitor(request).role is Role.MEMBER:
            self._store()
        return HTMLResponse(follow_page(files_digest()), headers={"cache-control": "no-store"})

    async def module(self, request: Request) -> Response:
        path = request.path_params["path"]
        found = files().get(path)
        if found is None or request.path_params["digest"] != files_digest():
            return JSONResponse({"error": "There is no such file. Load the page again."}, 404)
        return Response(found, media_type=TYPES[path[path.rindex(".") :]], headers=_FOR_EVER)

    async def field(self, request: Request) -> Response:
        found = self._room.shown.field(request.path_params["address"])
        if found is None:
            return JSONResponse({"error": "This is not shown any more."}, 404)
        return Response(found, media_type="application/json", headers={**_FOR_EVER, "content-encoding": "gzip"})

    async def question(self, request: Request) -> Response:
        return JSONResponse(self._standing(_visitor(request), request.path_params["name"]))

    async def guess(self, request: Request) -> Response:
        visitor = _visitor(request)
        asked = await read_object(request, _MOST_GUESS_BYTES)
        name, option = question_of(asked), asked.get("option")
        if not isinstance(option, int) or isinstance(option, bool):
            raise ClassError("A guess names its answer by a whole number.")
        if visitor.role is Role.OWNER:
            raise ClassError("The presenter's guess is not counted.")
        if not self._room.acts.take(visitor.member):
            return JSONResponse({"error": "You guess too often. Wait a minute."}, 429)
        self._room.check_asked(name, option)
        self._store().guess(name, visitor.member, option)
        return JSONResponse(self._standing(visitor, name))

    async def reveal(self, request: Request) -> Response:
        name = question_of(await read_object(request, _MOST_GUESS_BYTES))
        self._store().reveal(name)
        return JSONResponse(self._standing(_visitor(request), name))

    async def again(self, request: Request) -> Response:
        name = question_of(await read_object(request, _MOST_GUESS_BYTES))
        self._store().guess_again(name)
        return JSONResponse(self._standing(_visitor(request), name))

    async def going(self, _: Request) -> Response:
        self._store()
        return JSONResponse({"going": True})

    async def here(self, request: Request) -> Response:
        window = self._room.shown.window(request.query_params.get("tab", ""))
        return JSONResponse({"members": self._store().n_members, "here": self._room.n_here, "shown": window})

    async def data(self, request: Request) -> Response:
        self._store()
        body = await read_body(request, MOST_FIELD_BYTES)
        return JSONResponse({"address": await asyncio.to_thread(self._room.shown.keep, body)})

    async def pause(self, request: Request) -> Response:
        self._store()
        said = await read_object(request, _MOST_GUESS_BYTES)
        paused = said.get("paused")
        if not isinstance(paused, bool):
            raise ClassError("A pause says paused, true or false.")
        self._room.shown.pause(paused, str(said.get("tab", "")))
        return JSONResponse({"paused": paused})

    async def leave(self, request: Request) -> Response:
        self._store()
        self._room.shown.leave(str((await read_object(request, _MOST_GUESS_BYTES)).get("tab", "")))
        return JSONResponse({})

    async def show(self, request: Request) -> Response:
        self._store()
        try:
            missing = self._room.shown.show(await read_body(request, _MOST_SHOWING_BYTES))
        except OtherWindowError:
            return JSONResponse({"other": True}, 409)
        if missing is None:
            return JSONResponse({"again": True, "missing": []}, 409)
        return JSONResponse({"missing": missing}, 409 if missing else 200)

    def _standing(self, visitor: Visitor, name: str) -> dict[str, Any]:
        """Return where a question stands for somebody; tallies only where they may see them."""
        store = self._store()
        asked = store.question(name)
        owner = visitor.role is Role.OWNER
        n_guesses = sum(store.tally(name, asked.round))
        document: dict[str, Any] = {
            "presenter": owner,
            "round": asked.round,
            "revealed": asked.revealed,
            "mine": None if owner else store.guess_of(name, visitor.member),
            "guesses": n_guesses,
            "members": store.n_members,
            "fixed": store.allowed.tally,
        }
        if owner or sees_tally(store, name, visitor.member):
            document["tallies"] = [padded(store.tally(name, each), _MOST_OPTIONS) for each in range(1, asked.round + 1)]
        return document

    def _store(self) -> ClassStore:
        if self._room.store is None:
            raise ClassError(ENDED)
        return self._room.store

    async def events(self, socket: WebSocket) -> None:
        """Send a follower what the presenter shows, as it changes."""
        visitor: Visitor = socket.scope["visitor"]
        if visitor.role is Role.STRANGER or self._room.store is None:
            await socket.close(1008)
            return
        try:
            with self._room.connected(visitor):
                await socket.accept()
                await self._send_events(socket, visitor)
        except ClassError:
            await socket.close(1008)
        except (WebSocketDisconnect, RuntimeError):
            # Nobody is there any more.
            return

    async def _send_events(self, socket: WebSocket, visitor: Visitor) -> None:
        # A follower has nothing to say here: a message ends the connection, as hanging up does.
        hung_up = asyncio.ensure_future(socket.receive())
        version, open_before = 0, None
        try:
            while not hung_up.done():
                if not self._is_still_here(socket, visitor):
                    await socket.close(_CLASS_ENDED)
                    return
                is_open = visitor.role is Role.OWNER or self._store().allowed.wander
                if version != self._room.shown.version or is_open is not open_before:
                    said = f'"pages_open":{json.dumps(is_open)},"paused":{json.dumps(self._room.shown.paused)}'
                    text = f'{{{said},"shown":{self._room.shown.since(version)}}}'
                    version, open_before = self._room.shown.version, is_open
                    await socket.send_text(text)
                    await asyncio.wait([hung_up], timeout=_PAUSE)
                await self._wait_for_news(hung_up, version)
        finally:
            hung_up.cancel()
        if socket.client_state is WebSocketState.CONNECTED:
            await socket.close(1008)

    async def _wait_for_news(self, hung_up: "asyncio.Future[Any]", version: int) -> None:
        """Wait for something newer than a version, or a second: what the presenter allows may have changed by then."""
        news = asyncio.ensure_future(self._room.shown.newer_than(version))
        try:
            await asyncio.wait([hung_up, news], timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()

    def _is_still_here(self, socket: WebSocket, visitor: Visitor) -> bool:
        return self._room.store is not None and self._room.visitor(socket.scope).role is visitor.role


class _RefusalError(Exception):
    """A visitor who is not let in; with the status of the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _status(fault: Exception) -> int:
    if isinstance(fault, TooLargeError):
        return 413
    return 507 if isinstance(fault, StoreError) else 409


async def _not_here(_: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 404
    return JSONResponse({"error": "There is no such page of a class."}, status)


async def _font(_: Request) -> Response:
    found = font_file()
    return Response(found, 200 if found else 404, media_type="font/woff2", headers=_FOR_EVER)


async def _to_own_page(request: Request) -> Response:
    return RedirectResponse("/classroom" if _visitor(request).role is Role.OWNER else "/class/follow", 303)


def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.scope["visitor"]
    return visitor
