"""Training for real: a host, two workers, and a study of a few pictures."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError, expect

from core.families.layouts.request import TableRequest
from core.jobs.jobs_reader import JobsReader
from core.jobs.lease import current_host
from core.jobs.prepare import prepare
from core.jobs.states import JobState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.specification import ScenesSpecification, StudySpecification, TrainingSettings

PICTURES = {"n_train": 64, "n_validation": 16, "n_test": 16, "size": 16}
# Normals this little trained have figures at zero, against which no Δ can be said.
TASKS = ("depth", "edges")
# The toolbar of the chart is called after it.
CURVE = re.compile("^Show data: Training loss over")


def study(name: str, epochs: int) -> StudySpecification:
    return StudySpecification(
        name=name,
        title=name,
        dataset=ScenesSpecification(**PICTURES),
        tasks=TASKS,
        training=TrainingSettings(batch_size=8, epochs=epochs),
        table=TableRequest(seeds=(0,)),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    for name, epochs in (("quick", 20), ("endless", 900)):
        prepare(study(name, epochs), Database(folder / DATABASE_FILE))
    return folder


@pytest.fixture(scope="module")
def own_server(home):
    """Give the address of a server with an own home; its host is ended by the process number it says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = "from app.command.entry import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "app", "--headless", "--port", str(port)],
        env={**os.environ, "BRANCHWISE_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert any(str(port) in line for line in process.stdout)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.communicate(timeout=30)
    host = current_host(Database(home / DATABASE_FILE))
    if host is not None and host.alive:
        os.kill(int(host.owner.split("/")[1]), signal.SIGTERM)


@pytest.fixture
def trainer(visit, own_server):
    """Give a fresh tab that visits this server."""
    visit.server = own_server
    return visit


def ask(trainer, name: str, *, keep: bool = False):
    page = trainer.open("train", study=name, what="Single tasks")
    if keep:
        page.get_by_text("Keep trained weights").click()
        expect(page.get_by_role("switch", name="Keep trained weights")).to_be_checked()
    page.get_by_role("button", name="Train 2 runs").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    return page


def choose(page, title: str) -> None:
    """Choose a run; where the page is drawn anew at that moment, which closes the list, open it again."""
    chip = page.get_by_role("button", name=f"Remove {title}")
    for _ in range(6):
        page.get_by_label("Chosen runs").click()
        try:
            page.get_by_role("option", name=title).last.click(timeout=10_000)
            chip.wait_for(timeout=10_000)
        except TimeoutError:
            page.keyboard.press("Escape")
        else:
            break
    expect(chip).to_be_visible()
    page.keyboard.press("Escape")


def test_a_study_is_asked_for_trained_and_shown(trainer, home):
    page = ask(trainer, "quick", keep=True)
    expect(page.get_by_text(re.compile("of 2 finished")).first).to_be_visible()
    expect(page.get_by_text("Ready and waiting")).to_be_visible()
    expect(page.get_by_text("2 done.")).to_be_visible()
    choose(page, "depth alone · seed 0")
    expect(page.get_by_role("button", name=CURVE)).to_have_count(1)
    expect(page.get_by_text("Its weights are kept.")).to_be_visible()
    database = Database(home / DATABASE_FILE)
    assert JobsReader(database).counts()[JobState.DONE] == 2
    assert len(list((home / "weights").glob("*.safetensors"))) == 2


def test_a_run_is_cancelled_while_it_trains_and_a_reload_loses_nothing(trainer, home):
    page = ask(trainer, "endless")
    expect(page.get_by_text(re.compile("of 2 finished")).first).to_be_visible()
    choose(page, "edges alone · seed 0")
    expect(page.get_by_role("button", name=CURVE)).to_have_count(1)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text(re.compile(r"1 cancelled\."))).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile("1 running"))).to_be_visible()
    page.get_by_role("button", name="Cancel all").click()
    page.get_by_role("button", name="Yes, cancel all").click()
    expect(page.get_by_text(re.compile(r"2 cancelled\."))).to_be_visible()
    states = {line.state for line in JobsReader(Database(home / DATABASE_FILE)).lines(study="endless")}
    assert states == {JobState.CANCELLED}
