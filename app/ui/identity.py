"""The identity of a browser on a shared server: a random token in a cookie."""

import hashlib
import ipaddress
import re
import secrets
from typing import TYPE_CHECKING, Final

import streamlit as st

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "branchwise_browser"
_TOKEN_BYTES = 24
# The smallest network that providers give away.
_NETWORK_BITS: Final = 64
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
# A cached page sets the cookie, too.
_SHOWN = (200, 304)
# As long as browsers keep a cookie at most; every visit of the page renews it.
_MAX_AGE_SECONDS = 400 * 24 * 3600


def session_id() -> str:
    """Return a stable name of this browser that does not reveal its cookie.

    Without the cookie, under ``streamlit run`` or where a browser refuses it, the name is valid as long as the tab.
    """
    if "session_id" not in st.session_state:
        st.session_state["session_id"] = browser_id(_valid(str(st.context.cookies.get(COOKIE, ""))) or _new_token())
    name: str = st.session_state["session_id"]
    return name


def network_address() -> str:
    """Return where this browser is, as limits count: its network address, or ``here`` for this machine."""
    return counted_address(str(st.context.ip_address or "here"))


def counted_address(address: str) -> str:
    """Return what limits per address count: of IPv6 the network, within which one machine has as many as it likes.

    >>> counted_address("192.168.1.4"), counted_address("2001:db8:1:2:a:b:c:d"), counted_address("::ffff:10.0.0.1")
    ('192.168.1.4', '2001:db8:1:2::/64', '10.0.0.1')
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _NETWORK_BITS), strict=False))


def browser_id(token: str) -> str:
    """Return the name of the browser that holds a token; the token cannot be derived from it.

    The name is stored with runs in the database; reading it does not allow acting as that browser.

    >>> browser_id("a") == browser_id("a"), browser_id("a") == browser_id("b"), len(browser_id("a"))
    (True, False, 16)
    """
    return hashlib.sha256(f"branchwise browser {token}".encode()).hexdigest()[:16]


class BrowserCookie:
    """Middleware that gives every browser a random token with the page; the socket sends it back.

    HttpOnly: no script of a page can read it. SameSite=Lax: other sites can't send it with a request of theirs.

    Args:
        app: The application to wrap.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _asks_for_a_page(scope):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: "Message") -> None:
            if message["type"] == "http.response.start" and message["status"] in _SHOWN:
                token = _sent_token(scope) or _new_token()
                message["headers"] = [*message["headers"], (b"set-cookie", _cookie(token, scope["scheme"]).encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _asks_for_a_page(scope: "Scope") -> bool:
    accepted: bytes = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] == "GET" and b"text/html" in accepted


def _sent_token(scope: "Scope") -> str:
    from starlette.requests import HTTPConnection

    return _valid(HTTPConnection(scope).cookies.get(COOKIE, ""))


def _cookie(token: str, scheme: str) -> str:
    secure = "; Secure" if scheme == "https" else ""
    return f"{COOKIE}={token}; Path=/; Max-Age={_MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax{secure}"


def _new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _valid(token: str) -> str:
    """Return the token if its form is valid, else an empty text: an invalid token is replaced."""
    return token if _TOKEN.fullmatch(token) else ""
