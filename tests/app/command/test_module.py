"""A trained network taken home: it answers raw pictures without Branchwise, with the numbers of the dashboard."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from branchwise import load_module
from core.families.layouts.runs import layout_runs
from core.families.single.train import train_network
from core.layouts import Layout
from core.networks.export import to_bytes
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.home import DATABASE_FILE, WEIGHTS, write_whole
from core.studies.manifest import read
from core.studies.specification import StudySpecification, read_study
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace

STUDY = """
name = "shapes"
tasks = ["shape", "bright"]
[dataset]
name = "folder"
path = "pictures"
size = 32
{backbone}
[training]
epochs = 2
batch_size = 16
[table]
seeds = [0]
[oracle]
seeds = [7]
layouts = ["{layout}"]
"""
SMALL = ("[backbone]\nwidth = 2", "0,1 | 0,1 | 0;1 | 0;1 | 0;1")
TRACED = (
    '[backbone]\nname = "torchvision:shufflenet_v2_x0_5"\nblocks = 3\nstem = "small"',
    "0,1 | 0;1 | 0;1",
)
# Only what the file itself says it needs; the project is not on the path.
ANSWER = """
import csv, importlib.util, json, pathlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("core", "app", "safetensors", "pydantic"):
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
spec = importlib.util.spec_from_file_location("network", pathlib.Path(sys.argv[1]) / "network.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import torch
torch.set_num_threads(1)
folder, pictures = map(pathlib.Path, sys.argv[1:])
network = module.build(folder / "weights.safetensors")
files = [row["file"] for row in csv.DictReader((folder / "splits.csv").open()) if row["split"] == "test"]
print(json.dumps({"files": files, "answers": module.predict(network, [pictures / file for file in files])}))
"""


def draw(folder: Path) -> None:
    """Photograph-like files: large, wide, some grey, some as JPEG, one turned by its EXIF mark."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = [["file", "shape", "bright"]]
    for n in range(60):
        tall, bright = n % 2, int(rng.integers(2))
        picture = rng.integers(0, 60, (90, 130, 3)) + 150 * bright
        picture[20:70, 10 : 120 if not tall else 30] = (200, 30, 90)
        image = Image.fromarray(picture.astype(np.uint8))
        name = f"{n}.{'jpg' if n % 3 else 'png'}"
        exif = Image.Exif()
        if n % 7 == 0:
            exif[0x0112] = 6
        (image.convert("L") if n % 5 == 0 else image).save(folder / name, exif=exif)
        rows.append([name, "tall" if tall else "wide", "yes" if bright else "no"])
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)


COMMAND = "branchwise run mine.toml"


def trained(specification: StudySpecification, layout: str, home: Path) -> None:
    """Store the study, and train the networks of one layout as workers do."""
    database = Database(home / DATABASE_FILE)
    record, data = prepare_study(specification, command=COMMAND)
    database.put(record)
    for run in layout_runs(record.specification, Layout.parse(layout), 7):
        kept = []
        result = train_network(run, data=data, keep=lambda network, kept=kept: kept.append(to_bytes(network)))
        write_whole(home / WEIGHTS / f"{run.key}.safetensors", kept[0])
        with database.writing() as connection:
            connection.execute(
                "UPDATE runs SET state = 'done', result = ?, weights = ? WHERE key = ?",
                (result.model_dump_json(), f"{run.key}.safetensors", run.key),
            )


def predicted(torch_process, folder, pictures, *words):
    """What ``predict.py`` prints as JSON for the test pictures: in a process without this project."""
    rows = csv.DictReader((folder / "splits.csv").read_text().splitlines())
    files = [row["file"] for row in rows if row["split"] == "test"]
    run = torch_process.run(folder / "predict.py", *(pictures / file for file in files), "--json", *words, cwd=folder)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["pictures"]


def share_right(found, labels, task):
    right = [each["answers"][task]["answer"] == labels[Path(each["file"]).name][task] for each in found]
    return sum(right) / len(right)


def labels_of(pictures):
    return {row["file"]: row for row in csv.DictReader((pictures / "labels.csv").read_text().splitlines())}


def check_onnx(answer, layout, tmp_path):
    """One ONNX file with all heads answers as the manifest says, in batches of any size."""
    folder = tmp_path / "onnx"
    answer("module", "shapes", folder, "--layout", layout, "--onnx")
    session = onnxruntime.InferenceSession((folder / "network.onnx").read_bytes())
    (given,), outputs = session.get_inputs(), [output.name for output in session.get_outputs()]
    assert outputs == ["shape", "bright"]
    module, labels = load_module(folder), labels_of(tmp_path / "pictures")
    rows = csv.DictReader((folder / "splits.csv").read_text().splitlines())
    files = [row["file"] for row in rows if row["split"] == "test"]
    pictures = module.prepare(np.stack([module.read(tmp_path / "pictures" / file) for file in files])).numpy()
    manifest = read((folder / "manifest.json").read_bytes())
    assert "onnx" in {file.role for file in manifest.files}
    for task, scores in zip(outputs, session.run(None, {given.name: pictures}), strict=True):
        one = session.run([task], {given.name: pictures[:1]})[0]
        assert np.abs(one - scores[:1]).max() < 1e-4
        classes = manifest.task(task).classes
        right = [classes[row.argmax()] == labels[file][task] for file, row in zip(files, scores, strict=True)]
        (metric,) = [m for m in manifest.task(task).metrics if m.split == "test"]
        assert sum(right) / len(right) == pytest.approx(metric.value, abs=1e-12)


@pytest.fixture(params=[SMALL, pytest.param(TRACED, marks=pytest.mark.slow)], ids=["small", "traced"])
def study(request, tmp_path):
    backbone, layout = request.param
    draw(tmp_path / "pictures")
    path = tmp_path / "shapes.toml"
    path.write_text(STUDY.format(backbone=backbone, layout=layout))
    return path, layout


def test_it_answers_raw_pictures_alone_as_the_dashboard_says(
    answer, refusal, study, tmp_path, monkeypatch, torch_process
):
    path, layout = study
    monkeypatch.chdir(tmp_path)
    trained(read_study(path), layout, tmp_path / "home")
    folder = tmp_path / "out"
    found = answer("module", "shapes", folder, "--layout", layout)
    assert found["seed"] == 7
    manifest = read((folder / "manifest.json").read_bytes())
    for entry in manifest.files:
        assert (folder / entry.path).stat().st_size == entry.bytes
    assert found["warnings"] == [warning for task in manifest.tasks for warning in task.warnings]
    assert manifest.task("shape").classes == ("tall", "wide")
    assert manifest.splits.counts == {"train": 36, "validation": 12, "test": 12}
    moved = tmp_path / "elsewhere"
    shutil.move(folder, moved)
    run = torch_process.run("-c", ANSWER, moved, tmp_path / "pictures", cwd=moved)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    labels = labels_of(tmp_path / "pictures")
    for task in ("shape", "bright"):
        right = [given == labels[file][task] for file, given in zip(told["files"], told["answers"][task], strict=True)]
        (metric,) = [m for m in manifest.task(task).metrics if m.split == "test"]
        assert sum(right) / len(right) == pytest.approx(metric.value, abs=1e-12)
        assert metric.seeds == (7,)
    for each in predicted(torch_process, moved, tmp_path / "pictures"):
        place = told["files"].index(Path(each["file"]).name)
        for task in ("shape", "bright"):
            said = each["answers"][task]
            assert (
                said["answer"]
                == told["answers"][task][place]
                == max(said["probabilities"], key=said["probabilities"].get)
            )
            assert sum(said["probabilities"].values()) == pytest.approx(1)
    check_onnx(answer, layout, tmp_path)
    said = refusal("module", "shapes", tmp_path / "x", "--layout", _shared(layout))
    assert "No trained weights of the layout" in said
    assert f"to layouts below [oracle] in the study file and train it with: {COMMAND} --keep-weights; or choose" in said
    assert "“" not in said
    assert not (tmp_path / "x").exists()


PATHS = """
name = "shapes"
tasks = ["shape", "bright"]
[dataset]
name = "folder"
path = "pictures"
size = 32
[backbone]
width = 2
[training]
epochs = 2
batch_size = 16
[multipath]
exits = ["2.conv1", 4]
[[multipath.networks]]
mix = "none"
assign = [0, 1]
"""


@pytest.mark.slow
def test_a_path_answers_raw_pictures_alone_as_it_was_measured(answer, refusal, tmp_path, monkeypatch, torch_process):
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "pictures")
    (tmp_path / "shapes.toml").write_text(PATHS)
    home = tmp_path / "home"
    database = Database(home / DATABASE_FILE)
    record, _ = prepare_study(read_study(tmp_path / "shapes.toml"))
    database.put(record)
    for run in expand(record.specification):
        result, weights = execute(run.kind, run.model_dump_json(), Workplace(home, keep_weights=True))
        with database.writing() as connection:
            connection.execute(
                "UPDATE runs SET state = 'done', result = ?, weights = ? WHERE key = ?",
                (result.model_dump_json(), weights, run.key),
            )
    words = ("module", "shapes", tmp_path / "out", "--family", "multipath")
    found = answer(*words, "--task", "bright", "--onnx")
    assert found["exit"] == "4"
    assert "network.onnx" in [file["path"] for file in found["files"]]
    refused = refusal("module", "shapes", tmp_path / "x", "--family", "treednn", "--onnx")
    assert "which one ONNX file can't" in refused
    for more, exit_ in (((), "2.conv1"), (("--exit", "4"), "4")):
        found = answer(*words, "--task", "shape", *more)
        assert (found["task"], found["exit"]) == ("shape", exit_)
        run = torch_process.run("-c", ANSWER, tmp_path / "out", tmp_path / "pictures", cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        told = json.loads(run.stdout)
        labels = {file: row["shape"] for file, row in labels_of(tmp_path / "pictures").items()}
        right = [given == labels[file] for file, given in zip(told["files"], told["answers"]["shape"], strict=True)]
        manifest = read((tmp_path / "out" / "manifest.json").read_bytes())
        (metric,) = [m for m in manifest.task("shape").metrics if m.split == "test"]
        assert sum(right) / len(right) == pytest.approx(metric.value, abs=1e-12)
        found = predicted(torch_process, tmp_path / "out", tmp_path / "pictures")
        assert share_right(found, labels_of(tmp_path / "pictures"), "shape") == pytest.approx(metric.value, abs=1e-12)
    assert "Name its task" in refusal(*words)
    assert 'no exit "3"' in refusal(*words, "--task", "shape", "--exit", "3")


def _shared(layout: str) -> str:
    return " | ".join(["0,1"] * len(layout.split("|")))


def test_refusals_are_one_sentence(refusal, tmp_path):
    assert "holds no trained weights" in refusal("module", "scenes", tmp_path / "x")
    assert "without paths. Leave --task out" in refusal("module", "s", tmp_path / "x", "--task", "a")
    assert "named by its task and exit. Leave --budget out" in refusal(
        "module", "s", tmp_path / "x", "--family", "multipath", "--budget", "60%"
    )
    assert 'no study "none"' in refusal("module", "none", tmp_path / "x")
    said = refusal("module", "scenes", tmp_path / "x", "--family", "rivals")
    assert "need code of Branchwise" in said
    assert "--family layouts or" in said
    assert "has no networks that can be written" in refusal("module", "scenes", tmp_path / "x", "--family", "switching")
    assert 'no family "trees"' in refusal("module", "scenes", tmp_path / "x", "--family", "trees")
    assert "same at every budget" in refusal("module", "s", tmp_path / "x", "--family", "treednn", "--budget", "60%")
    assert 'no study "none"' in refusal("module", "none", tmp_path / "x", "--family", "treednn")
    assert not (tmp_path / "x").exists()
