"""Who is no member of the class reaches the join page and nothing else; members reach what the presenter allows."""

from typing import TYPE_CHECKING, Final

from app.classroom.room import Role, Room, Visitor
from app.classroom.store import ENDED, ClassError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "/class"
_UPLOADS: Final = "/_stcore/upload_file"
_POLICY_VIOLATION: Final = 1008


class ClassGate:
    """Middleware that answers what belongs to the class, and lets pass what a visitor may reach.

    Args:
        app: The application to wrap.
        room: Of the class.
        routes: What answers below ``/class``.
    """

    def __init__(self, app: "ASGIApp", room: Room, routes: "ASGIApp") -> None:
        self._app = app
        self._room = room
        self._routes = routes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            visitor = self._room.visitor(scope)
        except ClassError as fault:
            await _refuse(scope, receive, send, 503, str(fault))
            return
        if visitor.role is Role.STRANGER and not self._room.knocks.take(visitor.address):
            await _refuse(scope, receive, send, 429, "Too many requests came from your address. Wait a minute.")
        elif scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/"):
            await self._routes({**scope, "visitor": visitor}, receive, send)
        elif visitor.role is Role.OWNER:
            await self._app(scope, receive, send)
        elif refusal := self._refusal(scope, visitor):
            await _turn_away(scope, receive, send, visitor, refusal)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send, visitor)
        else:
            await self._app(scope, receive, send)

    async def _connect(self, scope: "Scope", receive: "Receive", send: "Send", visitor: Visitor) -> None:
        """Let a member's page talk to its server, until that is no longer allowed."""

        async def receive_while_allowed() -> "Message":
            message = await receive()
            if message["type"] == "websocket.receive" and self._refusal(scope, self._room.visitor(scope)):
                return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION, "reason": ""}
            return message

        try:
            with self._room.connected(visitor):
                await self._app(scope, receive_while_allowed, send)
        except ClassError as fault:
            await _refuse(scope, receive, send, 429, str(fault))

    def _refusal(self, scope: "Scope", visitor: Visitor) -> str:
        store = self._room.store
        if store is None:
            return ENDED
        if visitor.role is Role.STRANGER:
            return "Only members of the class reach this. Open /class/join and give the pass-phrase."
        if not store.allowed.wander:
            return "The presenter of this class does not let members open pages. Follow at /class/follow."
        if scope["path"].startswith(_UPLOADS) and not store.allowed.uploads:
            return "The presenter of this class does not allow uploads."
        return ""


async def _turn_away(scope: "Scope", receive: "Receive", send: "Send", visitor: Visitor, refusal: str) -> None:
    """Lead a browser that opens a page to the one it may see; refuse everything else."""
    from starlette.responses import RedirectResponse

    accepted: bytes = dict(scope["headers"]).get(b"accept", b"")
    if scope["type"] == "http" and scope["method"] == "GET" and b"text/html" in accepted:
        place = "follow" if visitor.role is Role.MEMBER else "join"
        await RedirectResponse(f"{PREFIX}/{place}", 303, {"cache-control": "no-store"})(scope, receive, send)
    else:
        await _refuse(scope, receive, send, 403, refusal)


async def _refuse(scope: "Scope", receive: "Receive", send: "Send", status: int, sentence: str) -> None:
    from starlette.responses import PlainTextResponse

    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await PlainTextResponse(sentence, status)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
