"""A deployed virtual network whose tasks have data sets of their own, maps among their answers."""

import json

import numpy as np
import pytest
import torch

from core.families.virtual.deploy import deployed_files
from core.families.virtual.deployed import DeployedVirtual
from core.families.virtual.export import exported_level
from core.families.virtual.kept import kept_network
from core.studies.network_files import replace_files
from tests.core.families.virtual.saved import saved_network
from tests.core.families.virtual.test_deployed import ANSWER

TEXT = """\
name = "apart"
[dataset]
name = "several"
size = 16
[[dataset.sets]]
name = "far"
task = "depth"
dataset = { n_train = 40, n_validation = 8, n_test = 8, size = 16 }
[[dataset.sets]]
name = "mine"
task = "task A"
dataset = { name = "planted", tree = "0,1 | 0;1", n_train = 40, n_validation = 8, n_test = 8, size = 16 }
[backbone]
width = 4
[training]
epochs = 1
batch_size = 16
[virtual]
"""


@pytest.fixture
def saved(tmp_path):
    record, network = saved_network(tmp_path / "trained", "units = 2\n", TEXT)
    return record, network, kept_network(record, {}, lambda _: tmp_path / "trained")


def test_each_task_has_its_own_preprocessing_and_splits(saved, tmp_path, torch_process):
    record, network, kept = saved
    manifest, files = deployed_files(record, kept, {})
    replace_files(tmp_path / "d", files)
    assert manifest.preprocessing is None
    assert manifest.splits is None
    assert [task.splits.rule["name"] for task in manifest.tasks] == ["scenes", "planted"]
    assert manifest.tasks[1].classes
    found, way = DeployedVirtual(tmp_path / "d"), [("far", 0), ("mine", 1), ("far", 1)]
    pictures = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype(np.uint8)
    np.save(tmp_path / "pictures.npy", pictures)
    done = torch_process.run("-c", ANSWER, tmp_path / "d", tmp_path / "pictures.npy", json.dumps(way), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for (task, level), (output, _) in zip(way, json.loads(done.stdout.splitlines()[0])[0], strict=True):
        place = found.place(task, level)
        found.switch(task, level)
        x = found.prepare(pictures)
        with torch.no_grad():
            expected = network(x, [place])[place]
        assert torch.allclose(found(x), expected, rtol=1e-6, atol=1e-6)
        assert np.allclose(output, expected.numpy(), rtol=1e-5, atol=1e-6)


def test_a_level_alone_has_those_of_its_task(saved):
    record, _, kept = saved
    manifest, _ = exported_level(record, kept, {}, "mine", 0)
    assert manifest.splits.rule["name"] == "planted"
    assert manifest.preprocessing is not None
    assert [task.name for task in manifest.tasks] == ["mine"]
