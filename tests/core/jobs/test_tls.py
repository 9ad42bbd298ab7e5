"""A scheduler and workers in processes of their own, over TLS on this machine."""

import os
import socket
import subprocess
import sys

import pytest
import trustme

from core.errors import JobError
from core.jobs.engine import Engine, EngineSettings
from core.jobs.headless import run_study
from core.jobs.instructions import pinned_instructions
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import JobState


@pytest.fixture
def certificates(tmp_path):
    authority = trustme.CA()
    pair = authority.issue_cert("127.0.0.1", "localhost")
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    pair.cert_chain_pems[0].write_to_path(files["certificate"])
    pair.private_key_pem.write_to_path(files["key"])
    return {name: str(path) for name, path in files.items()}


@pytest.fixture
def cluster(certificates, home):
    """Give the address of a scheduler, and what starts a worker that shares this test's home."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tls://127.0.0.1:{port}"
    tls = [
        f"--tls-ca-file={certificates['ca']}",
        f"--tls-cert={certificates['certificate']}",
        f"--tls-key={certificates['key']}",
    ]
    environment = {**os.environ, "BRANCHWISE_HOME": str(home)}

    started = []

    def start(module, *arguments, **variables):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, *tls, "--no-dashboard"]
        env, none = environment | variables, subprocess.DEVNULL
        started.append(subprocess.Popen(command, env=env, stdout=none, stderr=none))

    def work(name, **variables):
        start("dask_worker", address, "--nthreads=1", "--no-nanny", f"--name={name}", **variables)

    start("dask_scheduler", "--protocol=tls", "--host=127.0.0.1", f"--port={port}")
    yield address, work
    for process in reversed(started):
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(cluster):
    """Give the address of a scheduler with a worker."""
    address, work = cluster
    work("w0")
    return address


@pytest.mark.slow
@pytest.mark.skipif(not pinned_instructions(), reason="this processor can't be held to AVX2")
def test_a_worker_with_other_instructions_leaves_its_runs_to_another(stored, cluster, certificates, monkeypatch):
    address, work = cluster
    settings = EngineSettings(scheduler=address, **certificates)
    work("odd", ATEN_CPU_CAPABILITY="default")
    monkeypatch.setattr("core.jobs.headless.ROOM_PATIENCE", 0.5)
    with pytest.raises(JobError, match="Worker odd computes with DEFAULT"):
        run_study("tiny", stored, settings)
    monkeypatch.setattr("core.jobs.headless.ROOM_PATIENCE", 60)
    lines = JobsReader(stored).lines(states=[JobState.INTERRUPTED])
    assert lines
    assert all("waits for another worker" in line.sentence for line in lines)
    assert stored.results("tiny") == {}
    work("even")
    summary = run_study("tiny", stored, settings)
    assert (summary.n_done, summary.n_failed) == (10, 0)
    assert all(result.environment.instructions.startswith("AVX2") for result in stored.results("tiny").values())


def test_a_study_is_trained_on_a_cluster_over_tls(stored, scheduler, certificates):
    settings = EngineSettings(scheduler=scheduler, **certificates)
    summary = run_study("tiny", stored, settings, keep_weights=True)
    assert (summary.n_done, summary.n_failed) == (10, 0)
    assert summary.similarity
    # This machine's disk is the workers' disk, so the weights are here.
    assert all(
        line.has_weights for line in JobsReader(stored).lines(states=[JobState.DONE]) if line.label.kind != "similarity"
    )
    # Held to what the study requests before torch was loaded, though this host did not start them.
    assert (
        all(result.environment.instructions.startswith("AVX2") for result in stored.results("tiny").values())
        or not pinned_instructions()
    )
    engine = Engine(settings)
    try:
        names = {worker["name"] for worker in engine.report()["workers"]}
    finally:
        engine.close()
    assert names == {"w0"}


def test_certificates_are_asked_for():
    with pytest.raises(JobError, match="--tls-ca FILE"):
        Engine(EngineSettings(scheduler="tls://127.0.0.1:1"))


def test_a_scheduler_that_is_not_there_is_one_sentence():
    with pytest.raises(JobError, match="can't be reached"):
        Engine(EngineSettings(scheduler="tcp://127.0.0.1:1", patience=0.5))


@pytest.mark.parametrize("address", ["tcp://10.1.2.3:8786", "tcp://cluster.example:8786"])
def test_plain_tcp_to_another_machine_is_refused(address):
    with pytest.raises(JobError, match="over plain tcp"):
        EngineSettings(scheduler=address)
    assert EngineSettings(scheduler=address, insecure=True).scheduler == address


@pytest.mark.parametrize("address", ["cluster", "http://127.0.0.1:8786", "tls://"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(JobError, match="is no scheduler address"):
        EngineSettings(scheduler=address)


@pytest.mark.parametrize("option", ["ca", "certificate", "key"])
def test_a_certificate_that_is_not_there_is_named(option, certificates):
    with pytest.raises(JobError, match=f"/none, which --tls-{option} names"):
        EngineSettings(scheduler="tls://127.0.0.1:1", **{**certificates, option: "/none"})
