"""Nobody but its owner reads a home; what is written for others stays readable."""

import os
import stat

import pytest

from core.studies import home
from core.studies.database import Database
from core.studies.home import CACHE, CHECKPOINTS, DATABASE_FILE, WEIGHTS, keep_private, made, write_whole

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder):
    """Return the modes of a folder, the folders in it, and the files in it."""
    inside = list(folder.rglob("*"))
    return (
        mode(folder),
        {mode(path) for path in inside if path.is_dir()},
        {mode(path) for path in inside if path.is_file()},
    )


def test_a_new_home_is_its_owners_alone(tmp_path, record):
    database = Database(tmp_path / "home" / DATABASE_FILE)
    database.put(record)
    with database.writing() as connection:
        connection.execute("SELECT 1")
        # Also while it is written to, with the files of SQLite beside it.
        write_whole(tmp_path / "home" / WEIGHTS / "a.safetensors", b"1")
        assert modes(tmp_path / "home") == (0o700, {0o700}, {0o600})


def test_an_earlier_home_is_closed(tmp_path, record):
    folder = tmp_path / "home"
    Database(folder / DATABASE_FILE).put(record)
    for name in (CACHE, CHECKPOINTS, WEIGHTS):
        (folder / name / "deeper").mkdir(parents=True, exist_ok=True)
        (folder / name / "deeper" / "file").touch()
    (folder / "host.log").touch()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    home._PRIVATE.clear()
    with Database(folder / DATABASE_FILE).reading():
        assert modes(folder) == (0o700, {0o700}, {0o600})


def test_only_what_is_ours_is_closed(tmp_path):
    other, outside = tmp_path / "home" / "thesis.txt", tmp_path / "outside.txt"
    (tmp_path / "home" / CACHE).mkdir(parents=True)
    for path in (other, outside, tmp_path / "home" / DATABASE_FILE):
        path.touch(mode=0o644)
    (tmp_path / "home" / CACHE / "link").symlink_to(outside)
    keep_private(tmp_path / "home")
    assert (mode(other), mode(outside)) == (0o644, 0o644)
    assert mode(tmp_path / "home" / DATABASE_FILE) == 0o600


@pytest.mark.parametrize("state", ["without a database", "of everybody"])
def test_a_folder_that_is_no_home_stays_open(tmp_path, state):
    tmp_path.chmod(0o1777 if state == "of everybody" else 0o755)
    if state == "of everybody":
        (tmp_path / DATABASE_FILE).touch()
    before = mode(tmp_path)
    keep_private(tmp_path)
    assert mode(tmp_path) == before


def test_a_read_only_home_stays_read_only(tmp_path):
    (tmp_path / DATABASE_FILE).touch(mode=0o444)
    tmp_path.chmod(0o555)
    keep_private(tmp_path)
    assert (mode(tmp_path), mode(tmp_path / DATABASE_FILE)) == (0o500, 0o400)
    tmp_path.chmod(0o700)


def test_what_is_written_for_others_is_readable(tmp_path):
    write_whole(tmp_path / "a" / "export.zip", b"1", shared=True)
    assert modes(tmp_path / "a") == (0o755, set(), {0o644})
    assert mode(made(tmp_path / "b", shared=True)) == 0o755
