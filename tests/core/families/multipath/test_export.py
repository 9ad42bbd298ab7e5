"""A path alone as files: it answers with torch alone as the trained network does, and says what it is."""

import json

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
import importlib.util, json, pathlib, sys
picture, *folders = sys.argv[1:]
for folder in folders:
    spec = importlib.util.spec_from_file_location("network", pathlib.Path(folder) / "network.py")
    network = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(network)
    import torch
    assert not any(name == "core" or name.startswith("core.") for name in sys.modules)
    net = network.build(folder + "/weights.safetensors")
    pictures = network.read(picture)[None]
    with torch.no_grad():
        outputs = net(network.prepare(pictures))
    found = {name: output.tolist() for name, output in outputs.items()}
    print(json.dumps({"outputs": found, "answers": network.predict(net, [picture])}), flush=True)
network.main([])
"""


@pytest.mark.parametrize(
    ("which", "choices"),
    [
        ("small", ((PathChoice("task A"), 1), (PathChoice("task B"), 2), (PathChoice("task B", exit="0"), 0))),
        # A torchvision network as a file: a minute.
        pytest.param("traced", ((PathChoice("task A"), 0),), marks=pytest.mark.slow),
    ],
)
def test_paths_alone_answer_as_in_their_networks(which, choices, request, tmp_path, torch_process):
    record, results, weights = request.getfixturevalue(which)
    shown = []
    for place, (choice, _) in enumerate(choices):
        manifest, files = exported_path(record, choice, results, weights)
        shown.append(manifest.preprocessing)
        (tmp_path / str(place)).mkdir()
        for name, content in files.items():
            (tmp_path / str(place) / name).write_bytes(content)
    rng = np.random.default_rng(0)
    picture = tmp_path / "a.png"
    Image.fromarray(rng.integers(0, 256, (16, 16, 3)).astype(np.uint8)).save(picture)
    folders = [tmp_path / str(place) for place in range(len(choices))]
    done = torch_process.run("-c", PROGRAM, picture, *folders, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    values = np.asarray(Image.open(picture), dtype=np.float32).transpose(2, 0, 1)[None]
    for (choice, exit_), scale, line in zip(choices, shown, done.stdout.splitlines(), strict=False):
        said = json.loads(line)
        network = _network(_chosen(record, choice, weights), record.tasks, (16, 16))
        number = record.task_names.index(choice.task)
        with np.errstate(all="raise"):
            x = torch.from_numpy((values - scale.mean[0]) / scale.std[0])
        with torch.no_grad():
            expected = network(x)[network.places.index(Place(number, exit_))]
        assert [*said["outputs"]] == [choice.task]
        assert np.allclose(said["outputs"][choice.task], expected.numpy(), atol=1e-5), choice
        assert f"rank {int(expected.argmax()) + 1} of 4" in str(said["answers"]), choice


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
    assert {file.role for file in manifest.files} == {"source", "predict", "weights"}


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
