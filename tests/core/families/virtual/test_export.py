"""A level alone as files: it answers with torch alone as in its network, and holds its weights and nothing else."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load

from core.errors import StudyError
from core.families.virtual.export import exported_level
from core.families.virtual.kept import kept_network
from core.studies.manifest import read as read_manifest
from tests.core.families.virtual.saved import TRACED, WIDE, saved_network

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
    with torch.no_grad():
        outputs = net(network.prepare(network.read(picture)[None]))
    found = {name: output.tolist() for name, output in outputs.items()}
    print(json.dumps({"outputs": found, "answers": network.predict(net, [picture])}), flush=True)
network.main([])
"""
PLACES = ((0, 0), (1, 2), (1, 3))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    file = tmp_path_factory.mktemp("small") / "weights.safetensors"
    record, network = saved_network(file)
    return record, network, kept_network(record, {}, lambda _: file)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        (WIDE, "units = 4\n"),
        (WIDE, "units = 3\nbase = 0.25\n"),
        # A torchvision network as a file takes long.
        pytest.param(TRACED, "units = 4\n", marks=pytest.mark.slow),
    ],
)
def test_levels_alone_answer_as_in_their_network(text, request_, tmp_path, torch_process):
    record, network = saved_network(tmp_path / "weights", request_, text)
    kept = kept_network(record, {}, lambda _: tmp_path / "weights")
    places = [place for place in network.places if place in PLACES]
    for place in places:
        folder = tmp_path / "-".join(map(str, place))
        folder.mkdir()
        for name, content in exported_level(record, kept, {}, record.task_names[place[0]], place[1])[1].items():
            (folder / name).write_bytes(content)
    picture = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(picture)
    done = torch_process.run(
        "-c", PROGRAM, picture, *(tmp_path / "-".join(map(str, place)) for place in places), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    x = torch.tensor(pixels[None]).to(torch.float32)
    x = x.sub_(torch.tensor([110.0] * 3)).div_(torch.tensor([60.0] * 3)).permute(0, 3, 1, 2)
    for place, line in zip(places, done.stdout.splitlines(), strict=False):
        said, task = json.loads(line), record.task_names[place[0]]
        with torch.no_grad():
            expected = network(x, [place])[place]
        # The matrix library rounds the last bit by where in memory numbers lie, which differs between processes.
        assert [*said["outputs"]] == [task]
        assert np.allclose(said["outputs"][task], expected.numpy(), rtol=1e-6, atol=1e-6), place
        assert said["answers"] == {task: [f"rank {int(expected.argmax()) + 1} of 4"]}


def test_a_file_holds_the_weights_of_its_level_bit_for_bit(small):
    record, network, kept = small
    for place in ((0, 1), (1, 3)):
        _, files = exported_level(record, kept, {}, record.task_names[place[0]], place[1])
        held, expected = load(files["weights.safetensors"]), network.dense(place).state_dict()
        for name, tensor in expected.items():
            block, _, rest = name.partition(".")
            called = f"blocks.{block}.0.{rest}" if int(block) < record.backbone.n_blocks else f"heads.0.{rest}"
            assert torch.equal(held[called], tensor), name
        assert len(held) == len(expected)


def test_a_file_holds_only_the_parameters_of_its_level(small):
    record, network, kept = small
    sizes = []
    for level in network.levels:
        manifest, files = exported_level(record, kept, {}, "task B", level)
        (weights,) = [file for file in manifest.files if file.role == "weights"]
        counted = sum(
            int(np.prod(shape))
            for name, shape in weights.tensors.items()
            if name.rpartition(".")[2] not in ("running_mean", "running_var", "num_batches_tracked")
        )
        assert counted == network.n_params((1, level)), level
        sizes.append(len(files["weights.safetensors"]))
    assert sizes == sorted(set(sizes))


def test_the_manifest_says_which_units_a_level_has(small):
    record, network, kept = small
    manifest, files = exported_level(record, kept, {}, "task B", 1)
    assert read_manifest(files["manifest.json"]) == manifest
    assert (manifest.family, manifest.units) == ("virtual", [[3, 2]])
    assert (manifest.division.units, manifest.division.base) == (4, 0.0)
    (task,) = manifest.tasks
    assert task.classes == tuple(f"rank {n} of 4" for n in range(1, 5))
    assert dict(manifest.splits.counts) == {"train": 64, "validation": 32, "test": 32}
    assert sum(block.params for block in manifest.backbone.blocks) == sum(
        p.numel() for p in network.dense((1, 1))[:-1].parameters()
    )
    # The last level by default.
    assert exported_level(record, kept, {}, "task B")[0].units == [[3, 2, 1, 0]]


@pytest.mark.parametrize(
    ("task", "level", "words"),
    [("task C", 0, 'no task "task C"'), ("task A", 4, "no level 4. Choose 0 to 3"), ("task A", -1, "no level -1")],
)
def test_a_level_that_is_not_there_is_one_sentence(small, task, level, words):
    record, _, kept = small
    with pytest.raises(StudyError, match=words):
        exported_level(record, kept, {}, task, level)


def test_a_network_that_is_not_there_is_one_sentence(small, tmp_path):
    record, _, kept = small
    for choice, words in (({"name": "other"}, 'no network "other"'), ({"seed": 9}, "seed 9. Choose from: 0")):
        with pytest.raises(StudyError, match=words):
            kept_network(record, {}, lambda _: kept.file, **choice)
    for weights in (lambda _: None, lambda _: tmp_path / "none"):
        with pytest.raises(StudyError, match="not on this machine"):
            kept_network(record, {}, weights)


def test_weights_that_are_damaged_or_of_another_network_are_one_sentence(small, tmp_path):
    record, _, kept = small
    (tmp_path / "short").write_bytes(kept.file.read_bytes()[:200])
    saved_network(tmp_path / "other", "units = 2\n")
    for name in ("short", "other"):
        found = kept_network(record, {}, lambda _, name=name: tmp_path / name)
        with pytest.raises(StudyError, match="damaged"):
            exported_level(record, found, {}, "task A", 0)
