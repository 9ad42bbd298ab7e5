"""What a killed process has left is removed before room is asked for, and nothing else."""

import os
import subprocess
import sys

import pytest

from core.data import store
from core.errors import JobError
from core.studies.dataset_specification import ScenesSpecification
from core.studies.drafts import remove_abandoned


@pytest.fixture
def gone():
    """Number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def draft(folder, process, name=".folder-1.npz"):
    """Write a draft of a process that has not grown for a minute."""
    path = folder / f"{name}.{process}.0123abcd"
    path.write_bytes(b"x" * 1_000_000)
    os.utime(path, (1, 1))
    return path


def test_drafts_of_processes_that_are_gone_are_removed(tmp_path, gone):
    left, live = draft(tmp_path, gone), draft(tmp_path, os.getpid())
    other = draft(tmp_path, gone, "mine.npz")
    growing = draft(tmp_path, gone, ".folder-2.npz")
    os.utime(growing)
    remove_abandoned(tmp_path)
    assert [path.exists() for path in (left, live, other, growing)] == [False, True, True, True]
    remove_abandoned(tmp_path / "none")


def test_they_take_no_room_from_a_large_data_set(tmp_path, gone, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_MEMORY", "0.000000001")
    monkeypatch.setenv("BRANCHWISE_QUOTA", "0.0009")
    specification = ScenesSpecification(n_train=8, n_validation=4, n_test=4, size=16)
    live = draft(tmp_path, os.getpid())
    with pytest.raises(JobError, match="may be used"):
        store.load(specification, folder=tmp_path)
    live.unlink()
    draft(tmp_path, gone)
    store.load(specification, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [store.cache_name(specification)]
