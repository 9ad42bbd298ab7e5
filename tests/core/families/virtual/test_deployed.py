"""A deployed virtual network: with and without this project it answers as it was trained, and reads what it lacks."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import FamilyError
from core.families.virtual.deploy import deployed_files
from core.families.virtual.deployed import DeployedVirtual
from core.families.virtual.kept import kept_network
from core.studies.network_files import files_in, replace_files
from tests.core.families.virtual.saved import saved_network

ANSWER = """
import importlib.util, json, pathlib, sys
spec = importlib.util.spec_from_file_location("load", pathlib.Path(sys.argv[1]) / "load.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
assert not any(name == "core" or name.startswith("core.") for name in sys.modules)
import numpy as np
pictures, network, found = np.load(sys.argv[2]), module.Virtual(), []
for task, level in json.loads(sys.argv[3]):
    network.switch(task, level)
    found.append([network.outputs(pictures).tolist(), network.loaded.resident_bytes])
network.choose(task, found[-1][1])
print(json.dumps([found, network.loaded.level]))
try:
    network.choose(task, 10)
except ValueError as fault:
    print(fault)
module.main([])
"""
# Up, down, to another task, there again, and the whole network.
WAY = [
    ("task A", 0),
    ("task A", 1),
    ("task A", 0),
    ("task B", 1),
    ("task A", 1),
    ("task B", 3),
    ("task A", 3),
    ("task B", 0),
]


def deployed(folder, request="units = 4\n"):
    record, network = saved_network(folder / "trained", request)
    kept = kept_network(record, {}, lambda _: folder / "trained")
    manifest, files = deployed_files(record, kept, {})
    replace_files(folder / "d", files)
    return network, manifest, folder / "d"


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype(np.uint8)


@pytest.mark.parametrize("request_", ["units = 4\n", "units = 3\nbase = 0.25\n"])
def test_raw_pictures_are_answered_as_by_the_trained_network(request_, tmp_path, pictures, torch_process):
    network, manifest, folder = deployed(tmp_path, request_)
    found, way = DeployedVirtual(folder), [(task, min(level, network.division.n_units - 1)) for task, level in WAY]
    expected = []
    for task, level in way:
        place = found.place(task, level)
        found.switch(task, level)
        x = found.prepare(pictures)
        with torch.no_grad():
            expected.append(network(x, [place])[place])
        assert torch.allclose(found(x), expected[-1], rtol=1e-6, atol=1e-6)
        # The very weights, whatever was loaded before.
        held, trained = found.loaded.network.state_dict(), network.dense(place).state_dict()
        assert all(torch.equal(one, other) for one, other in zip(held.values(), trained.values(), strict=True))
        assert found.resident_bytes == manifest.tasks[place[0]].levels[level].resident_bytes
    np.save(tmp_path / "pictures.npy", pictures)
    done = torch_process.run("-c", ANSWER, folder, tmp_path / "pictures.npy", json.dumps(way), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, sentence, *lines = done.stdout.splitlines()
    said, level = json.loads(first)
    for (output, held), answer, (task, at) in zip(said, expected, way, strict=True):
        assert np.allclose(output, answer.numpy(), rtol=1e-6, atol=1e-6)
        assert held == manifest.tasks[found.names.index(task)].levels[at].resident_bytes
    assert level == way[-1][1]
    assert "bytes of memory. Allow as many." in sentence
    assert len(lines) == len(network.places)
    Image.fromarray(pictures[0]).save(tmp_path / "a.png")
    program = torch_process.run(folder / "predict.py", tmp_path / "a.png", "--json", cwd=tmp_path)
    assert program.returncode == 0, program.stderr
    (answered,) = json.loads(program.stdout)["pictures"]
    for number, entry in enumerate(manifest.tasks):
        place = (number, network.division.n_units - 1)
        with torch.no_grad():
            answer = int(network(x[:1], [place])[place].argmax())
        assert answered["answers"][entry.name]["answer"] == entry.classes[answer]


def test_a_switch_reads_what_is_not_there_and_nothing_else(tmp_path):
    network, manifest, folder = deployed(tmp_path)
    found = DeployedVirtual(folder)
    for task, order in zip(manifest.tasks, network.orders, strict=True):
        found.leave()
        for level, entry in enumerate(task.levels):
            needed = found.needed(task.name, level)
            assert sum(file.bytes for file in needed) == entry.increment_bytes
            # Between the new unit and each that is there, and itself; and what the level has alone.
            assert sorted(file.units for file in needed if file.units is not None) == sorted(
                (min(order[level], unit), max(order[level], unit))[: 1 + (unit != order[level])]
                for unit in order[: level + 1]
            )
            assert [file.level for file in needed if file.role == "level"] == [level]
            found.switch(task.name, level)
        assert found.needed(task.name, level) == []
    assert sum(file.tensors["weights"][0] for file in manifest.files if file.role == "units") == sum(
        weight.numel() for weight in network.weights
    )


def test_the_highest_level_that_fits_is_chosen(tmp_path):
    _, manifest, folder = deployed(tmp_path)
    found, levels = DeployedVirtual(folder), manifest.tasks[1].levels
    for level, entry in enumerate(levels):
        found.choose("task B", entry.resident_bytes)
        assert (found.loaded.task, found.loaded.level) == ("task B", level)
    with pytest.raises(FamilyError, match=f"{levels[0].resident_bytes:,} bytes"):
        found.choose("task B", levels[0].resident_bytes - 1)


def test_what_is_not_there_or_damaged_is_one_sentence_and_leaves_the_level(tmp_path, pictures):
    _, _, folder = deployed(tmp_path)
    found = DeployedVirtual(folder)
    with pytest.raises(FamilyError, match="No level is loaded"):
        found(torch.zeros(1, 3, 16, 16))
    found.switch("task A", 0)
    before = found(found.prepare(pictures))
    for task, level, words in (
        ("task C", 0, 'no task "task C"'),
        ("task A", 4, "Choose a whole number from 0 to 3"),
        ("task A", -1, "-1"),
    ):
        with pytest.raises(FamilyError, match=words):
            found.switch(task, level)
    piece, other = folder / "units-0-1.safetensors", folder / "units-1-2.safetensors"
    content = piece.read_bytes()
    for wrong, words in ((content[:-4], "truncated"), (other.read_bytes(), "SHA-256"), (None, "can't be read")):
        piece.unlink() if wrong is None else piece.write_bytes(wrong)
        with pytest.raises(FamilyError, match=words):
            found.switch("task A", 1)
        assert torch.equal(found(found.prepare(pictures)), before)
    piece.write_bytes(content)
    found.switch("task A", 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(units=m["units"][::-1][:1]), "every task should have its units"),
        (lambda m: m.update(units=[[0, 1, 2], [0, 1, 2]]), "should name each of the 4 units once"),
        (lambda m: m["division"].update(units=3), "units"),
        (lambda m: m["division"].update(units=10**9), "damaged"),
        (lambda m: m.update(division=None, units=None, layout=[[[0, 1]]]), "no manifest of a deployed virtual"),
        (lambda m: m["backbone"].update(builder="small_residual(width=8)"), "does not fit"),
        (lambda m: m["backbone"].update(builder="os.system('x')"), "does not make a known network"),
        (lambda m: m["files"].pop(0), "lists other pieces"),
        (lambda m: m["files"][0].update(units=[3, 2]), "lists other pieces"),
        (lambda m: m["tasks"][0].update(levels=m["tasks"][0]["levels"][:1]), "another number of levels"),
        (lambda m: m["tasks"][0].update(n_outputs=99_999), "does not fit"),
        (lambda m: m.update(version=1), "version"),
    ],
)
def test_a_forged_manifest_is_one_sentence(change, words, tmp_path, forgeable):
    document = json.loads(forgeable)
    change(document)
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(FamilyError, match=words) as found:
        DeployedVirtual(tmp_path)
    assert len(str(found.value)) < 600


@pytest.fixture(scope="module")
def forgeable(tmp_path_factory):
    return (deployed(tmp_path_factory.mktemp("forged"))[2] / "manifest.json").read_text()


def test_a_network_replaces_the_one_before_with_all_its_files(tmp_path):
    _, _, folder = deployed(tmp_path)
    before = files_in(folder)
    record, _ = saved_network(tmp_path / "smaller", "units = 2\n")
    _, files = deployed_files(record, kept_network(record, {}, lambda _: tmp_path / "smaller"), {})
    replace_files(folder, files, before)
    assert {path.name for path in folder.iterdir()} == {*files}
    DeployedVirtual(folder).switch("task A", 1)
