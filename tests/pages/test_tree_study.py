"""The pages of a study whose tasks have pictures of their own."""

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.families.treednn.submission import expand
from core.jobs.queue import Queue
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import parse_study
from core.tasks import Kind, Task
from tests.core.families.treednn.test_runs import TEXT

STUDY = parse_study(TEXT)
TASKS = (
    Task.usual("digits", Kind.CLASSIFICATION, 10),
    Task.usual("far", Kind.DEPTH, 1),
    Task.usual("odd", Kind.CLASSIFICATION, 2),
)
BACKBONE = Backbone("made-up", tuple(Block(f"block {b}", 100 * 2**b, 1000, (8, 16, 16)) for b in range(5)))
# Phase 2 and dedicated, seed by seed: the digits gain 4 points, the distances lose, the graft is alike.
MADE_UP = {
    ("specialised", "digits"): (0.92, 0.94),
    ("dedicated", "digits"): (0.88, 0.90),
    ("specialised", "far"): (0.5, 0.7),
    ("dedicated", "far"): (0.4, 0.4),
    ("grafted", "odd"): (0.8, 0.8),
    ("dedicated", "odd"): (0.8, 0.8),
}
ROWS = {"digits": 60, "far": 40, "odd": 60}
ENVIRONMENT = Environment(
    device="cpu", machine="a test", threads=1, versions={"torch": "1.0"}, instructions="AVX2, oneDNN AVX2"
)


def result(run, seed) -> RunResult:
    tasks = {task.name: task for task in TASKS}
    metrics = {
        name: {metric.name: MADE_UP.get((run.kind, name), (0.5, 0.5))[seed] for metric in tasks[name].metrics}
        for name in run.measured_tasks
    }
    alike = {"digits": (0.9, 0.8, 0.7), "far": (0.5, 0.4, 0.1)} if run.kind == "grafted" else {}
    return RunResult(
        state=RunState.DONE,
        metrics={"validation": metrics, "test": metrics},
        environment=ENVIRONMENT,
        payload={
            "rows": {name: ROWS[name] for name in run.measured_tasks},
            "alike": alike,
            "digests": {"": f"{seed}" * 64} if run.kind != "dedicated" else {},
        },
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    runs = expand(STUDY)
    results = {run.key: result(run, place // (len(runs) // 2)) for place, run in enumerate(runs)}
    record = StudyRecord("several", STUDY.tasks, BACKBONE, STUDY, TASKS, title="Several sets")
    Database(home / DATABASE_FILE).put(record, results)
    return home


def said(at) -> str:
    words = " ".join(each.value for each in (*at.markdown, *at.caption, *at.info))
    return words.replace("\\", "").replace("\u00a0", " ")


def test_the_overview_says_what_the_trunk_saves_and_how_the_branches_do(visit, home):
    words = said(visit("overview", home=home, study="several"))
    assert "The first 2 of 5 blocks shared by 3 branches, one of them grafted" in words
    # 2/3 · 2/5 of the blocks; 2/3 · 300/3100 of the parameters.
    assert "saves 27 % of the blocks" in words
    assert "and 6.5 % of their parameters" in words
    assert "TreeDNN against a dedicated network on 3 branches: better on digits" in words
    assert "no difference beyond noise (90 % interval over seeds) on far and odd" in words
    assert "4.0 points better (90 % interval +4.0 to +4.0, 2 seeds)" in words


@pytest.mark.parametrize("page", ["budget", "affinity", "branching"])
def test_pages_about_layouts_lead_to_the_trunk(visit, home, page):
    at = visit(page, home=home, study="several")
    assert not at.error
    assert "has its own images" in said(at)
    assert len(at.button_group) + len(at.slider) == 0


def test_the_storage_page_shows_every_branch_of_the_study(visit, home):
    at = visit("storage", home=home, study="several")
    assert not at.error
    assert "TreeDNN against a dedicated network on 3 branches: better on digits" in said(at)
    # Mean of the made-up values over the three blocks behind the trunk.
    assert "odd started from digits" in said(at)
    assert "digits 0.80, far 0.33" in said(at)
    assert "same SHA-256 before and after each of 6" in said(at)
    frame = next(frame.value for frame in at.dataframe if "branch" in frame.value.columns)
    assert frame["branch"].tolist() == ["digits", "far", "odd (graft)"]
    np.testing.assert_allclose(frame["difference"], [0.04, -0.2, 0.0], atol=1e-9)


def test_a_trunk_that_changed_is_said(visit, home, tmp_path):
    there = tmp_path / "home"
    database = Database(there / DATABASE_FILE)
    runs = expand(STUDY)
    found = {run.key: result(run, 0) for run in runs}
    found[runs[1].key] = found[runs[1].key].model_copy(
        update={"payload": {**found[runs[1].key].payload, "digests": {"": "f" * 64}}}
    )
    database.put(Database(home / DATABASE_FILE).record("several"), found)
    at = visit("storage", home=there, study="several")
    assert "same SHA-256 in 5 of 6 runs" in said(at)


def test_more_trees_can_be_trained(visit, home):
    at = visit("train", home=home, study="several")
    assert "a trunk of 2 of 5 blocks and 2 branches" in said(at)
    (train,) = [button for button in at.button if button.label.strip("*").startswith("Train")]
    assert train.disabled  # both seeds are there
    at.number_input(key="seeds-tree-several-2").set_value(3).run()
    (train,) = [button for button in at.button if button.label.strip("*").startswith("Train")]
    # A tree, two branches, three rivals and a graft.
    assert train.label.strip("*") == "Train 7 runs"


def test_its_settings_are_changed_in_its_file(visit, home):
    at = visit("train", home=home, study="several")
    at.button(key="copy-study").click().run()
    assert not at.exception
    words = said(at) + " ".join(each.value for each in (*at.error, *at.warning, *at.toast))
    assert "can only be changed as a file" in words.replace("\\", "")


def test_nothing_of_this_asks_for_a_run(home):
    assert Queue(Database(home / DATABASE_FILE)).n_active() == 0
