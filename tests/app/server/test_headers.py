import asyncio

from app.server.headers import HEADERS, SafeHeaders


def headers_of(given):
    got = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": b"page"})

    async def send(message):
        got.append(message)

    asyncio.run(SafeHeaders(app)({"type": "http", "headers": []}, None, send))
    assert got[1] == {"type": "http.response.body", "body": b"page"}
    return got[0]["headers"]


def test_every_answer_has_them_once():
    found = headers_of([(b"X-Frame-Options", b"ALLOWALL"), (b"etag", b"1")])
    assert [value for name, value in found if name.lower() == b"x-frame-options"] == [b"SAMEORIGIN"]
    assert (b"etag", b"1") in found
    assert {name for name, _ in found} == {*HEADERS, b"etag"}


def test_no_other_site_frames_a_page_and_nothing_comes_from_elsewhere():
    policy = dict(
        part.strip().split(" ", 1) for part in dict(headers_of([]))[b"content-security-policy"].decode().split(";")
    )
    assert policy["frame-ancestors"] == "'self'"
    assert "http" not in policy["default-src"]
    assert "*" not in policy["default-src"]
