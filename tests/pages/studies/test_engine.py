"""The engine and the disk on the Studies page, without a browser."""

from pathlib import Path

import pytest

from core.jobs.lease import Lease, current_host
from core.jobs.queue import Queue
from core.jobs.quota import disk_use
from core.jobs.submission import with_parents
from core.studies.database import Database
from core.studies.expand import expand
from tests.pages.studies.studies_page import CLEANING, ENGINE, faults, fine, has, opened, words


@pytest.mark.usefixtures("measured")
def test_the_engine_says_what_waits_and_that_nobody_works(home: Database) -> None:
    runs = with_parents(expand(home.record("small").specification))
    Queue(home).submit("small", runs)
    at = opened(ENGINE)
    assert "not running" in words(at)
    assert f"{len(runs)} runs waiting" in words(at)
    assert "**4** queued" in words(at)
    assert has(at, "host-start")


def test_the_engine_shows_a_host_and_asks_before_it_ends_one(home: Database) -> None:
    lease = Lease(home, owner="lab/4711/ab")
    lease.acquire()
    assert "starting workers" in words(opened(ENGINE))
    worker = {"name": "0", "host": "127.0.0.1", "threads": 1, "memory": 5 * 10**8, "memory_limit": 10**9, "running": 1}
    lease.renew(
        {"scheduler": "this machine", "workers": [worker], "at_work": 1, "ended_5_minutes": 3, "busy_5_minutes": 1.0}
    )
    at = opened(ENGINE)
    assert faults(at) == []
    assert "Process 4711 on lab" in words(at)
    assert {metric.label: metric.value for metric in at.metric}["Finished in 5 min"] == "3"
    fine(at.button(key="host-end").click().run())
    assert current_host(home) is None
    assert "not running" in words(at)


def test_cleaning_up_frees_what_it_says_and_leaves_the_studies(nasty: Database, tmp_path: Path) -> None:
    for folder in ("cache", "weights"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.safetensors").write_bytes(bytes(3000))
    at = opened(CLEANING)
    assert "Remove 3 kB" in [each.label for each in at.button]
    fine(at.button(key="clean-all").click().run())
    assert "Freed" in at.success[0].value
    assert not list((tmp_path / "cache").iterdir())
    assert list((tmp_path / "weights").iterdir())
    fine(at.button(key="clean-weights").click().run())
    assert not list((tmp_path / "weights").iterdir())
    assert disk_use(nasty).n_removable == 0
    assert {line.name for line in nasty.studies()} == {"nasty"}


@pytest.mark.usefixtures("nasty")
def test_a_quota_that_is_used_up_or_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANCHWISE_QUOTA", "0.000001")
    assert any("quota is used up" in each.value for each in opened(CLEANING).warning)
    monkeypatch.setenv("BRANCHWISE_QUOTA", "plenty")
    at = opened(CLEANING)
    assert len(faults(at)) == 1
    assert "BRANCHWISE" in faults(at)[0]
