import hashlib
import os
import sqlite3
import time

import pytest

from core.data.file_digests import KEPT, file_digests
from core.data_roots import VARIABLE as ROOTS
from core.errors import DataError
from core.studies.home import CACHE


def later():
    """A minute from now, when files written a moment ago have settled."""
    return time.time_ns() + 60 * 10**9


def kept(home):
    with sqlite3.connect(home / CACHE / KEPT) as connection:
        found = [digest for (digest,) in connection.execute("SELECT digest FROM digests")]
    connection.close()
    return found


def spoil(home):
    """Change every kept digest, so that an answer tells whether the file was read."""
    with sqlite3.connect(home / CACHE / KEPT) as connection:
        connection.execute("UPDATE digests SET digest = 'kept'")
    connection.close()


@pytest.fixture
def files(tmp_path):
    for number in range(600):
        (tmp_path / f"{number}.txt").write_bytes(f"content {number}".encode() * number)
    return [tmp_path / f"{number}.txt" for number in range(600)]


def test_digests_are_those_of_the_content_in_order(files):
    seen = []
    found = file_digests(files, progress=lambda done, of: seen.append((done, of)))
    assert found == [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert seen == [(256, 600), (512, 600), (600, 600)]
    assert file_digests([]) == []


def test_an_unchanged_file_is_read_once(files, own_home):
    file_digests(files, clock=later)
    spoil(own_home)
    assert set(file_digests(files, clock=later)) == {"kept"}


def test_a_file_changed_in_place_is_read_again_though_size_and_time_are_as_before(files, own_home):
    before = file_digests(files, clock=later)
    times = files[5].stat()
    content = files[5].read_bytes()
    files[5].write_bytes(content[::-1])
    os.utime(files[5], ns=(times.st_atime_ns, times.st_mtime_ns))
    spoil(own_home)
    found = file_digests(files, clock=later)
    assert found[5] == hashlib.sha256(content[::-1]).hexdigest() != before[5]
    assert found[:5] == ["kept"] * 5


def test_a_touched_file_has_the_same_digest(files):
    before = file_digests(files, clock=later)
    files[5].touch()
    assert file_digests(files, clock=later) == before


def test_a_file_written_a_moment_ago_is_not_trusted_yet(files, own_home):
    file_digests(files, clock=lambda: files[-1].stat().st_mtime_ns)
    assert kept(own_home) == []


@pytest.mark.parametrize("damage", ["folder", "garbage"])
def test_without_a_place_to_keep_them_every_file_is_read(files, own_home, damage):
    (own_home / CACHE).mkdir(parents=True)
    if damage == "folder":
        (own_home / CACHE / KEPT).mkdir()
    else:
        (own_home / CACHE / KEPT).write_bytes(b"no database " * 1000)
    for _ in range(2):
        assert file_digests(files[:3], clock=later) == [
            hashlib.sha256(path.read_bytes()).hexdigest() for path in files[:3]
        ]
    if damage == "garbage":
        assert len(kept(own_home)) == 3


def test_what_is_no_file_is_refused_without_reading_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    for name, words in (("pipe", "is no file"), ("endless", "is no file"), ("none", "There is no file")):
        with pytest.raises(DataError, match=words):
            file_digests([tmp_path / name])


def test_a_file_that_claims_to_be_huge_is_refused(tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(10**11)
    with pytest.raises(DataError, match=r"100,000,000,000 bytes; at most"):
        file_digests([tmp_path / "huge"])


def test_a_link_out_of_the_allowed_folders_is_refused(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret")
    monkeypatch.setenv(ROOTS, str(tmp_path / "in"))
    with pytest.raises(DataError, match="outside"):
        file_digests([tmp_path / "in" / "link"])
