"""A task that is not learned is said above everything that rests on it."""

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.paths import ROOT
from app.ui.study_summary import tasks_frame
from core.backbones import Backbone, Block
from core.families.layouts.request import TableRequest
from core.families.single.runs import single_run
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification
from core.tasks import Kind, Task

TASKS = (Task.usual("far", Kind.DEPTH, 1), Task.usual("*kind*", Kind.CLASSIFICATION, 3))
# Two classes occur; one is never answered, so 8 of 10 are right as by the most frequent class alone.
CONFUSION = [[8, 0, 0], [2, 0, 0], [0, 0, 0]]


@pytest.fixture
def database(tmp_path, monkeypatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    asked = StudySpecification(name="poor", tasks=("far", "*kind*")).with_request(TableRequest(seeds=(0,)))
    blocks = Backbone("net", tuple(Block(f"b{i}", 10, 100, (4, 4)) for i in range(5)))
    splits = ("validation", "test")
    result = RunResult(
        state=RunState.DONE,
        metrics={split: {"*kind*": {"accuracy": 0.8}} for split in splits},
        confusion={split: {"*kind*": CONFUSION} for split in splits},
        classes={"*kind*": ("ball", "box", "cone")},
        constant={split: {"*kind*": {"accuracy": 0.8}} for split in splits},
        environment=Environment(device="cpu", machine="here", threads=1, versions={}),
    )
    found = Database.at_home()
    found.put(StudyRecord("poor", asked.tasks, blocks, asked, TASKS), {single_run(asked, 1, 0).key: result})
    return found


def test_the_overview_says_which_tasks_are_not_learned(database: Database) -> None:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    at.session_state["study"] = "poor"
    at.switch_page("../pages/overview.py").run()
    assert not at.exception
    (said,) = [warning.value for warning in at.warning if "never answers" in warning.value]
    (first,) = [warning.value for warning in at.warning if "Nothing is learned" in warning.value]
    assert 'never answers "box" on the test split' in said
    assert "*kind*" not in said + first
    assert len(database.study("poor").warnings) == 2


def test_the_table_of_baselines_says_what_they_have_to_be_compared_with(database: Database) -> None:
    frame = tasks_frame(database.study("poor"))
    row = frame[frame["task"] == "*kind*"].iloc[0]
    assert (row["constant answer, test"], row["constant answer, validation"]) == (0.8, 0.8)
    of_classes = frame[frame["task"] == "*kind*"].set_index("metric")
    for split in ("validation", "test"):
        assert of_classes.loc["balanced accuracy", f"baseline, {split}"] == 0.5
        assert of_classes.loc["macro-F1", f"baseline, {split}"] == pytest.approx((2 * 8 / 18 + 0) / 2)
    assert row["samples per class, test"] == "ball: 8, box: 2, cone: 0"
    assert row["classes never answered, test"] == "box"
    assert frame[frame["task"] == "far"]["constant answer, test"].isna().all()
