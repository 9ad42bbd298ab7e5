"""Who is a member of the class: a random token in a cookie, given for the pass-phrase. No names."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

# As long as a class may go on.
MAX_AGE_SECONDS: Final = 24 * 3600
_TOKEN_BYTES: Final = 32
_LONGEST: Final = 100


class _Served:
    """The name of the cookie; servers of one machine on several ports keep theirs apart."""

    cookie = "branchwise_class"


def serve_on(port: int) -> None:
    """Set the port of the server in this process."""
    _Served.cookie = f"branchwise_class_{port}"


def new_token() -> str:
    """Return the secret of a new member."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def member_id(token: str) -> str:
    """Return the name of the member who holds a token; it says nothing about the person, nor the token.

    >>> member_id("a") == member_id("a"), member_id("a") == member_id("b"), len(member_id("a"))
    (True, False, 24)
    """
    return hashlib.sha256(f"branchwise class {token}".encode(errors="replace")).hexdigest()[:24]


def member_of(cookies: Mapping[str, str]) -> str:
    """Return which member sends some cookies; empty, which is nobody, where there is none of ours."""
    token = str(cookies.get(_Served.cookie, ""))
    return member_id(token) if 0 < len(token) <= _LONGEST else ""


def set_cookie(token: str, scheme: str) -> str:
    """Return the header that gives a browser its token; HttpOnly, SameSite=Lax.

    Args:
        token: Of the member.
        scheme: ``http`` or ``https``.
    """
    secure = "; Secure" if scheme == "https" else ""
    return f"{_Served.cookie}={token}; Path=/; Max-Age={MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
