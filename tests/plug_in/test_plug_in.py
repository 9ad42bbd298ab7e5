"""A family that is only installed is requested, queued, run, shown, exported, imported and drawn."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STUDY = """\
name = "with-a-toy"
tasks = ["segmentation", "depth"]
dataset = { name = "scenes", n_train = 8, n_validation = 4, n_test = 4, size = 16 }
table = { seeds = [5] }
[toy]
seeds = [0, 1]
rate = 0.2
"""
# In a process of its own: which families there are is found out once.
ON_THE_PAGES = """\
import json
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app/main.py", default_timeout=120)
at.query_params["study"] = "with-a-toy"
at.switch_page("../pages/train.py").run()
assert not at.exception, at.exception
options = [each for group in at.get("button_group") for each in group.proto.options]
print(json.dumps([option.content for option in options]))
"""
ASK = """\
from core.jobs.headless import run_study
from core.jobs.engine import EngineSettings
from core.jobs.submission import FamilySubmission
from core.jobs.submit import submit
from core.jobs.host import serve
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database
from core.studies.specification import read_study
from core.training.prepare_study import prepare_study
from pathlib import Path
import json, sys
database = Database.at_home()
record, _ = prepare_study(read_study(Path(sys.argv[1])))
database.put(record)
submitted = submit(database, database.record(record.name), (FamilySubmission("toy"),))
reader, live = JobsReader(database), []
def look():
    for line in reader.lines(states=(JobState.RUNNING,)):
        live.append(len(reader.curve(line.key)))
def over():
    return not any(reader.counts()[state] for state in ACTIVE)
serve(database, EngineSettings(workers=1, processes=False), should_stop=over, on_tick=look)
lines = reader.lines(states=(JobState.DONE,))
curves = [len(reader.curve(line.key)) for line in lines]
kinds = [line.label.kind for line in lines]
print(json.dumps({"new": submitted.n_new, "kinds": kinds, "live": max(live), "curves": curves}))
"""
POINTS = """\
import json, sys
from core.costs import CostQuestion, Unit
from core.studies.database import Database
from core.studies.family import families
study = Database.at_home().study(sys.argv[1])
(toy,) = [family for family in families() if family.name == "toy"]
points = toy.points(study, CostQuestion.STORED, Unit.PARAMETERS)
print(json.dumps([[point.family, point.gain, point.n_seeds] for point in points]))
"""


@pytest.fixture
def run(tmp_path):
    """Run Python code, or the command line, where the family is installed."""

    def ran(*arguments: str, home: str = "home") -> str:
        environment = {
            **os.environ,
            "BRANCHWISE_HOME": str(tmp_path / home),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]),
        }
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return ran


def test_an_installed_family_is_used_without_a_change_anywhere_else(run, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(STUDY, encoding="utf-8")

    ran = json.loads(run("-c", ASK, str(study)).splitlines()[-1])
    assert (ran["new"], ran["kinds"], ran["curves"]) == (2, ["toy", "toy"], [20, 20])
    assert 0 < ran["live"] <= 20

    assert "Toy" in json.loads(run("-c", ON_THE_PAGES).splitlines()[-1])

    before = json.loads(run("-c", POINTS, "with-a-toy"))
    assert [(family, seeds) for family, _, seeds in before] == [("toy", 2)]

    taken = json.loads(
        run("-m", "app.command", "module", "with-a-toy", str(tmp_path / "t"), "--family", "toy", "--json")
    )
    assert taken == {"folder": str(tmp_path / "t"), "family": "toy", "ends": 2}
    assert len((tmp_path / "t" / "ends.txt").read_text().split()) == 2

    archive = str(tmp_path / "study.zip")
    run("-m", "app.command", "export", "with-a-toy", archive)
    run("-m", "app.command", "import", archive, home="elsewhere")
    assert json.loads(run("-c", POINTS, "with-a-toy", home="elsewhere")) == before


def test_without_the_family_its_section_is_refused_in_one_sentence(tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(STUDY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "app.command", "run", str(study)],
        env={**os.environ, "BRANCHWISE_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2
    assert '"toy" is not a key of a study' in done.stderr
    assert not (tmp_path / "home").exists()
