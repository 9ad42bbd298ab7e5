import os
from pathlib import Path

import pytest

from core.errors import StudyError
from core.studies.home import VARIABLE, home, made, write_whole


def test_the_variable_decides_and_nothing_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "here"))
    assert home() == tmp_path / "here"
    assert not home().exists()


@pytest.mark.parametrize("value", [None, "", "  "])
def test_the_user_data_folder_is_the_default(monkeypatch, value):
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert home().is_absolute()
    assert "branchwise" in home().parts


def test_a_relative_folder_becomes_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "here")
    assert home() == Path.cwd() / "here"


def test_a_folder_inside_a_file_gets_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match=f"can't be made: .* Set {VARIABLE}"):
        made(tmp_path / "file" / "home")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_read_only_folder_gets_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StudyError, match=f"is read-only. Set {VARIABLE}"):
        made(tmp_path)


def test_a_file_is_written_whole_and_no_draft_stays(tmp_path):
    path = tmp_path / "deep" / "x.bin"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["x.bin"]


def test_a_file_that_can_not_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "x.bin").mkdir()
    with pytest.raises(StudyError, match="can't be written"):
        write_whole(tmp_path / "x.bin", b"one")
    assert [p.name for p in tmp_path.iterdir()] == ["x.bin"]
