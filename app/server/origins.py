"""Requests from pages of other sites are refused before Streamlit sees them."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSED = 403
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class SameOrigin:
    """Middleware that refuses requests and sockets of pages from another host or port, and of other host names.

    A browser names the page's origin with every socket, every upload and every request of a script for another site;
    what is no browser names none and is let through. Streamlit would look up this machine's addresses elsewhere to
    compare them with a foreign origin, and would let in pages from every port of this machine.

    Args:
        app: The application to wrap.
        hosts: Names under which this server may be reached; any if empty. Another site's host name can be made to
            lead here.
    """

    def __init__(self, app: "ASGIApp", hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.strip("[]").lower() for host in hosts)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket") or self.allows(scope["headers"], scope["scheme"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before it is accepted: the browser gets status 403.
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            from starlette.responses import PlainTextResponse

            refusal = "This server answers only its own pages. Open it under the address that it prints."
            await PlainTextResponse(refusal, _REFUSED)(scope, receive, send)

    def allows(self, headers: Iterable[tuple[bytes, bytes]], scheme: str) -> bool:
        """Return whether a request may go on.

        Args:
            headers: Of the request.
            scheme: ``http``, ``https``, ``ws`` or ``wss``.
        """
        found = [(name.lower(), value.decode("latin-1")) for name, value in headers]
        hosts = [value for name, value in found if name == b"host"]
        origins = [value for name, value in found if name == b"origin"]
        if len(hosts) > 1 or len(origins) > 1:
            return False
        here = _place(f"{scheme}://{hosts[0]}") if hosts else None
        if self._hosts and (here is None or here[0] not in self._hosts):
            return False
        return not origins or (here is not None and _place(origins[0], here[1]) == here)


def _place(url: str, behind_proxy: int | None = None) -> tuple[str, int] | None:
    """Return host and port that a URL names, or None; a proxy that encrypts for us keeps the port out of both."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in _DEFAULT_PORTS:
        return None
    default = _DEFAULT_PORTS[parts.scheme]
    if port is None and parts.scheme == "https" and behind_proxy == _DEFAULT_PORTS["http"]:
        default = behind_proxy
    return host.lower(), port or default
