"""Requests whose head is too large are refused at once, pages and sockets alike."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# Cookies of every program on this machine come along, and a link may hold a layout of many tasks and blocks.
MOST_HEADER_BYTES: Final = 32 * 2**10
MOST_PATH_BYTES: Final = 64 * 2**10
# The library that reads sockets would give no answer to less than that.
SOCKET_LIMITS: Final = {"WEBSOCKETS_MAX_LINE_LENGTH": str(2**18), "WEBSOCKETS_MAX_NUM_HEADERS": "10000"}
_SENTENCES: Final = {
    431: "The headers of this request are too large. Delete this site's cookies.",
    414: "This address is too long. Open the page without what follows the question mark.",
}


class RequestSize:
    """Middleware that refuses what has more than ``MOST_HEADER_BYTES`` of headers, or too long an address.

    Args:
        app: The application to wrap.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request or socket."""
        status = _refusal(scope) if scope["type"] in ("http", "websocket") else 0
        if not status:
            await self._app(scope, receive, send)
            return
        from starlette.responses import PlainTextResponse

        if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await PlainTextResponse(_SENTENCES[status], status)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})


def _refusal(scope: "Scope") -> int:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if sum(len(name) + len(value) + 4 for name, value in headers) > MOST_HEADER_BYTES:
        return 431
    path: Any = scope.get("raw_path") or b""
    return 414 if len(path) + len(scope["query_string"]) > MOST_PATH_BYTES else 0
