import asyncio
import re
from http.cookies import SimpleCookie
from types import SimpleNamespace

import pytest

from app.ui import owner
from app.ui.owner import OwnerLink, acting_session, check_owner, is_owner, owner_token, serve_as
from core.errors import JobError

TOKEN = "abcDEF_-012" * 3 + "0123456789"


@pytest.fixture
def served():
    serve_as(TOKEN, 8501)
    yield
    serve_as("", 0)


def answer(query, *, path="/budget", method="GET"):
    """Return status and headers of the answer to a request."""
    got = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        got.append(message)

    scope = {"type": "http", "method": method, "scheme": "http", "path": path, "query_string": query.encode("latin-1")}
    asyncio.run(OwnerLink(app)(scope, None, send))
    return got[0]["status"], dict(got[0]["headers"])


@pytest.mark.usefixtures("served")
def test_the_link_becomes_a_cookie_and_leaves_the_address():
    status, headers = answer(f"study=x&owner={TOKEN}&budget=40")
    assert (status, headers[b"location"]) == (303, b"/budget?study=x&budget=40")
    cookie = SimpleCookie(headers[b"set-cookie"].decode())["branchwise_owner_8501"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["secure"]) == (TOKEN, True, "Lax", "")


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example"])
@pytest.mark.usefixtures("served")
def test_the_link_leads_to_no_other_host(path):
    assert answer(f"owner={TOKEN}", path=path)[1][b"location"] == b"/" + path.lstrip("/\\").encode()


@pytest.mark.parametrize("query", ["", "owner=", "owner=x", f"owner={TOKEN[:-1]}", f"owner={TOKEN}x"])
@pytest.mark.usefixtures("served")
def test_another_token_opens_nothing(query):
    assert answer(query) == (200, {})


@pytest.mark.usefixtures("served")
def test_only_pages_take_the_token():
    assert answer(f"owner={TOKEN}", method="POST") == (200, {})


def test_without_a_server_of_ours_nobody_is_the_owner_by_a_link():
    assert answer("owner=") == (200, {})


@pytest.mark.parametrize(("sent", "is_theirs"), [("", False), ("x", False), (TOKEN, True)])
@pytest.mark.usefixtures("served")
def test_who_has_the_cookie_is_the_owner(monkeypatch, sent, is_theirs):
    context = SimpleNamespace(cookies={"branchwise_owner_8501": sent})
    monkeypatch.setattr(owner.st, "context", context, raising=False)
    monkeypatch.setattr(owner, "session_id", lambda: "me")
    assert is_owner() is is_theirs
    assert acting_session() == (None if is_theirs else "me")
    if not is_theirs:
        with pytest.raises(JobError, match="Only the owner"):
            check_owner("stop the jobs host")


def test_a_folder_keeps_its_token(tmp_path):
    token = owner_token(tmp_path)
    assert len(token) == 43
    assert owner_token(tmp_path) == token
    assert (tmp_path / "owner-token").stat().st_mode & 0o777 == 0o600
    (tmp_path / "owner-token").write_text("x")
    assert owner_token(tmp_path) != token


def test_a_folder_that_nobody_made_is_not_made(tmp_path):
    assert owner_token(tmp_path / "none") != owner_token(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "path", ["/a\r\nset-cookie: x=1", "/\0", "/\x7f\x1b[2J", "/ü", "/\ud800", "/日本", "/ x", "/" + "ä" * 100_000]
)
@pytest.mark.usefixtures("served")
def test_the_answer_to_the_link_is_a_header_whatever_the_address_holds(path):
    status, headers = answer(f"owner={TOKEN}", path=path)
    assert status == 303
    assert re.fullmatch(rb"/[!-~]*", headers[b"location"])


@pytest.mark.parametrize("query", ["a=%00%0d%0a", "a=%ed%a0%80", "a=%ff", "=%0a", "a=" + "x" * 100_000, "a=\xff\x85"])
@pytest.mark.usefixtures("served")
def test_what_else_the_link_holds_stays_as_it_can_be_written(query):
    status, headers = answer(f"{query}&owner={TOKEN}")
    assert status == 303
    assert re.fullmatch(rb"/budget(\?[!-~]*)?", headers[b"location"])


@pytest.mark.parametrize(
    "query", ["owner=%ed%a0%80", "owner=%00", "owner=\xff", "&" * 100_000, "a=1&" * 5_000 + f"owner={TOKEN}"]
)
@pytest.mark.usefixtures("served")
def test_an_address_that_is_no_link_of_ours_is_passed_on(query):
    assert answer(query) == (200, {})
