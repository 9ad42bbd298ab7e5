"""A deployed tree answers without this project, as it does with it."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from core.data.membership import preprocessing_of
from core.errors import BackboneError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployed import DeployedTree
from core.families.treednn.deployment import save_tree
from core.families.treednn.loader_source import has_loader, loader_source
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import BranchFacts
from core.networks.loader import LOADER_FILE
from core.networks.plan import BackbonePlan
from core.studies.dataset_specification import ScenesSpecification
from core.tasks import Kind, Task

SIZE = (32, 32)


def plan_of(name, kind=Kind.CLASSIFICATION, size=SIZE, **options):
    return BranchPlan(name, Task.usual(name, kind, 3), size, **options)


ALIKE = (plan_of("Low digits"), plan_of("far", Kind.NORMALS))
OTHER = (
    *ALIKE,
    plan_of("wide", width=2.0),
    plan_of("deep", depth=1),
    plan_of("short", depth=-1),
    plan_of("thin", width=0.5, depth=2),
)
CASES = {
    "small": (BackbonePlan("small_residual(width=4)", SIZE), 2, (*OTHER, plan_of("small", Kind.DEPTH, (20, 24)))),
    "no trunk": (BackbonePlan("small_residual(width=4)", SIZE), 0, ALIKE),
    "traced": (BackbonePlan("torchvision.models.squeezenet1_1()", SIZE, (), "small").merged_to(4), 2, ALIKE),
    "traced, with BatchNorm": (
        BackbonePlan("torchvision.models.shufflenet_v2_x0_5()", SIZE, (), "small").merged_to(4),
        2,
        ALIKE,
    ),
}
ANSWER = """
import importlib.util, json, pathlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("core", "app", "safetensors", "pydantic"):
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
import torch
torch.set_num_threads(1)
spec = importlib.util.spec_from_file_location("load", pathlib.Path(sys.argv[1]) / "load.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import numpy as np
pictures, tree, found = np.load(sys.argv[2]), module.Tree(), {}
for name in tree.tasks:
    tree.switch(name)
    found[name] = tree.outputs(pictures).flatten().tolist()
print(json.dumps(found))
"""


def saved(folder, plan, cut, wanted):
    torch.manual_seed(0)
    tree = TreeDNN.build(plan, cut, wanted).train()
    # As after training: BatchNorm has counted.
    tree.federated([torch.randn(4, 3, *SIZE) for _ in wanted])
    facts = {w.name: BranchFacts(preprocessing=preprocessing_of(ScenesSpecification(), SIZE)) for w in wanted}
    save_tree(tree.eval(), folder, plan, wanted, facts, loader=loader_source(tree, plan, wanted))


@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=[pytest.mark.slow] * ("BatchNorm" in name)) for name in CASES]
)
def test_raw_pictures_are_answered_as_by_the_tree(case, tmp_path, torch_process):
    plan, cut, wanted = CASES[case]
    saved(tmp_path, plan, cut, wanted)
    pictures = np.random.default_rng(0).integers(0, 256, (3, *SIZE, 3)).astype(np.uint8)
    np.save(tmp_path / "pictures.npy", pictures)
    run = torch_process.run("-c", ANSWER, tmp_path, tmp_path / "pictures.npy", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    told, tree = json.loads(run.stdout), DeployedTree(tmp_path)
    assert list(told) == [plan.name for plan in wanted]
    for name, values in told.items():
        tree.switch(name)
        np.testing.assert_allclose(values, tree(tree.prepare(pictures)).flatten().numpy(), rtol=1e-4, atol=1e-5)
    files = [tmp_path / f"{number}.png" for number in range(len(pictures))]
    for file, picture in zip(files, pictures, strict=True):
        Image.fromarray(picture).save(file)
    program = torch_process.run(tmp_path / "predict.py", *files, "--json", cwd=tmp_path)
    assert program.returncode == 0, program.stderr
    numbers = np.array(told["Low digits"]).reshape(3, -1).argmax(1).tolist()
    answers = [each["answers"] for each in json.loads(program.stdout)["pictures"]]
    assert [each["Low digits"]["answer"] for each in answers] == numbers
    assert all((tmp_path / each["far"]["map"]).exists() for each in answers)


def test_an_exchanged_file_is_refused(tmp_path, torch_process):
    plan, cut, wanted = CASES["no trunk"]
    saved(tmp_path, plan, cut, wanted)
    np.save(tmp_path / "pictures.npy", np.zeros((1, *SIZE, 3), dtype=np.uint8))
    (branch,) = [path for path in tmp_path.glob("branch-*.safetensors") if "far" in path.name]
    branch.write_bytes(branch.read_bytes()[:-4] + b"abcd")
    run = torch_process.run("-c", ANSWER, tmp_path, tmp_path / "pictures.npy", cwd=tmp_path)
    assert run.returncode != 0
    assert "another SHA-256" in run.stderr


def test_the_loader_is_removed_with_its_tree(tmp_path):
    plan, cut, wanted = CASES["no trunk"]
    saved(tmp_path, plan, cut, wanted)
    assert (tmp_path / LOADER_FILE).exists()
    save_tree(TreeDNN.build(plan, cut, wanted).eval(), tmp_path, plan, wanted)
    assert not (tmp_path / LOADER_FILE).exists()


def test_a_wider_branch_of_a_traced_backbone_has_none():
    plan, wanted = BackbonePlan("torchvision.models.mobilenet_v2()", SIZE), (plan_of("wide", width=1.5), *ALIKE)
    assert not has_loader(plan, wanted)
    assert has_loader(plan, ALIKE)
    with pytest.raises(BackboneError, match="width 1"):
        loader_source(TreeDNN.build(CASES["small"][0], 2, ALIKE), plan, wanted)


@pytest.mark.parametrize(
    ("wanted", "absent"), [(ALIKE[:1], "DenseHead"), (ALIKE[1:], "ClassificationHead"), (ALIKE, "")]
)
def test_only_heads_that_a_branch_has_are_written(wanted, absent):
    plan = CASES["small"][0]
    text = loader_source(TreeDNN.build(plan, 2, wanted), plan, wanted)
    defined = {name for name in ("DenseHead", "ClassificationHead") if f"class {name}(" in text}
    assert defined == {"DenseHead", "ClassificationHead"} - {absent}
