"""A study whose data a function of its author gives: pages show it, and none of them runs the function."""

import pytest

from core.backbones import Backbone, Block
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import parse_study
from core.tasks import Kind, Task

STUDY = parse_study(
    'name = "own"\ntasks = ["age", "smile"]\n[dataset]\nname = "python"\nfactory = "own_data_of_a_test:make"\n'
)
TASKS = tuple(Task.usual(name, Kind.CLASSIFICATION, 2) for name in STUDY.tasks)
BACKBONE = Backbone("made-up", tuple(Block(f"block {b}", 100, 1000, (8, 16, 16)) for b in range(5)))


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "own_data_of_a_test.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    Database(tmp_path / DATABASE_FILE).put(StudyRecord("own", STUDY.tasks, BACKBONE, STUDY, TASKS, title="Own"), {})
    return tmp_path


def test_it_is_shown_and_changed_in_its_file(visit, home):
    at = visit("train", home=home, study="own")
    assert not at.error
    at.button(key="copy-study").click().run()
    assert not at.exception
    words = " ".join(each.value for each in (*at.error, *at.warning, *at.toast, *at.markdown))
    assert "uses code of its own can only be changed as a file" in words.replace("\\", "")
