"""A path alone as files: it answers with torch alone as the trained network does, and says what it is."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import StudyError
from core.families.multipath.export import PathChoice, _chosen, _network, exported_path
from core.families.multipath.place import Place
from core.families.multipath.runs import expand
from core.studies.manifest import read as read_manifest
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.core.families.multipath.study import TEXT, study_of

REQUEST = 'exits = ["0", "2.conv1", "4"]\n[[multipath.networks]]\nassign = [1, 2]\nmix = "none"\n'
TRACED = TEXT.replace("width = 2", 'name = "torchvision:resnet18"\nblocks = 3').replace("epochs = 2", "epochs = 1")
TRACED_REQUEST = 'exits = ["layer3.0.conv1", "2"]\nmatrix = false\n[[multipath.networks]]\nmix = "none"\n'


def _train(study, home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRANCHWISE_HOME", str(home))
        record, _ = prepare_study(study)
    place, found = Workplace(home, keep_weights=True), {}
    for run in expand(study):
        found[run.key], _ = execute(run.kind, run.model_dump_json(), place)
    return record, found, place.weights


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return _train(study_of(REQUEST), tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    return _train(study_of(TRACED_REQUEST, TRACED), tmp_path_factory.mktemp("traced"))


PROGRAM = """
import json, sys, torch
sys.path.insert(0, sys.argv[1])
import network
assert not any(name == "core" or name.startswith("core.") for name in sys.modules)
net = network.build(sys.argv[1] + "/weights.safetensors")
pictures = network.read(sys.argv[2])[None]
with torch.no_grad():
    outputs = net(network.prepare(pictures))
found = {name: output.tolist() for name, output in outputs.items()}
print(json.dumps({"outputs": found, "answers": network.predict(net, [sys.argv[2]])}))
network.main([])
"""


@pytest.mark.parametrize(
    ("which", "choice", "exit_"),
    [
        ("small", PathChoice("task A"), 1),
        ("small", PathChoice("task B"), 2),
        ("small", PathChoice("task B", exit="0"), 0),
        # A torchvision network as a file: a minute.
        pytest.param("traced", PathChoice("task A"), 0, marks=pytest.mark.slow),
    ],
)
def test_a_path_alone_answers_as_in_its_network(which, choice, exit_, request, tmp_path):
    record, results, weights = request.getfixturevalue(which)
    manifest, files = exported_path(record, choice, results, weights)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (16, 16, 3)).astype(np.uint8)).save(tmp_path / "a.png")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), str(tmp_path / "a.png")],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={"PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[0])
    network = _network(_chosen(record, choice, weights), record.tasks, (16, 16))
    number = record.task_names.index(choice.task)
    with np.errstate(all="raise"):
        picture = np.asarray(Image.open(tmp_path / "a.png"), dtype=np.float32).transpose(2, 0, 1)[None]
    shown = manifest.preprocessing
    x = torch.from_numpy((picture - shown.mean[0]) / shown.std[0])
    with torch.no_grad():
        expected = network(x)[network.places.index(Place(number, exit_))]
    assert [*said["outputs"]] == [choice.task]
    assert np.allclose(said["outputs"][choice.task], expected.numpy(), atol=1e-5)
    assert f"rank {int(expected.argmax()) + 1} of 4" in str(said["answers"])


def test_the_manifest_says_what_the_path_is(small):
    record, results, weights = small
    manifest, files = exported_path(record, PathChoice("task A"), results, weights)
    assert read_manifest(files["manifest.json"]) == manifest
    assert manifest.family == "multipath"
    assert [end["name"] for end in manifest.exits] == ["2.conv1"]
    (task,) = manifest.tasks
    assert task.classes == tuple(f"rank {n} of 4" for n in range(1, 5))
    run = next(run for run in expand(record.specification) if run.kind == "multipath")
    reached = results[run.key].metrics["test"]["task A"]["accuracy"]
    assert [m.value for m in task.metrics if m.split == "test"] == [reached]
    assert task.single_task
    assert dict(manifest.splits.counts) == {"train": 64, "validation": 32, "test": 32}
    assert manifest.preprocessing.size == (16, 16)
    assert {file.role for file in manifest.files} == {"source", "weights"}


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (PathChoice("task C"), 'no task "task C"'),
        (PathChoice("task A", network="other"), 'no network "other"'),
        (PathChoice("task A", exit="3"), 'no exit "3"'),
        (PathChoice("task A", seed=9), "seed 9"),
        (PathChoice("task A", exit="0", network="paths"), 'has "task A" at the exit "2.conv1"'),
    ],
)
def test_a_path_that_is_not_there_is_one_sentence(small, choice, words):
    record, results, weights = small
    with pytest.raises(StudyError, match=words):
        exported_path(record, choice, results, weights)


def test_weights_that_are_missing_or_damaged_are_one_sentence(small, tmp_path):
    record, results, weights = small
    with pytest.raises(StudyError, match="not on this machine"):
        exported_path(record, PathChoice("task A"), results, lambda key: tmp_path / key)

    def damaged(key):
        path = tmp_path / key
        path.write_bytes(weights(key).read_bytes()[:200])
        return path

    with pytest.raises(StudyError, match="damaged"):
        exported_path(record, PathChoice("task A"), results, damaged)
