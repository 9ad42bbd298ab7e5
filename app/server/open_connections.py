"""Answers to connections that are over, as after a request whose rest is none, are dropped."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OpenConnections:
    """Middleware that drops what can't be sent any more; a traceback in the log would say nothing else.

    Args:
        app: The application to wrap.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        from h11 import LocalProtocolError

        async def send_if_open(message: "Message") -> None:
            try:
                await send(message)
            except LocalProtocolError:
                # Somebody sent two lengths, or bytes after the end: the server has closed the connection already.
                return

        await self._app(scope, receive, send_if_open if scope["type"] == "http" else send)
