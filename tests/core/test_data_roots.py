import os

import pytest

from core.data_roots import VARIABLE, allowed
from core.errors import DataError


@pytest.fixture
def roots(tmp_path, monkeypatch):
    for name in ("one", "two", "one-more", "secret"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(tmp_path / "one"), str(tmp_path / "two"), " "]))
    return tmp_path


@pytest.mark.parametrize("path", ["one", "one/deep/er", "two", "one/../two/x", "secret/../one"])
def test_what_leads_into_a_root_is_allowed(roots, path):
    assert allowed(roots / path) == (roots / path).resolve()


@pytest.mark.parametrize("path", [".", "one-more", "one/..", "one/../secret", "secret", "/", "/etc/passwd", "~"])
def test_what_leads_out_is_refused(roots, path):
    with pytest.raises(DataError, match=r"outside the folders that data may be read from here \(.*one, .*two\)"):
        allowed(path if path in ("/", "/etc/passwd", "~") else roots / path)


@pytest.mark.parametrize("value", [":", " : : ", "~nobody_of_this_name/x"])
def test_a_setting_that_names_no_folder_allows_none(monkeypatch, tmp_path, value):
    monkeypatch.setenv(VARIABLE, value.replace(":", os.pathsep))
    with pytest.raises(DataError, match=VARIABLE):
        allowed(tmp_path)


def test_a_link_is_followed_before_it_is_judged(roots):
    (roots / "one" / "link").symlink_to(roots / "secret")
    (roots / "secret" / "back").symlink_to(roots / "one")
    with pytest.raises(DataError, match="outside"):
        allowed(roots / "one" / "link")
    assert allowed(roots / "secret" / "back") == roots / "one"


def test_without_roots_everything_is_allowed(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, "")
    assert allowed(tmp_path / "x" / "..") == tmp_path
    monkeypatch.delenv(VARIABLE)
    assert allowed("/etc") == allowed("/etc/../etc")


@pytest.mark.parametrize("path", ["a\0b", "~nobody-of-that-name/x"])
def test_a_path_that_leads_nowhere_gets_a_sentence(path):
    with pytest.raises(DataError, match="leads nowhere") as caught:
        allowed(path)
    assert "\0" not in str(caught.value)
