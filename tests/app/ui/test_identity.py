import asyncio
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.identity import COOKIE, BrowserCookie, browser_id

OURS = "abcDEF_-" * 4


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_browser_has_one_name_that_hides_its_token(one, other):
    assert (browser_id(one) == browser_id(other)) == (one == other)
    assert len(browser_id(one)) == 16
    assert len(one) < 4 or one not in browser_id(one)


def cookie_of(*, sent="", accept="text/html,application/xml;q=0.9", status=200, method="GET", scheme="http"):
    """Return the cookie that comes with an answer, or None."""
    got = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})

    async def send(message):
        got.append(message)

    headers = [(b"accept", accept.encode()), *([(b"cookie", f"a=1; {COOKIE}={sent}".encode())] if sent else [])]
    scope = {"type": "http", "method": method, "scheme": scheme, "headers": headers}
    asyncio.run(BrowserCookie(app)(scope, None, send))
    assert got[1] == {"type": "http.response.body", "body": b"page"}
    set_cookie = dict(got[0]["headers"]).get(b"set-cookie")
    return None if set_cookie is None else SimpleCookie(set_cookie.decode())[COOKIE]


def test_every_browser_gets_a_token_of_its_own_that_no_script_and_no_other_site_can_use():
    one, other = cookie_of(), cookie_of()
    assert one.value != other.value
    assert len(one.value) == 32
    assert (one["httponly"], one["samesite"], one["path"], one["secure"]) == (True, "Lax", "/", "")
    assert cookie_of(scheme="https")["secure"]


def test_a_browser_keeps_its_token():
    assert cookie_of(sent=OURS).value == OURS
    assert cookie_of(sent=OURS, status=304).value == OURS


@pytest.mark.parametrize("made_up", ["x", OURS + "a", "é" * 32, "<script>" * 4, '"' + "a" * 30 + '"'])
def test_a_token_that_is_not_ours_is_replaced(made_up):
    assert cookie_of(sent=made_up).value != made_up


@pytest.mark.parametrize(
    "answer", [{"accept": "*/*"}, {"status": 404}, {"method": "HEAD"}, {"method": "POST"}], ids=str
)
def test_only_a_page_brings_the_cookie(answer):
    assert cookie_of(**answer) is None
