"""Whether a home can be written to, tried on folders and limits that really refuse."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import DiskError, StudyError
from core.studies.home import VARIABLE, home, write_whole
from core.studies.home_state import why_read_only

LIMITED = """
import resource, sys
from pathlib import Path
from core.studies.home_state import why_read_only
resource.setrlimit(resource.RLIMIT_FSIZE, (32_000, 32_000))
print(why_read_only(Path(sys.argv[1])))
"""


def test_a_folder_with_room_takes_files_and_keeps_none_of_the_probe(tmp_path):
    assert why_read_only(tmp_path) == ""
    assert why_read_only(tmp_path / "not" / "yet" / "made") == ""
    assert not list(tmp_path.iterdir())


def test_a_folder_that_takes_no_file_is_read_only():
    assert "is read-only" in why_read_only(Path("/proc"))
    assert f"set {VARIABLE}" in why_read_only(Path("/proc/branchwise"))


def test_a_used_up_quota_is_a_full_disk(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert "is full" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_fault_of_the_disk_is_told_from_one_of_the_path(tmp_path):
    with pytest.raises(DiskError):
        write_whole(Path("/sys/kernel/branchwise"), b"x")
    (tmp_path / "file").touch()
    with pytest.raises(StudyError) as found:
        write_whole(tmp_path / "file" / "below", b"x")
    assert not isinstance(found.value, DiskError)


@pytest.mark.parametrize("name", ["/tmp/" + "x" * 256, "~nobody_of_this_name/x", "/tmp/" + "y/" * 3000])
def test_a_name_that_no_folder_can_have_is_a_sentence(monkeypatch, name):
    monkeypatch.setenv(VARIABLE, name)
    with pytest.raises(StudyError, match=VARIABLE) as found:
        home()
    assert len(str(found.value)) < 400
