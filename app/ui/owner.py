"""The owner of a server is who started it: a token in the link that the command prints, kept in a cookie.

Visitors see everything, submit within limits, and stop or delete only what is theirs. Where a page is shown without
our server, as in tests and under ``streamlit run``, there are no visitors.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode

import streamlit as st

from app.ui.identity import session_id
from core.errors import JobError, StudyError
from core.studies.home import write_whole

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PARAMETER: Final = "owner"
FILE: Final = "owner-token"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_AGE_SECONDS: Final = 400 * 24 * 3600
_MOST_FIELDS: Final = 1000
_HOW = "Open the link that branchwise app printed, or ask who started this server."


class _Served:
    """The token of the server that runs in this process, and the cookie that holds it; empty where there is none."""

    token = ""
    cookie = ""


def owner_token(home: Path) -> str:
    """Return the token of a folder, so that a link stays valid when the server is started again.

    Where the folder can't be written to, the token is valid as long as the server.
    """
    try:
        found = (home / FILE).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        found = ""
    if _TOKEN.fullmatch(found):
        return found
    token = secrets.token_urlsafe(32)
    if not home.is_dir():
        # Nothing is made on disk before there is something to keep.
        return token
    try:
        write_whole(home / FILE, token.encode())
        (home / FILE).chmod(0o600)
    except (StudyError, OSError):
        pass
    return token


def serve_as(token: str, port: int) -> None:
    """Set the token of the server in this process."""
    # Cookies belong to a host, whatever the port: two servers of one machine keep theirs apart.
    _Served.token, _Served.cookie = token, f"branchwise_owner_{port}"


def owner_link(address: str, token: str) -> str:
    """Return the link that makes a browser the owner's.

    >>> owner_link("http://localhost:8501", "abc")
    'http://localhost:8501/?owner=abc'
    """
    return f"{address}/?{urlencode({PARAMETER: token})}"


def is_owner() -> bool:
    """Return whether this browser is the owner's."""
    return not _Served.token or is_owner_with(st.context.cookies)


def is_owner_with(cookies: Mapping[str, str]) -> bool:
    """Return whether the browser that sends some cookies is the owner's."""
    return _same(str(cookies.get(_Served.cookie, "")))


def acting_session() -> str | None:
    """Return the session whose runs and studies this browser may change; None, for all, where it is the owner's."""
    return None if is_owner() else session_id()


def why_not_owner(what: str) -> str:
    """Return why this browser may not do what only the owner may, as a sentence; an empty text for the owner.

    Args:
        what: As in "stop the jobs host".
    """
    return "" if is_owner() else f"Only the owner of this server may {what}. {_HOW}"


def check_owner(what: str) -> None:
    """Check that the owner does what only the owner may do.

    Args:
        what: As in "stop the jobs host".

    Raises:
        JobError: A visitor does.
    """
    if reason := why_not_owner(what):
        raise JobError(reason)


class OwnerLink:
    """Middleware that puts the token of the owner's link into a cookie, and takes it out of the address.

    HttpOnly: no script of a page can read it. SameSite=Lax: other sites can't send it with a request of theirs.

    Args:
        app: The application to wrap.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        query = _query(scope)
        token = next((value for name, value in query if name == PARAMETER), "")
        if scope["type"] != "http" or scope["method"] != "GET" or not _same(token):
            await self._app(scope, receive, send)
            return
        rest = urlencode([(name, value) for name, value in query if name != PARAMETER])
        # One slash: an address that begins with two would lead to another host.
        # Quoted, since a header holds no control character and no letter beyond Latin-1.
        place = quote("/" + scope["path"].lstrip("/\\"), errors="replace") + (f"?{rest}" if rest else "")
        headers = [
            (b"location", place.encode("ascii")),
            (b"set-cookie", _cookie(scope["scheme"]).encode()),
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _query(scope: "Scope") -> list[tuple[str, str]]:
    """Return names and values of the address of a page; none where there are too many, or one is no text."""
    if scope["type"] != "http":
        return []
    try:
        return parse_qsl(
            scope.get("query_string", b"").decode("latin-1"), errors="replace", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return []


def _same(token: str) -> bool:
    return bool(_Served.token) and hmac.compare_digest(token.encode(errors="replace"), _Served.token.encode())


def _cookie(scheme: str) -> str:
    cookie: SimpleCookie = SimpleCookie({_Served.cookie: _Served.token})
    morsel = cookie[_Served.cookie]
    morsel["path"], morsel["max-age"] = "/", str(_MAX_AGE_SECONDS)
    morsel["httponly"], morsel["samesite"], morsel["secure"] = True, "Lax", scheme == "https"
    return morsel.OutputString()
