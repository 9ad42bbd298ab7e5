"""Networks of an author's own backbone as files to switch between: the loader runs them, a manifest imports nothing."""

import json
import shutil
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from core.data.membership import preprocessing_of
from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployed import DeployedTree
from core.families.treednn.deployment import save_tree
from core.families.treednn.loader_source import loader_source
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import BranchFacts
from core.families.virtual.deploy import deployed_files
from core.families.virtual.deployed import DeployedVirtual
from core.families.virtual.kept import kept_network
from core.networks.plan import BackbonePlan
from core.own_code.permission import permitted
from core.runs.settings import BackboneSpecification
from core.studies.dataset_specification import ScenesSpecification
from core.studies.manifest import read
from core.studies.network_files import replace_files
from core.tasks import Kind, Task
from tests.core.families.virtual.saved import WIDE, saved_network

MODULE = "deployed_network_of_a_test"
TEXT = """
from torch import nn
def make(width=4):
    sizes = [3, width, width, width]
    pairs = zip(sizes, sizes[1:])
    body = [nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU()) for a, b in pairs]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))
"""
SIZE = (16, 16)


@pytest.fixture
def root(tmp_path):
    (tmp_path / f"{MODULE}.py").write_text(TEXT)
    with permitted([tmp_path]):
        yield tmp_path
    sys.modules.pop(MODULE, None)


def predicted(torch_process, root, folder):
    shutil.copy(root / f"{MODULE}.py", folder)
    picture = np.random.default_rng(0).integers(0, 256, (*SIZE, 3)).astype(np.uint8)
    Image.fromarray(picture).save(root / "a.png")
    done = torch_process.run(folder / "predict.py", root / "a.png", "--json", cwd=root)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["pictures"]
    return picture, found["answers"]


def normalised(picture):
    return ((torch.tensor(picture).float() - 110) / 60).permute(2, 0, 1)[None]


def test_a_tree_of_an_own_backbone_is_deployed_with_a_loader(root, torch_process):
    specification = BackboneSpecification(name=f"{MODULE}:make", args={"width": 6}, blocks=3)
    plan = BackbonePlan.of(specification, SIZE)
    wanted = [BranchPlan(name, Task.usual(name, Kind.CLASSIFICATION, 3), SIZE) for name in ("one", "two")]
    torch.manual_seed(0)
    tree = TreeDNN.build(plan, 2, wanted).eval()
    facts = {each.name: BranchFacts(preprocessing=preprocessing_of(ScenesSpecification(), SIZE)) for each in wanted}
    folder = root / "tree"
    save_tree(tree, folder, plan, wanted, facts, loader=loader_source(tree, plan, wanted))
    assert read((folder / "manifest.json").read_bytes()).backbone.factory == f"{MODULE}:make"
    picture, answers = predicted(torch_process, root, folder)
    for name in ("one", "two"):
        with torch.no_grad():
            scores = tree.branch(name)(tree.trunk(normalised(picture)))[0].softmax(0)
        assert [*answers[name]["probabilities"].values()] == pytest.approx(scores.tolist(), abs=1e-5)
    with permitted(None), pytest.raises(FamilyError, match="which no file can make Branchwise import"):
        DeployedTree(folder)


def test_a_virtual_network_of_an_own_backbone_is_deployed_with_a_loader(root, torch_process):
    text = WIDE.replace("width = 4", f'name = "{MODULE}:make"\nargs = {{ width = 8 }}\nblocks = 3')
    record, network = saved_network(root / "trained", "units = 2\n", text)
    kept = kept_network(record, {}, lambda _: root / "trained")
    folder = root / "virtual"
    replace_files(folder, deployed_files(record, kept, {})[1])
    picture, answers = predicted(torch_process, root, folder)
    for number, task in enumerate(record.tasks):
        place = (number, 1)
        with torch.no_grad():
            scores = network(normalised(picture), [place])[place][0].softmax(0)
        assert [*answers[task.name]["probabilities"].values()] == pytest.approx(scores.tolist(), abs=1e-5)
    with permitted(None), pytest.raises(FamilyError, match="which no file can make Branchwise import"):
        DeployedVirtual(folder)
