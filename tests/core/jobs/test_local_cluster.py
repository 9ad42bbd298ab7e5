"""The cluster on this machine runs no code of anybody else."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request

import psutil
import pytest

from core.jobs import engine as engines
from core.jobs.engine import Engine, EngineSettings

INTRUDER = """
import logging, sys
from pathlib import Path
from distributed import Client, Security
logging.disable(logging.CRITICAL)
address, file = sys.argv[1:]
own = Security.temporary()
for way in (address, address.replace("tls://", "tcp://")):
    for security in (None, own):
        try:
            Client(way, security=security, timeout=2).run_on_scheduler(Path(file).write_text, "in")
        except Exception as fault:
            print(type(fault).__name__)
"""


@pytest.fixture(scope="module")
def engine():
    started = Engine(EngineSettings(workers=1, memory=10**9, processes=False))
    yield started
    started.close()


def ports(address: str) -> set[int]:
    """Return the ports that the process of a scheduler listens on."""
    ours = {c.laddr.port: c.laddr.ip for c in psutil.Process().net_connections("inet") if c.status == "LISTEN"}
    assert int(address.rsplit(":", 1)[1]) in ours
    assert set(ours.values()) == {"127.0.0.1"}
    return set(ours)


def test_another_process_runs_no_code_in_it(engine, tmp_path):
    address = engine._client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    tried = subprocess.run(
        [sys.executable, "-c", INTRUDER, address, str(tmp_path / "in")], capture_output=True, text=True, check=True
    )
    assert len(tried.stdout.split()) == 4, tried
    assert not (tmp_path / "in").exists()


def test_who_holds_its_certificate_runs_code_in_it(engine, tmp_path):
    engine._client.run_on_scheduler((tmp_path / "in").write_text, "in")
    assert (tmp_path / "in").read_text() == "in"


@pytest.mark.parametrize(
    "path", ["/", "/status", "/health", "/metrics", "/json/counts.json", "/info/main/workers.html"]
)
def test_its_ports_show_no_page(engine, path):
    for port in ports(engine._client.scheduler.address):
        with pytest.raises((OSError, urllib.error.HTTPError)) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5)
        if isinstance(refused.value, urllib.error.HTTPError):
            with refused.value as answer:
                assert answer.code == 404


def test_workers_that_are_slow_to_end_are_no_fault_of_a_host_that_ends(monkeypatch):
    monkeypatch.setattr(engines, "CLOSES_WITHIN", 0.1)
    busy, ready = Engine(EngineSettings(workers=1, memory=10**9, processes=False)), threading.Event()
    loop = busy._cluster.loop
    loop.add_callback(ready.wait, 60)
    busy.close()
    ready.set()
    ended = threading.Event()
    loop.add_callback(ended.set)
    assert ended.wait(60)
