import pytest

from core.families.switching import page_cache
from core.families.switching.page_cache import drop, how_cold
from core.families.switching.report import Cold


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(range(256)) * 4096)
    return path


def test_dropping_a_file_leaves_its_content(file):
    before = file.read_bytes()
    drop([file, file])
    assert file.read_bytes() == before


def test_what_is_said_is_what_was_seen(file, monkeypatch):
    assert how_cold(file) in Cold
    monkeypatch.setattr(page_cache, "_is_cached", lambda _: True)
    assert how_cold(file) is Cold.STILL_THERE
    monkeypatch.setattr(page_cache, "_is_cached", lambda _: False)
    assert how_cold(file) is Cold.ASKED
    looks = iter([True, True, False])
    monkeypatch.setattr(page_cache, "_is_cached", lambda _: next(looks))
    assert how_cold(file) is Cold.CONFIRMED


def test_a_system_without_the_call_says_so(file, monkeypatch):
    monkeypatch.delattr(page_cache.os, "posix_fadvise")
    drop([file])
    assert how_cold(file) is Cold.UNAVAILABLE
    assert [state for state in Cold if state.is_measurable] == [Cold.CONFIRMED, Cold.ASKED]
