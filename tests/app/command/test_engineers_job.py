"""The whole job of an engineer with photographs, a network and weights of their own: from a study file to answers."""

import csv
import json
import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.families.layouts.runs import layout_runs
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import JobState
from core.layouts import Layout
from core.own_code.permission import permitted
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.manifest import read
from core.studies.specification import read_study
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.app.command.engineer import LAYOUT, forget_module, job, labels
from tests.connections import ROOT

PATIENCE = 300


@pytest.fixture(autouse=True)
def own_module():
    forget_module()
    yield
    forget_module()


def predicted(torch_process, folder, job_folder):
    """What predict.py answers the test pictures, in a process without this project; the module lies beside it."""
    rows = csv.DictReader((folder / "splits.csv").read_text().splitlines())
    files = [job_folder / "photographs" / row["file"] for row in rows if row["split"] == "test"]
    done = torch_process.run(folder / "predict.py", *files, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return {Path(each["file"]).name: each["answers"] for each in json.loads(done.stdout)["pictures"]}


def complaint(torch_process, folder, picture):
    """What the program in the folder complains of, which should be a sentence."""
    done = torch_process.run(folder / "predict.py", picture, cwd=folder)
    assert (done.returncode == 0) is (done.stderr == "")
    assert done.stderr.count("\n") <= 1
    return done.stderr


def check_numbers(torch_process, folder, job_folder):
    """Compute the metrics of the test split from answers and labels: they are those of the manifest."""
    manifest, answers, known = (
        read((folder / "manifest.json").read_bytes()),
        predicted(torch_process, folder, job_folder),
        labels(job_folder),
    )
    reached = {
        (task.name, metric.name): metric.value
        for task in manifest.tasks
        for metric in task.metrics
        if metric.split == "test"
    }
    for task in ("shape", "bright"):
        right = [answers[file][task]["answer"] == known[file][task] for file in answers if known[file][task]]
        assert 0 < len(right) <= len(answers)
        assert sum(right) / len(right) == pytest.approx(reached[task, "accuracy"], abs=1e-9)
    off = [answers[f]["length"]["answer"] - float(known[f]["length"]) for f in answers if known[f]["length"]]
    assert 0 < len(off) < len(answers)
    assert math.fsum(map(abs, off)) / len(off) == pytest.approx(reached["length", "MAE"], rel=1e-4)
    assert math.sqrt(math.fsum(d * d for d in off) / len(off)) == pytest.approx(reached["length", "RMSE"], rel=1e-4)
    return manifest


@pytest.mark.slow
def test_a_layout_is_trained_taken_home_and_answers_with_the_numbers_of_the_dashboard(
    answer, refusal, tmp_path, monkeypatch, torch_process
):
    monkeypatch.chdir(tmp_path)
    study = read_study(job(tmp_path))
    home = tmp_path / "home"
    database = Database(home / DATABASE_FILE)
    with permitted([tmp_path]):
        record, _ = prepare_study(study)
        database.put(record, code=(str(tmp_path),))
        for run in layout_runs(record.specification, Layout.parse(LAYOUT, record.task_names), 7):
            result, weights = execute(run.kind, run.model_dump_json(), Workplace(home, keep_weights=True))
            with database.writing() as connection:
                connection.execute(
                    "UPDATE runs SET state = 'done', result = ?, weights = ? WHERE key = ?",
                    (result.model_dump_json(), weights, run.key),
                )
    folder = tmp_path / "out"
    found = answer("module", "parts", folder, "--layout", LAYOUT, "--onnx")
    assert {file["path"] for file in found["files"]} >= {
        "network.py",
        "predict.py",
        "weights.safetensors",
        "network.onnx",
    }
    picture = next((tmp_path / "photographs").glob("*.png"))
    # The module lies beside the files, as it was.
    assert "The module parts_net, which makes this network, is missing" in complaint(torch_process, folder, picture)
    shutil.copy(tmp_path / "parts_net.py", folder)
    manifest = check_numbers(torch_process, folder, tmp_path)
    assert manifest.task("length").std
    assert (manifest.backbone.factory, len(manifest.backbone.code)) == ("parts_net:make", 64)
    assert "made by parts_net:make" in (folder / "network.py").read_text()
    (folder / "parts_net.py").write_text((folder / "parts_net.py").read_text() + "\n")
    assert "has changed since the weights were trained" in complaint(torch_process, folder, picture)
    # Where the photographs are not any more, the results know what classes are called.
    (tmp_path / "photographs").rename(tmp_path / "archived")
    answer("module", "parts", tmp_path / "later", "--layout", LAYOUT)
    later = read((tmp_path / "later" / "manifest.json").read_bytes())
    assert [task.classes for task in later.tasks] == [task.classes for task in manifest.tasks]
    assert not later.splits.file
    (tmp_path / "archived").rename(tmp_path / "photographs")
    # The engineer changes the network: what was trained is another one's.
    forget_module()
    module = tmp_path / "parts_net.py"
    module.write_text(module.read_text().replace("nn.SiLU()", "nn.ReLU()"))
    assert "has changed since the study was made" in refusal("module", "parts", tmp_path / "x", "--layout", LAYOUT)
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_the_whole_job_with_two_workers_of_which_one_is_killed(answer, tmp_path, monkeypatch, torch_process):
    monkeypatch.chdir(tmp_path)
    study, home = job(tmp_path, n=240), tmp_path / "home"
    study.write_text(study.read_text().replace("epochs = 4", "epochs = 12"))
    words = [
        sys.executable,
        "-m",
        "app.command",
        "run",
        str(study),
        "--workers",
        "2",
        "--keep-weights",
        "--home",
        str(home),
    ]
    process = subprocess.Popen(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    killed = kill_a_worker(process, Database(home / DATABASE_FILE))
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "branchwise show parts" in said
    database = Database(home / DATABASE_FILE)
    lines = JobsReader(database).lines(states=[JobState.DONE])
    assert len(lines) == len({line.key for line in lines}) >= 28
    assert killed is not None
    assert not psutil.pid_exists(killed)
    counts = JobsReader(database).counts(study="parts")
    assert not counts[JobState.FAILED]

    shown = answer("show", "parts")
    assert shown["tasks"] == ["shape", "length", "bright"]
    assert shown["recommended"]["layout"]
    assert shown["front"]
    folder = tmp_path / "out"
    found = answer("module", "parts", folder, "--layout", LAYOUT, "--onnx")
    assert found["seed"] == 7
    shutil.copy(tmp_path / "parts_net.py", folder)
    manifest = check_numbers(torch_process, folder, tmp_path)
    stored = database.results("parts")
    run = layout_runs(database.record("parts").specification, Layout.parse(LAYOUT, manifest_tasks(manifest)), 7)
    for each in run:
        for task, metrics in stored[each.key].metrics["test"].items():
            for metric in manifest.task(task).metrics:
                if metric.split == "test":
                    assert metric.value == pytest.approx(metrics[metric.name], abs=1e-12)
    # It has learnt something: shapes are told apart, and lengths are better than one answer for all.
    assert next(m.value for m in manifest.task("shape").metrics if m.split == "test" and m.name == "accuracy") > 0.7


def manifest_tasks(manifest):
    return [task.name for task in manifest.tasks]


def kill_a_worker(process, database):
    """End a worker while it trains, as the system does where memory runs out."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if database.path.exists() and any(
            line.step > 2 for line in JobsReader(database).lines(states=[JobState.RUNNING])
        ):
            for child in psutil.Process(process.pid).children(recursive=True):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()
                    child.wait(PATIENCE)
                    return child.pid
        time.sleep(0.05)
    return None
