import json

import pytest
from click.testing import CliRunner

from app.command.lessons import check_folder, check_names, lessons
from app.lessons.catalogue import lessons as all_lessons
from core.errors import StudyError


def test_a_folder_with_other_files_needs_force(tmp_path):
    check_folder(tmp_path, force=False)
    check_folder(tmp_path / "new", force=False)
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(StudyError, match=r"mine\.txt"):
        check_folder(tmp_path, force=False)
    check_folder(tmp_path, force=True)
    with pytest.raises(StudyError, match="too long"):
        check_folder(tmp_path / ("n" * 300), force=False)


def test_neither_a_link_nor_a_folder_is_replaced(tmp_path):
    (tmp_path / "index.html").symlink_to(tmp_path / "away.html")
    with pytest.raises(StudyError, match="regular"):
        check_names(tmp_path, {"index.html": b""})
    (tmp_path / "1.html").mkdir()
    with pytest.raises(StudyError, match="regular"):
        check_names(tmp_path, {"1.html": b""})


def test_all_lessons_are_written(tmp_path):
    done = CliRunner().invoke(lessons, [str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    names = {file["path"] for file in json.loads(done.output)["files"]}
    assert names == {path.name for path in (tmp_path / "out").iterdir()}
    assert len(names) == 1 + 2 * len(all_lessons())


def test_a_folder_that_can_not_be_written_is_said_without_the_home(tmp_path):
    (tmp_path / "file").touch()
    refused = CliRunner().invoke(lessons, [str(tmp_path / "file" / "out")])
    assert "BRANCHWISE_HOME" not in str(refused.exception)
    assert "Choose" in str(refused.exception)
    assert CliRunner().invoke(lessons, [""]).exit_code == 2
