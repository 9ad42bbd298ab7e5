import json
import resource
import shutil

import pytest
import torch

from core.errors import BranchwiseError, FamilyError, StudyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployed import DeployedTree
from core.families.treednn.deployment import save_tree
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import MANIFEST, read_manifest
from core.networks.heads import AsppHead
from core.networks.plan import BackbonePlan
from core.networks.tree import count_parameters
from core.studies.manifest import read
from core.tasks import Kind, Task

SIZE = (32, 32)
PLAN = BackbonePlan("small_residual(width=4)", SIZE)


def plan_of(name: str, **options) -> BranchPlan:
    return BranchPlan(name, Task.usual(name, Kind.CLASSIFICATION, 3), SIZE, **options)


WANTED = (
    plan_of("Low digits"),
    plan_of("low–digits", width=2.0),
    plan_of("signs", depth=1),
    BranchPlan("far", Task.usual("far", Kind.DEPTH, 1), (20, 24)),
)


def grown(seed: int = 0) -> TreeDNN:
    torch.manual_seed(seed)
    tree = TreeDNN.build(PLAN, 2, WANTED).train()
    # As after training: BatchNorm has counted.
    tree.federated([torch.randn(4, 3, *SIZE) for _ in WANTED])
    return tree.eval()


@pytest.fixture(scope="module", autouse=True)
def saved(tmp_path_factory):
    """Two trees that differ in their weights only."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("saved")
    for seed in (0, 1):
        save_tree(grown(seed), folder / str(seed), PLAN, WANTED)
    yield folder
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tree(saved) -> TreeDNN:  # noqa: ARG001
    return grown()


@pytest.fixture
def folder(saved, tmp_path):
    shutil.copytree(saved / "1", tmp_path / "other")
    shutil.copytree(saved / "0", tmp_path / "tree")
    return tmp_path / "tree"


@pytest.fixture
def x():
    return torch.randn(2, 3, *SIZE, generator=torch.Generator().manual_seed(9))


def test_every_branch_answers_bit_for_bit_as_before(tree, folder, x):
    deployed = DeployedTree(folder)
    assert deployed.names == tree.names
    for name in (*tree.names, tree.names[0]):
        deployed.switch(name)
        with torch.no_grad():
            assert torch.equal(deployed(x), tree(x, name))


def test_only_the_trunk_and_one_branch_are_in_memory(tree, folder):
    deployed = DeployedTree(folder)
    trunk = deployed.resident_bytes
    buffers = {place: sum(b.numel() * b.element_size() for b in tree.branch(place).buffers()) for place in range(3)}
    for place, name in enumerate(tree.names[:3]):
        deployed.switch(name)
        branch = 4 * count_parameters(tree.branch(name)) + buffers[place]
        assert deployed.resident_bytes == trunk + branch
    assert deployed.active == "signs"


def test_a_switch_does_not_touch_the_trunk(folder):
    deployed = DeployedTree(folder)
    places = [tensor.data_ptr() for tensor in deployed.trunk.state_dict().values()]
    for name in deployed.names:
        deployed.switch(name)
        assert [tensor.data_ptr() for tensor in deployed.trunk.state_dict().values()] == places


def test_the_folder_says_what_it_holds(tree, folder):
    manifest = read_manifest(folder)
    assert {path.name for path in folder.iterdir()} == {MANIFEST, "trunk.safetensors"} | {
        branch.file for branch in manifest.branches
    }
    assert [branch.file for branch in manifest.branches][:2] == [
        "branch-low-digits.safetensors",
        "branch-low-digits-2.safetensors",
    ]
    assert manifest.tree_bytes == sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    assert manifest.backbone.plan == PLAN
    assert tuple(branch.plan for branch in manifest.branches) == WANTED
    shapes = {name: tuple(tensor.shape) for name, tensor in tree.trunk.state_dict().items()}
    assert manifest.trunk.tensors == shapes


def truncated(path):
    path.write_bytes(path.read_bytes()[:-9])


def one_bit(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


def gone(path):
    path.unlink()


def of_another_tree(path):
    path.write_bytes((path.parent.parent / "other" / path.name).read_bytes())


FAULTS = [(truncated, "truncated"), (one_bit, "SHA-256"), (gone, "can't be read"), (of_another_tree, "another trunk")]


@pytest.mark.parametrize(("harm", "part"), FAULTS)
def test_a_branch_that_is_not_its_own_is_refused_and_the_one_before_goes_on(folder, x, harm, part):
    deployed = DeployedTree(folder)
    deployed.switch("signs")
    before = deployed(x)
    harm(folder / "branch-low-digits.safetensors")
    with pytest.raises(FamilyError) as fault:
        deployed.switch("Low digits")
    assert part in str(fault.value)
    assert str(fault.value).startswith(("branch-low-digits", str(folder)))
    assert deployed.active == "signs"
    assert torch.equal(deployed(x), before)


@pytest.mark.parametrize(("harm", "part"), FAULTS[:3])
def test_a_trunk_that_is_not_its_own_is_refused(folder, harm, part):
    harm(folder / "trunk.safetensors")
    with pytest.raises(FamilyError, match=part):
        DeployedTree(folder)


def test_networks_that_are_not_in_the_files_take_no_memory(folder):
    path = folder / MANIFEST
    document = json.loads(path.read_text())
    document["backbone"]["builder"] = "small_residual(width=256)"
    n, names = 24, [f"b{i}" for i in range(24)]
    task = next(task for task in document["tasks"] if task["name"] == "signs")
    trunk, branch = document["files"][0], next(file for file in document["files"] if file["task"] == "signs")
    document["tasks"] = [task | {"name": name, "width": 1.0} for name in names]
    document["files"] = [trunk, *(branch | {"task": name, "path": f"branch-{name}.safetensors"} for name in names)]
    apart = [[i] for i in range(n)]
    document["layout"] = [[[*range(n)]] if len(groups) == 1 else apart for groups in document["layout"]]
    path.write_text(json.dumps(document))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FamilyError, match="does not fit its plan"):
        DeployedTree(folder)
    # Kilobytes; one such network has 90 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_branch_exchanged_after_it_was_checked_is_noticed(folder):
    deployed = DeployedTree(folder)
    for name in ("Low digits", "signs"):
        deployed.switch(name)
    path = folder / "branch-low-digits.safetensors"
    truncated(path)
    with pytest.raises(FamilyError, match="truncated"):
        deployed.switch("Low digits")


def test_a_manifest_that_names_another_tree_s_branch_is_refused(folder, tmp_path):
    """Hash and bytes agree with the forged manifest; the branch file itself tells."""
    mine, theirs = (json.loads((where / MANIFEST).read_text()) for where in (folder, tmp_path / "other"))
    mine["files"][1] = theirs["files"][1]
    (folder / MANIFEST).write_text(json.dumps(mine))
    name = theirs["files"][1]["path"]
    (folder / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with pytest.raises(FamilyError, match="another trunk"):
        DeployedTree(folder).switch("Low digits")


def as_earlier(folder):
    """Write the manifest as earlier versions did."""
    (folder / MANIFEST).write_text(read_manifest(folder).model_dump_json(exclude={"study", "source"}))


def edited(folder, **changes):
    document = json.loads((folder / MANIFEST).read_text())
    for place, value in changes.items():
        *way, last = place.split("__")
        target = document
        for step in way:
            target = target[int(step)] if step.isdigit() else target[step]
        target[last] = value
    (folder / MANIFEST).write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"branches__0__file": "../../etc/passwd"}, "damaged"),
        ({"branches__0__file": "trunk.safetensors"}, "twice"),
        ({"branches__1__name": "Low digits"}, "twice"),
        ({"format": "something else"}, "damaged"),
        ({"branches": []}, "damaged"),
        ({"trunk__sha256": "0"}, "damaged"),
        ({"branches__0__task__kind": "magic"}, "damaged"),
        ({"branches__0__name": "<b>"}, "layouts and tables"),
        ({"cut": 9}, "from 0 to 5"),
        ({"cut": 1}, "does not fit its plan"),
        ({"backbone__builder": "__import__('os').system('true')"}, "known network"),
        ({"backbone__builder": "torchvision.models.get_model(name='resnet18', weights='DEFAULT')"}, "known network"),
        ({"backbone__builder": "small_residual(width=1000000000)"}, "to 256"),
        ({"backbone__size": [100000, 32]}, "out of range"),
    ],
)
def test_a_forged_manifest_of_earlier_versions_is_one_sentence(folder, changes, part):
    as_earlier(folder)
    edited(folder, **changes)
    with pytest.raises(BranchwiseError) as fault:
        DeployedTree(folder)
    assert part in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"files__1__path": "../../etc/passwd"}, "damaged"),
        ({"files__1__path": "trunk.safetensors"}, "damaged"),
        ({"files__1__task": "nobody"}, "damaged"),
        ({"files": []}, "damaged"),
        ({"tasks__1__name": "Low digits"}, "damaged"),
        ({"tasks__0__kind": "magic"}, "damaged"),
        ({"tasks": []}, "damaged"),
        ({"files__0__sha256": "0"}, "damaged"),
        ({"cut": 9}, "from 0 to 5"),
        ({"cut": 1}, "does not fit its plan"),
        ({"version": 3}, "damaged"),
        ({"layout": [[[0, 1]]]}, "damaged"),
        ({"backbone__builder": "__import__('os').system('true')"}, "known network"),
        ({"backbone__builder": "small_residual(width=1000000000)"}, "to 256"),
        ({"backbone__size": [100000, 32]}, "out of range"),
    ],
)
def test_a_forged_manifest_is_one_sentence(folder, changes, part):
    edited(folder, **changes)
    with pytest.raises(BranchwiseError) as fault:
        DeployedTree(folder)
    assert part in str(fault.value)
    assert "\n" not in str(fault.value)


def test_the_manifest_is_that_of_every_export_and_the_earlier_one_is_read(folder, x):
    written = read((folder / MANIFEST).read_bytes())
    assert (written.family, written.cut, len(written.layout)) == ("treednn", 2, 5)
    assert [task.name for task in written.tasks] == [plan.name for plan in WANTED]
    assert [file.role for file in written.files] == ["trunk", *["branch"] * len(WANTED)]
    now = DeployedTree(folder)
    as_earlier(folder)
    before = DeployedTree(folder)
    assert before.names == now.names
    for name in now.names:
        now.switch(name)
        before.switch(name)
        assert torch.equal(now(x), before(x))


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"format": NaN}'])
def test_a_manifest_that_is_none_is_one_sentence(folder, content):
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(FamilyError, match="no manifest"):
        read_manifest(folder)


def test_a_folder_without_a_tree_is_one_sentence(tmp_path):
    with pytest.raises(FamilyError, match="can't be read"):
        read_manifest(tmp_path / "none")


def test_before_a_branch_is_loaded_nothing_can_be_asked(folder, x):
    with pytest.raises(FamilyError, match="No branch is loaded"):
        DeployedTree(folder)(x)
    with pytest.raises(FamilyError, match="no branch"):
        DeployedTree(folder).switch("cats")


def test_plans_of_other_branches_are_refused(tree, tmp_path):
    with pytest.raises(FamilyError, match="Describe these"):
        save_tree(tree, tmp_path, PLAN, WANTED[:2])


def test_another_tree_takes_the_place_of_the_one_that_lay_there(folder, x):
    few = WANTED[:2]
    tree = TreeDNN.build(PLAN, 3, few).eval()
    save_tree(tree, folder, PLAN, few)
    kept = {MANIFEST, "trunk.safetensors", *(branch.file for branch in read_manifest(folder).branches)}
    assert {path.name for path in folder.iterdir()} == kept
    deployed = DeployedTree(folder)
    deployed.switch("low–digits")
    assert torch.equal(deployed(x), tree(x, "low–digits"))


def test_half_a_tree_is_none_even_where_another_lay(folder, monkeypatch):
    def full(*_, **__):
        raise StudyError("The disk is full.")

    monkeypatch.setattr("core.studies.network_files.write_whole", full)
    with pytest.raises(StudyError):
        save_tree(grown(), folder, PLAN, WANTED)
    with pytest.raises(FamilyError, match="can't be read"):
        DeployedTree(folder)


def test_a_manifest_of_something_else_is_left_alone(tree, tmp_path):
    (tmp_path / MANIFEST).write_text('{"short_name": "a web page"}')
    with pytest.raises(FamilyError, match=r"no manifest of a TreeDNN\. Choose another folder"):
        save_tree(tree, tmp_path, PLAN, WANTED)
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_larger_heads_are_kept(tmp_path, x):
    plan = BackbonePlan("small_residual(width=4)", SIZE, heads="aspp")
    torch.manual_seed(0)
    tree = TreeDNN.build(plan, 2, WANTED[2:]).eval()
    assert isinstance(tree.branch("far").head, AsppHead)
    save_tree(tree, tmp_path, plan, WANTED[2:])
    deployed = DeployedTree(tmp_path)
    deployed.switch("far")
    with torch.no_grad():
        assert torch.equal(deployed(x), tree(x, "far"))
