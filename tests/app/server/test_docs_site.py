import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from app.server import docs_site
from app.server.docs_site import DocsSite, docs_link


@pytest.fixture
def site(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "numbers.html").write_text("what each number means")
    (tmp_path / "secret.txt").write_text("not for visitors")
    monkeypatch.setattr(docs_site, "SITE", folder)
    return folder


@pytest.fixture
def browser():
    return TestClient(DocsSite(PlainTextResponse("a page of the dashboard")))


@pytest.mark.usefixtures("site")
def test_pages_of_the_docs_are_served_and_nothing_beside_them(browser):
    assert browser.get("/docs/numbers.html").text == "what each number means"
    assert browser.get(docs_link("numbers.html")).status_code == 200
    assert browser.get("/budget").text == "a page of the dashboard"
    for place in ("/docs/../secret.txt", "/docs/%2e%2e/secret.txt", "/docs/nothing.html", "/docs//etc/passwd"):
        assert "not for visitors" not in browser.get(place).text
    assert browser.get("/docs/%2e%2e/secret.txt").status_code == 404
    assert not docs_link("nothing.html")


def test_without_a_site_there_is_no_link(tmp_path, monkeypatch, browser):
    monkeypatch.setattr(docs_site, "SITE", tmp_path / "not built")
    assert not docs_link("numbers.html")
    assert browser.get("/docs/numbers.html").text == "a page of the dashboard"
