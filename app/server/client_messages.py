"""Messages of a browser: those that a page sends go on, what would act on all visitors does not."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit's other messages clear the caches of everybody, run git, change settings or end the server.
ALLOWED: Final = frozenset(
    {"rerun_script", "stop_script", "file_urls_request", "app_heartbeat", "backend_operation_request"}
)
_UNSUPPORTED_DATA = 1003
# As much as Streamlit takes: the state of all controls of a page.
_MOST_BYTES: Final = 25_000_000


class ClientMessages:
    """Middleware that passes on what a page sends, and ends a socket that sends anything else.

    Args:
        app: The application to wrap.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request or socket."""

        async def receive_allowed() -> "Message":
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                kind = _kind(message.get("bytes"))
                if kind is None:
                    return {"type": "websocket.disconnect", "code": _UNSUPPORTED_DATA, "reason": ""}
                if kind in ALLOWED:
                    return message

        await self._app(scope, receive_allowed if scope["type"] == "websocket" else receive, send)


def _kind(data: bytes | None) -> str | None:
    """Return which of Streamlit's messages a frame holds, empty where it says nothing; None where it is none."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from streamlit.proto.BackMsg_pb2 import BackMsg

    if data is None or len(data) > _MOST_BYTES:
        return None
    try:
        return BackMsg.FromString(data).WhichOneof("type") or ""
    except DecodeError:
        return None
