"""A real server, its workers and ``branchwise run``: what they refuse, and that they connect to no other machine."""

import asyncio
import ipaddress
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.streamlit_session import Session

GUARD = Path(__file__).parents[2] / "guard"
ROOT = Path(__file__).parents[3]
PAGES = ("", "backbone", "budget", "affinity", "branching", "storage", "train", "studies")
STUDY = """
name = "tiny"
tasks = ["depth", "edges"]
[dataset]
n_train = 16
n_validation = 8
n_test = 8
size = 16
[training]
batch_size = 8
epochs = 1
[table]
seeds = [0]
"""


def guarded(log, home):
    """Return the environment of a process whose connections are written to a file."""
    path = os.pathsep.join([str(GUARD), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "GUARD_LOG": str(log), "BRANCHWISE_HOME": str(home)}


def places(log):
    """Return the names and addresses that guarded processes connected to or looked up."""
    return {line.split(" ", 1)[1] for line in log.read_text().splitlines()}


def is_here(place):
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        # A socket in the file system is of this machine; so is its own name, which is not looked up elsewhere.
        return place in ("localhost", "", "None") or place.startswith(("/", "\0", "b'"))


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
    process.communicate(timeout=30)


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


def test_no_training_connects_to_another_machine(tmp_path):
    (tmp_path / "tiny.toml").write_text(STUDY)
    subprocess.run(
        [sys.executable, "-m", "app.command", "run", str(tmp_path / "tiny.toml"), "--workers", "1"],
        env=guarded(tmp_path / "log", tmp_path / "home"),
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    found = places(tmp_path / "log")
    assert "127.0.0.1" in found
    assert {place for place in found if not is_here(place)} == set()
