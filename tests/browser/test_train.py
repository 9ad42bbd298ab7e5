"""Training for real: a host, two workers, and a study of a few pictures."""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.families.layouts.request import TableRequest
from core.jobs.jobs_reader import JobsReader
from core.jobs.lease import current_host
from core.jobs.prepare import prepare
from core.jobs.states import JobState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.specification import ScenesSpecification, StudySpecification, TrainingSettings

QUICK = {"n_train": 64, "epochs": 20, "batch_size": 8}
# Two million steps, of which no machine makes more than some thousands a second: it ends when it is told to.
ENDLESS = {"n_train": 4000, "epochs": 1000, "batch_size": 2}
# Normals this little trained have figures at zero, against which no Δ can be said.
TASKS = ("depth", "edges")
# The toolbar of the chart is called after it.
STEP = re.compile(r"step [\d\s]+ of")
# Runs of an earlier test that are still at work are counted, too.
FINISHED = re.compile(r"of \d finished")
CURVE = re.compile("^Show data: Training loss over")


def study(name: str, *, n_train: int, epochs: int, batch_size: int) -> StudySpecification:
    return StudySpecification(
        name=name,
        title=name,
        dataset=ScenesSpecification(n_train=n_train, n_validation=16, n_test=16, size=16),
        tasks=TASKS,
        training=TrainingSettings(batch_size=batch_size, epochs=epochs),
        table=TableRequest(seeds=(0,)),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    for name, settings in (("quick", QUICK), ("endless", ENDLESS)):
        prepare(study(name, **settings), Database(folder / DATABASE_FILE))
    return folder


@pytest.fixture(scope="module")
def own_server(home, serve):
    """Give the address of a server with an own home; its host is ended by the process number it says."""
    with serve(home) as address:
        yield address
    host = current_host(Database(home / DATABASE_FILE))
    if host is not None and host.alive:
        os.kill(int(host.owner.split("/")[1]), signal.SIGTERM)


@pytest.fixture
def trainer(visit, own_server):
    """Give a fresh tab that visits this server."""
    visit.server = own_server
    return visit


def submit(trainer, name: str, *, keep: bool = False):
    page = trainer.open("train", study=name, what="Single tasks")
    if keep:
        page.get_by_text("Save trained weights").click()
        expect(page.get_by_role("switch", name="Save trained weights")).to_be_checked()
    page.get_by_role("button", name="Train 2 runs").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    return page


def box(page, run: str, study: str = "endless"):
    return page.get_by_role("checkbox", name=f"{run}, {study}")


def chip(page, run: str):
    return page.get_by_role("button", name=f"Remove {run}")


def next_refresh(page, run: str) -> None:
    """Wait until live data have changed the row of a run at work."""
    row = page.get_by_role("row").filter(has=box(page, run))
    expect(row).to_contain_text(STEP)
    before = STEP.search(row.inner_text())[0]
    expect(row).not_to_contain_text(before)


def test_a_study_is_submitted_trained_and_shown(trainer, home):
    page = submit(trainer, "quick", keep=True)
    expect(page.get_by_text(FINISHED).first).to_be_visible()
    expect(page.get_by_text("Idle")).to_be_visible()
    expect(page.get_by_text("2 done.")).to_be_visible()
    box(page, "depth, single-task network · seed 0", "quick").check()
    expect(page.get_by_role("button", name=CURVE)).to_have_count(1)
    expect(page.get_by_text("Weights are saved.")).to_be_visible()
    database = Database(home / DATABASE_FILE)
    assert JobsReader(database).counts()[JobState.DONE] == 2
    assert len(list((home / "weights").glob("*.safetensors"))) == 2


def test_runs_are_chosen_and_cancelled_while_they_train_and_a_reload_loses_nothing(trainer, home):
    reader = JobsReader(Database(home / DATABASE_FILE))
    page = submit(trainer, "endless")
    expect(page.get_by_text(FINISHED).first).to_be_visible()
    # By keyboard; live data neither take the focus nor the choice, and type nothing over.
    mine = box(page, "edges, single-task network · seed 0")
    next_refresh(page, "edges, single-task network · seed 0")
    mine.focus()
    page.keyboard.press("Space")
    expect(mine).to_be_checked()
    next_refresh(page, "edges, single-task network · seed 0")
    next_refresh(page, "edges, single-task network · seed 0")
    expect(mine).to_be_focused()
    expect(mine).to_be_checked()
    expect(page.get_by_role("button", name=CURVE)).to_have_count(1)
    # By mouse: a second run, taken back through its chip.
    box(page, "depth, single-task network · seed 0").click()
    chip(page, "depth, single-task network · seed 0").click()
    next_refresh(page, "edges, single-task network · seed 0")
    expect(chip(page, "depth, single-task network · seed 0")).to_have_count(0)
    page.get_by_role("button", name="Cancel", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"1 cancelled\."))).to_be_visible()
    cancelled = [str(line.label) for line in reader.lines(states=[JobState.CANCELLED])]
    assert cancelled == ["edges (layout, seed 0)"]
    page.reload()
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile("1 running"))).to_be_visible()
    # Retried, it goes on.
    box(page, "edges, single-task network · seed 0").check()
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_text(re.compile("2 running"))).to_be_visible()
    page.get_by_role("button", name="Cancel all").click()
    page.get_by_role("button", name="Yes, cancel all").click()
    expect(page.get_by_text(re.compile(r"2 cancelled\."))).to_be_visible()
    # The question is answered.
    expect(page.get_by_role("button", name="Yes, cancel all")).to_have_count(0)
    assert {line.state for line in reader.lines(study="endless")} == {JobState.CANCELLED}
