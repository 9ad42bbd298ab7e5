"""A real server: what it refuses, and that it connects to no other machine."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from benchmarks.streamlit_session import Session
from tests.connections import ROOT, guarded, is_here, places

PAGES = ("", "backbone", "budget", "affinity", "branching", "storage", "paths", "virtual", "train", "studies")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a guarded server; give its port and the file with its connections."""
    folder = tmp_path_factory.mktemp("guarded")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.command", "app", "--headless", "--port", str(port)],
        env=guarded(folder / "log", folder / "home") | {"PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert any(str(port) in line for line in process.stdout)
    yield port, folder / "log"
    process.terminate()
    # Whatever was sent to it, there is nothing to mend in it.
    assert "Traceback" not in process.communicate(timeout=30)[0]


def socket_status(port, origin, *, name="localhost"):
    """Return the status of a socket that a page of some origin opens; 101 where it is open."""
    try:
        with connect(f"ws://{name}:{port}/_stcore/stream", origin=origin, open_timeout=5):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_the_guard_notes_what_a_process_connects_to(tmp_path):
    program = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9))"
    again = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
    subprocess.run([sys.executable, "-c", again], env=guarded(tmp_path / "log", tmp_path), check=True)
    assert places(tmp_path / "log") == {"192.0.2.1"}
    assert not is_here("192.0.2.1")


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:9", "http://evil.example:{port}", "null"])
def test_a_socket_of_another_page_is_refused_without_a_look_up(server, origin):
    port, log = server
    origin = origin.format(port=port)
    before = len(log.read_text())
    assert socket_status(port, origin) == 403
    assert "evil" not in log.read_text()[before:]
    assert all(map(is_here, places(log)))
    assert socket_status(port, f"http://localhost:{port}") == 101


def test_an_upload_of_another_page_is_refused(server):
    url = f"http://localhost:{server[0]}/_stcore/upload_file/a/b"
    request = urllib.request.Request(url, b"x", {"Origin": "http://localhost:9"}, method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as answer:
        assert answer.code == 403
        assert b"only its own pages" in answer.read()


@pytest.mark.parametrize("path", ["", "budget", "_stcore/health", "static/none.js", "media/none"])
def test_no_answer_may_be_framed_elsewhere(server, path):
    try:
        with urllib.request.urlopen(f"http://localhost:{server[0]}/{path}") as answer:
            headers = answer.headers
    except urllib.error.HTTPError as fault:
        with fault:
            headers = fault.headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"


def test_no_page_connects_to_another_machine(server):
    port, log = server

    async def visit(page):
        session = await Session.open(f"http://127.0.0.1:{port}", page)
        try:
            await session.run()
        finally:
            await session.close()

    for page in PAGES:
        asyncio.run(visit(page))
    assert {place for place in places(log) if not is_here(place)} == set()


BIG = b"x" * 60_000
# Headers, cookies, addresses and bodies as no browser sends them.
REQUESTS = {
    "NUL in a path": (b"GET /%00 HTTP/1.1", b""),
    "half a character in a path": (b"GET /%ed%a0%80?study=%ed%a0%80&budget=%00%0a HTTP/1.1", b""),
    "bytes in a path": (b"GET /\xe9\0 HTTP/1.1", b""),
    "a long address": (b"GET /?study=" + BIG + b" HTTP/1.1", b""),
    "many parameters": (b"GET /?" + b"a=1&" * 15_000 + b" HTTP/1.1", b""),
    "bytes in headers": (b"GET / HTTP/1.1", b"X: \xff\xfe\r\nAccept-Language: \xff;q=9\r\nX-Forwarded-For: \xff\r\n"),
    "bytes in cookies": (b"GET / HTTP/1.1", b'Accept: text/html\r\nCookie: branchwise_browser="\xff\\012"; a=\x80\r\n'),
    "long cookies": (b"GET / HTTP/1.1", b"Accept: text/html\r\nCookie: a=" + BIG + b"\r\n"),
    "many headers": (b"GET / HTTP/1.1", b"".join(b"X%d: y\r\n" % n for n in range(4000))),
    "a long header": (b"GET / HTTP/1.1", b"X: " + BIG + b"\r\n"),
    "an origin that is none": (b"GET / HTTP/1.1", b"Origin: http://[\r\n"),
    "a port that is none": (b"GET / HTTP/1.1", b"Origin: http://a:99999999\r\n"),
    "a length below zero": (b"POST / HTTP/1.1", b"Content-Length: -5\r\n"),
    "two lengths": (b"POST / HTTP/1.1", b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n"),
    "chunks that are none": (b"POST / HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n"),
    "an owner's link that is none": (b"GET /%0d%0aX:y?owner=%ed%a0%80&a=%00 HTTP/1.1", b""),
    "another version of sockets": (
        b"GET /_stcore/stream HTTP/1.1",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\n",
    ),
    "an encrypted greeting": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b""),
}


def is_healthy(port):
    with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=10) as answer:
        return answer.status == 200


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_of_no_browser_is_answered_or_refused(server, name):
    line, headers = REQUESTS[name]
    with socket.create_connection(("127.0.0.1", server[0]), timeout=20) as raw:
        raw.sendall(line + b"\r\nHost: localhost:%d\r\n" % server[0] + headers + b"\r\n")
        status = raw.recv(100).split(b"\r\n")[0]
    assert not status.startswith(b"HTTP/1.1 5"), status
    assert is_healthy(server[0])


def send_and_listen(port, data):
    url = f"ws://localhost:{port}/_stcore/stream"
    with connect(url, subprotocols=["streamlit"], open_timeout=10) as session:
        session.send(data)
        session.recv(timeout=30)


@pytest.mark.parametrize("data", ["text", b"\xff" * 50, bytes(64_000_000)], ids=["text", "noise", "64 MB"])
def test_a_socket_that_sends_no_message_is_closed(server, data):
    with pytest.raises(ConnectionClosed):
        send_and_listen(server[0], data)
    assert is_healthy(server[0])


def test_a_thousand_that_say_nothing_hinder_nobody(server):
    with contextlib.ExitStack() as open_until_then:
        for said in (b"", b"GET / HTTP/1.1\r\nX: "):
            for _ in range(500):
                idle = open_until_then.enter_context(socket.create_connection(("127.0.0.1", server[0]), timeout=20))
                idle.sendall(said)
        assert is_healthy(server[0])


SOCKET = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
]


def first_line(port, *headers, path="/_stcore/stream", body="", method="GET"):
    """Return the status of the answer to a request; nothing where the connection is closed without one."""
    head = "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: localhost:{port}", *headers, "", body])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(200)
    return answer.split(b" ")[1].decode() if answer else ""


@pytest.mark.parametrize(
    ("headers", "more", "status"),
    [
        ([], {}, "101"),
        (["Cookie: a=" + "x" * 20_000], {}, "101"),
        (["Cookie: a=" + "x" * 60_000], {}, "431"),
        ([f"X-{n}: 1" for n in range(200)], {}, "101"),
        ([f"X-{n}: {'1' * 100}" for n in range(500)], {}, "431"),
        ([], {"path": "/_stcore/stream?a=" + "x" * 20_000}, "101"),
        ([], {"path": "/_stcore/stream?a=" + "x" * 70_000}, "414"),
        ([], {"path": "/_stcore/stream?a=" + "x" * 1_000_000}, "400"),
        (["Content-Length: 5"], {"body": "hello"}, "400"),
        ([], {"method": "POST"}, "405"),
    ],
)
def test_a_socket_is_answered_at_once_whatever_comes_before_it(server, headers, more, status):
    port, _ = server
    origin = f"Origin: http://localhost:{port}"
    assert first_line(port, *SOCKET, origin, *headers, **more) == status


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ([], "/", "200"),
        (["Cookie: a=" + "x" * 20_000], "/", "200"),
        (["Cookie: a=" + "x" * 60_000], "/", "431"),
        ([], "/?a=" + "x" * 20_000, "200"),
        ([], "/?a=" + "x" * 70_000, "414"),
        ([], "/" + "x" * 1_000_000, "400"),
    ],
)
def test_a_page_with_too_large_a_head_is_refused_at_once(server, headers, path, status):
    assert first_line(server[0], *headers, path=path) == status
