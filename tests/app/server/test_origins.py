import asyncio

import pytest

from app.server.origins import SameOrigin

LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")


def allows(*, hosts=LOCAL, scheme="http", **headers):
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return SameOrigin(None, hosts).allows(sent, scheme)


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST:8501"])
def test_a_page_of_this_server_is_answered(host):
    assert allows(host=host, origin=f"http://{host}")
    assert allows(host=host, origin=f"http://{host.lower()}", scheme="ws")
    assert allows(host=host)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:8501",
        "http://localhost:8502",
        "http://localhost",
        "https://localhost",
        "http://127.0.0.1:8501",
        "http://localhost.evil.example:8501",
        "http://localhost:8501.evil.example",
        "http://localhost:8501@evil.example",
        "http://evil.example#localhost:8501",
        "http://0.0.0.0:8501",
        "file://",
        "null",
        "",
        "localhost:8501",
        "http://[::1:8501",
        "http://localhost:99999",
    ],
)
def test_a_page_of_another_host_or_port_is_refused(origin):
    assert not allows(host="localhost:8501", origin=origin)
    assert not allows(host="localhost:8501", origin=origin, scheme="ws")
    assert not allows(host="localhost:8501", origin=origin, hosts=())


@pytest.mark.parametrize("host", ["evil.example:8501", "localhost.evil.example", "", "[::1"])
def test_a_server_of_this_machine_has_no_other_name(host):
    assert not allows(host=host)
    assert not allows(host=host, origin=f"http://{host}")


def test_a_shared_server_has_any_name():
    assert allows(hosts=(), host="lab.example:8501", origin="http://lab.example:8501")
    assert not allows(hosts=(), host="lab.example:8501", origin="http://other.example:8501")


def test_a_proxy_may_encrypt():
    assert allows(hosts=(), host="lab.example", origin="https://lab.example")
    assert allows(hosts=(), host="lab.example:8501", origin="https://lab.example:8501")
    assert not allows(hosts=(), host="lab.example:8501", origin="https://lab.example")


@pytest.mark.parametrize("twice", ["origin", "host"])
def test_two_headers_of_one_name_are_refused(twice):
    sent = [(b"host", b"localhost:1"), (b"origin", b"http://localhost:1")]
    more = next(header for header in sent if header[0].decode() == twice)
    assert SameOrigin(None, LOCAL).allows(sent, "http")
    assert not SameOrigin(None, LOCAL).allows([*sent, more], "http")


def answer_to(kind, origin):
    """Return what is sent to a request, and whether the application saw it."""
    sent, seen = [], []

    async def app(scope, _receive, _send):
        seen.append(scope["type"])

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost:8501"), (b"origin", origin)]
    scope = {"type": kind, "scheme": "http", "method": "PUT", "path": "/_stcore/upload_file/a/b", "headers": headers}
    asyncio.run(SameOrigin(app, LOCAL)(scope, None, send))
    return sent, seen


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_refusal_never_reaches_the_application(kind):
    assert answer_to(kind, b"http://localhost:8501") == ([], [kind])
    sent, seen = answer_to(kind, b"http://localhost:9999")
    assert seen == []
    assert sent[0] == {"type": "websocket.close", "code": 1008, "reason": ""} or sent[0]["status"] == 403


def test_the_start_of_the_server_passes():
    seen = []

    async def app(scope, _receive, _send):
        seen.append(scope["type"])

    asyncio.run(SameOrigin(app, LOCAL)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
