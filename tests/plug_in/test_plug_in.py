"""A family that is only installed is requested, queued, run, shown, exported, imported and drawn."""

import json
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from app.command.entry import main

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
# In a process of its own, since which families there are is found out once; and in one, since each loads torch.
PROGRAM = """\
import json, sys
from pathlib import Path

from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from app.command.entry import main
from core.costs import CostQuestion, Unit
from core.jobs.engine import EngineSettings
from core.jobs.host import serve
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import ACTIVE, JobState
from core.jobs.submission import FamilySubmission
from core.jobs.submit import submit
from core.studies.database import Database
from core.studies.family import families
from core.studies.home import DATABASE_FILE
from core.studies.specification import read_study
from core.training.prepare_study import prepare_study

folder = Path(sys.argv[1])
database, elsewhere = Database.at_home(), folder / "elsewhere"
record, _ = prepare_study(read_study(folder / "study.toml"))
database.put(record)
submitted = submit(database, database.record(record.name), (FamilySubmission("toy"),))
reader, live = JobsReader(database), []

def look():
    for line in reader.lines(states=(JobState.RUNNING,)):
        live.append(len(reader.curve(line.key)))

def over():
    return not any(reader.counts()[state] for state in ACTIVE)

def points(database):
    (toy,) = [family for family in families() if family.name == "toy"]
    found = toy.points(database.study(record.name), CostQuestion.STORED, Unit.PARAMETERS)
    return [[point.family, point.gain, point.n_seeds] for point in found]

def call(*words):
    ended = CliRunner().invoke(main, [str(word) for word in words])
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout

serve(database, EngineSettings(workers=1, processes=False), should_stop=over, on_tick=look)
lines = reader.lines(states=(JobState.DONE,))
told = {
    "new": submitted.n_new,
    "kinds": [line.label.kind for line in lines],
    "live": max(live),
    "curves": [len(reader.curve(line.key)) for line in lines],
    "points": points(database),
    "taken": json.loads(call("module", record.name, folder / "taken", "--family", "toy", "--json")),
}
call("export", record.name, folder / "study.zip")
call("import", folder / "study.zip", "--home", elsewhere)
told["points elsewhere"] = points(Database(elsewhere / DATABASE_FILE))

at = AppTest.from_file("app/main.py", default_timeout=120)
at.query_params["study"] = record.name
at.switch_page("../pages/train.py").run()
assert not at.exception, at.exception
options = [each for group in at.get("button_group") for each in group.proto.options]
told["options"] = [option.content for option in options] + [each for box in at.selectbox for each in box.options]
print(json.dumps(told))
"""


def test_an_installed_family_is_used_without_a_change_anywhere_else(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={
            **os.environ,
            "BRANCHWISE_HOME": str(tmp_path / "home"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["new"], told["kinds"], told["curves"]) == (2, ["toy", "toy"], [20, 20])
    assert 0 < told["live"] <= 20
    assert "Toy" in told["options"]
    assert [(family, seeds) for family, _, seeds in told["points"]] == [("toy", 2)]
    assert told["taken"] == {"folder": str(tmp_path / "taken"), "family": "toy", "ends": 2}
    assert len((tmp_path / "taken" / "ends.txt").read_text().split()) == 2
    assert told["points elsewhere"] == told["points"]


def test_without_the_family_its_section_is_refused_in_one_sentence(tmp_path, own_home):
    study = tmp_path / "study.toml"
    study.write_text(STUDY, encoding="utf-8")
    refused = CliRunner().invoke(main, ["run", str(study)])
    assert refused.exit_code == 2
    assert '"toy" is not a key of a study' in refused.stderr
    assert not own_home.exists()
