import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.estimators import TwoTaskTable
from core.families.recombined.losses import stored_losses
from core.studies.bundled import FOLDER
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from tests.connections import ROOT, guarded, is_here, places

STUDY = """
name = "tiny"
tasks = ["depth", "edges"]
[dataset]
n_train = 16
n_validation = 8
n_test = 8
size = 16
[training]
batch_size = 8
epochs = 1
[table]
seeds = [0]
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(STUDY)
    return path


@pytest.fixture(scope="module")
def first_run(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Train the study once, in guarded processes; return the folder of its home and what the command printed."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.toml").write_text(STUDY)
    ended = subprocess.run(
        [sys.executable, "-m", "app.command", "run", str(folder / "tiny.toml"), "--workers", "1", "--keep-weights"],
        env=guarded(folder / "log", folder / "home"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return folder, ended


@pytest.fixture
def trained(first_run, tmp_path):
    """Return what the command printed that trained the study in this test's home."""
    folder, ended = first_run
    shutil.copytree(folder / "home", tmp_path / "home")
    return ended


def test_no_training_connects_to_another_machine(first_run):
    found = places(first_run[0] / "log")
    assert "127.0.0.1" in found
    assert {place for place in found if not is_here(place)} == set()


def test_a_study_is_run_exported_and_imported(call, answer, study, trained, tmp_path):
    assert 'Study "tiny": 7 of 7 trainings done, 7 trained now' in trained.stdout
    found = answer("run", study, "--workers", "1")
    assert (found["study"], found["runs"], found["done"], found["failed"], found["trained"]) == ("tiny", 7, 7, 0, 0)
    assert found["similarity"]
    # Two steps of training are not enough to learn anything, which is said.
    assert any("depth" in sentence for sentence in found["quality"])
    again = call("run", study, "--workers", "1")
    assert again.exit_code == 0
    assert 'Study "tiny": 7 of 7 trainings done, 0 trained now' in again.stdout
    assert f"Warning: {found['quality'][0]}" in again.stderr
    assert "The similarity of the tasks at every depth is measured" in again.stdout
    file = tmp_path / "tiny.zip"
    assert answer("export", "tiny", file) == {"study": "tiny", "file": str(file), "bytes": file.stat().st_size}
    elsewhere = ("--home", tmp_path / "elsewhere")
    assert answer("import", file, *elsewhere) == {"study": "tiny", "runs": 7, "done": 7}
    assert "7 of 7 trainings done" in call("import", file, *elsewhere).stdout
    left = answer("run", study, "--dry-run", *elsewhere)
    assert (left["done"], left["new"]) == (8, 0)
    assert len(list((tmp_path / "home" / "weights").iterdir())) == 7


DAMAGES = (
    "json_remove(result, '$.metrics.test')",
    "json_set(result, '$.metrics', json('{}'))",
    "json_set(result, '$.seconds', 'x')",
    "'{'",
)


@pytest.mark.usefixtures("trained")
def test_damaged_results_are_trained_again_and_with_again_those_of_another_environment(call, answer, study):
    database = Database(Path(answer("run", study, "--workers", "1")["database"]))
    before = database.results("tiny")
    assert answer("run", study, "--again", "--dry-run")["anew"] == 0
    layouts = sorted(run.key for run in expand(database.record("tiny").specification) if run.kind == "layout")
    of_another, damaged = layouts[:3], layouts[3:]
    with database.writing() as connection:
        connection.executemany(
            "UPDATE runs SET result = json_set(result, '$.environment.versions.torch', '1.0', '$.seconds', 0.0) "
            "WHERE key = ?",
            [(key,) for key in of_another],
        )
    plan = answer("run", study, "--again", "--dry-run")
    assert (plan["anew"], plan["new"], plan["done"]) == (3, 3, 5)
    assert "3 of them have results of another environment" in call("run", study, "--again", "--dry-run").stdout
    assert answer("run", study, "--workers", "1")["trained"] == 0
    for n_damaged, (key, damage) in enumerate(zip(damaged, DAMAGES, strict=True), 1):
        with database.writing() as connection:
            connection.execute(f"UPDATE runs SET result = {damage} WHERE key = ?", (key,))
        assert database.study("tiny").provenance.n_done == 7 - n_damaged, damage
        assert answer("run", study, "--dry-run")["new"] == n_damaged, damage
    found = answer("run", study, "--again", "--workers", "1")
    assert (found["done"], found["trained"], found["not_replaced"]) == (7, 7, 0)
    after = database.results("tiny")
    assert {key: result.metrics for key, result in after.items()} == {k: r.metrics for k, r in before.items()}
    assert all(result.seconds > 0 and result.environment.versions["torch"] != "1.0" for result in after.values())
    left = answer("run", study, "--again", "--dry-run")
    assert (left["anew"], left["new"]) == (0, 0)


@pytest.mark.usefixtures("trained")
def test_until_trains_what_tells_most_and_says_why_it_ended(answer, call, study, tmp_path):
    database = Database(tmp_path / "home" / DATABASE_FILE)
    # Of the trained table all but one pair is left to train, so that this test has one training to make.
    specification = database.record("tiny").specification
    pairs = [run for run in expand(specification) if len(getattr(run, "tasks", ())) == 2]
    with database.writing() as connection:
        connection.executemany(
            "UPDATE runs SET state = 'planned', result = NULL WHERE key = ?", [(run.key,) for run in pairs[1:]]
        )
    found = answer("run", study, "--until", "100", "--workers", "1")
    assert (found["state"], found["trained"], found["until"]) == ("sure", 0, 100)
    assert found["loss"] <= 100
    assert len(found["layout"]) == 5
    said = call("run", study, "--until", "100", "--workers", "1")
    assert said.exit_code == 0
    assert "points requested" in said.stdout
    assert "Recommended" in said.stdout
    assert "With Bayes, entropy weights, within 60 % of the MACs of single-task networks" in " ".join(
        said.stdout.split()
    )
    # One answer, whoever is asked.
    for given in ((), ("--budget", "100%"), ("--weights", "uniform", "--unit", "parameters")):
        until = answer("run", study, "--until", "±100", "--until", "30min", "--workers", "1", *given)
        assert until["minutes"] == 30
        shown = answer("show", "tiny", *(given or ("--unit", "macs")))
        assert until["layout"] == shown["recommended"]["layout"], given
        assert until["gain"] == pytest.approx(shown["recommended"]["score"], abs=1e-6)
    with database.reading() as connection:
        left = connection.execute("SELECT COUNT(*) FROM runs WHERE state = 'planned' AND kind = 'layout'").fetchone()[0]
    assert left == len(pairs) - 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--minutes", "3"), "--until"),
        (("--until", "0"), "above 0"),
        (("--until", "nan"), "above 0"),
        (("--until", "0.2", "--until", "0.3"), "Two numbers of points"),
        (("--until", "0.2", "--until", "3min", "--minutes", "5"), "Two numbers of minutes"),
        (("--until", "0min"), "above 0"),
        (("--until", "0.2", "--budget", "3x"), "a percentage of"),
        (("--weights", "uniform"), "--weights is about --until"),
        (("--until", "0.2", "--minutes", "-1"), "--minutes is -1"),
        (("--until", "0.2", "--dry-run"), "--dry-run"),
        (("--until", "0.2", "--again"), "--again"),
    ],
)
def test_what_does_not_fit_until_is_one_sentence(call, study, tmp_path, given, words):
    found = call("run", study, *given)
    assert found.exit_code == 2
    assert words in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_again_is_of_this_machine(refusal, study):
    assert "Leave out --again or --scheduler" in refusal("run", study, "--again", "--scheduler", "tcp://127.0.0.1:1")


@pytest.mark.slow
def test_a_study_that_asks_for_affinities_has_them_at_every_depth(answer, study, tmp_path):
    study.write_text(STUDY + "[affinity]\nseeds = [0]\n")
    found = answer("run", study, "--workers", "1")
    # 2 single tasks, 5 pairs, and every task on each of 2 tasks' blocks at 5 depths.
    assert (found["runs"], found["done"], found["failed"]) == (17, 17, 0)
    losses = stored_losses(Database(Path(found["database"])), "tiny")
    assert losses.values.shape == (1, 5, 2, 2, 8)
    assert losses.is_complete
    answer("export", "tiny", tmp_path / "tiny.zip")
    answer("import", tmp_path / "tiny.zip", "--home", tmp_path / "elsewhere")
    again = stored_losses(Database(tmp_path / "elsewhere" / DATABASE_FILE), "tiny")
    np.testing.assert_array_equal(again.values, losses.values)
    assert answer("run", study, "--workers", "1", "--home", tmp_path / "elsewhere")["trained"] == 0


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (("epochs", "epoch"), '"training.epoch" is not a key of a study'),
        (('"edges"', '"smell"'), 'no task "smell"'),
        (("size = 16", "size = 16\nsize = 17"), "not valid TOML"),
        (("[0]", "[0, 0]"), "appears twice"),
    ],
)
def test_a_bad_study_is_one_sentence_and_stores_nothing(refusal, study, tmp_path, change, part):
    study.write_text(STUDY.replace(*change))
    assert part in refusal("run", study, "--json")
    assert not (tmp_path / "home" / "studies.sqlite").exists()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--memory", "lots"), "too little memory for a worker"),
        (("--memory", "1MB"), "at least 100MB"),
        (("--scheduler", "tcp://10.0.0.1:8786"), "over plain tcp"),
        (("--scheduler", "somewhere"), "no scheduler address"),
        (("--workers", "0"), "--workers"),
    ],
)
def test_an_engine_that_is_none_is_refused(refusal, study, tmp_path, options, part):
    assert part in refusal("run", study, *options)
    assert not (tmp_path / "home" / "studies.sqlite").exists()


def test_a_missing_file_is_refused(refusal, tmp_path):
    assert "does not exist" in refusal("run", tmp_path / "none.toml")


def test_an_unknown_study_is_not_exported(refusal, tmp_path):
    assert 'no study "none"' in refusal("export", "none", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_no_study_is_not_imported(refusal, tmp_path, data):
    (tmp_path / "x.zip").write_bytes(data)
    assert "no study" in refusal("import", tmp_path / "x.zip", "--json")
    assert not (tmp_path / "home").exists()


def test_a_dry_run_says_what_the_run_then_does_and_stores_nothing(call, answer, study, tmp_path):
    planned = answer("run", study, "--workers", "1", "--dry-run")
    # Two single-task networks, five pairs, and how alike the tasks are.
    assert (planned["new"], planned["trainings"], planned["measurements"]) == (8, 7, 1)
    assert planned["seconds"] > 0
    assert planned["estimated_from"] == "a short measurement of this backbone"
    assert not (tmp_path / "home" / "studies.sqlite").exists()
    assert "8 runs to train (7 trainings and 1 measurement)" in call("run", study, "--workers", "1", "--dry-run").stdout


def test_the_run_says_the_same_and_then_nothing_is_left(answer, study, trained, tmp_path):
    assert "8 runs to train (7 trainings and 1 measurement)" in trained.stderr
    again = answer("run", study, "--workers", "1", "--dry-run")
    assert (again["new"], again["done"], again["seconds"]) == (0, 8, 0.0)
    assert answer("run", study, "--workers", "1", "--dry-run", "--keep-weights")["new"] == 0
    with Database(tmp_path / "home" / DATABASE_FILE).writing() as connection:
        connection.execute("UPDATE runs SET weights = NULL")
    weights = answer("run", study, "--workers", "1", "--dry-run", "--keep-weights")
    assert (weights["new"], weights["again"]) == (7, 7)
    # Runs of two steps are too short to say more than the measurement.
    assert weights["estimated_from"] == "a short measurement of this backbone"


def test_a_study_whose_runs_failed_does_not_end_well(call, study):
    study.write_text(STUDY.replace("epochs = 1", "epochs = 12\nlearning_rate = 10.0\noptimizer = 'sgd'\naverage = 0.0"))
    found = call("run", study, "--workers", "1")
    assert found.exit_code == 1
    assert "runs did not succeed" in found.stderr


@pytest.mark.parametrize(
    "change", [("epochs = 1", "epochs = 2"), ("n_train = 16", "n_train = 24"), ('"edges"', '"normals"')]
)
def test_a_study_that_trains_other_networks_is_not_replaced(refusal, study, tmp_path, change):
    from core.studies.specification import read_study
    from core.training.prepare_study import prepare_study

    database = Database(tmp_path / "home" / DATABASE_FILE)
    database.put(prepare_study(read_study(study))[0])
    study.write_text(STUDY.replace(*change))
    assert '"tiny" is stored with' in refusal("run", study, "--workers", "1")


def test_a_table_study_is_not_replaced(refusal, study, tmp_path):
    table = TwoTaskTable(("a", "b"), np.zeros((2, 2, 2)))
    database = Database(tmp_path / "home" / DATABASE_FILE)
    database.put(StudyRecord("tiny", ("a", "b"), Backbone("net", (Block("stem", 1, 1),)), table=table))
    assert "imported table" in refusal("run", study, "--workers", "1")
    assert database.record("tiny").kind == "table"


def test_the_name_of_a_bundled_study_is_not_taken(refusal, study):
    study.write_text(STUDY.replace('"tiny"', '"scenes"'))
    assert "bundled study" in refusal("run", study, "--workers", "1")


def test_a_bundled_study_may_be_trained_elsewhere(answer, tmp_path):
    lines = (FOLDER / "digits.toml").read_text().splitlines()
    text = "\n".join(line for line in lines if line.split(" ")[0] not in ("threads", "instructions", "device"))
    changed = "[training]\nthreads = 2\ninstructions = 'native'\ndevice = 'auto'"
    (tmp_path / "digits.toml").write_text(text.replace("[training]", changed))
    assert answer("run", tmp_path / "digits.toml", "--workers", "1", "--dry-run")["study"] == "digits"
