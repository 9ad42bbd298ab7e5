import subprocess
import sys
import time

import pytest

from core.jobs import launch
from core.studies.database import Database


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Give the function that puts a process of ours in the place of a host, begun so many seconds ago."""
    monkeypatch.setattr(launch, "_STARTED", [])
    made = []

    def start(seconds_ago=0.0):
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        launch._STARTED.append((tmp_path, time.monotonic() - seconds_ago, process))
        made.append(process)
        return process

    yield start
    for process in made:
        process.kill()
        process.wait()


def test_a_host_is_starting_until_it_had_time_to_take_the_lease(started, tmp_path):
    here, elsewhere = Database(tmp_path / "studies.sqlite"), Database(tmp_path / "other" / "studies.sqlite")
    assert not launch.is_starting(here)
    started()
    assert launch.is_starting(here)
    assert not launch.is_starting(elsewhere)


def test_a_host_that_ended_or_takes_too_long_is_not_starting(started, tmp_path):
    here = Database(tmp_path / "studies.sqlite")
    started(seconds_ago=3600)
    assert not launch.is_starting(here)
    process = started()
    process.kill()
    process.wait()
    assert not launch.is_starting(here)


def test_who_asks_while_a_host_starts_gets_no_second_one(started, tmp_path):
    here, first = Database(tmp_path / "studies.sqlite"), started()
    assert not launch.ensure_host(here)
    assert [process for _, _, process in launch._STARTED] == [first]
