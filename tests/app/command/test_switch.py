import pytest

from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployment import save_tree
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import read_manifest
from core.networks.plan import BackbonePlan
from core.tasks import Kind, Task


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    plan = BackbonePlan("small_residual(width=4)", (32, 32))
    wanted = [BranchPlan(name, Task.usual(name, Kind.CLASSIFICATION, 3), (32, 32)) for name in ("portrait", "night")]
    save_tree(TreeDNN.build(plan, 3, wanted), folder, plan, wanted)
    return folder


def test_times_of_every_branch_both_ways(answer, deployed):
    found = answer("switch", deployed, "--repeats", 2)
    assert found["directory"] == str(deployed)
    assert found["backbone"] == {"builder": "small_residual(width=4)", "cut": 3, "size": [32, 32]}
    assert [branch["name"] for branch in found["branches"]] == ["portrait", "night"]
    manifest = read_manifest(deployed)
    assert found["bytes"]["tree"] == manifest.tree_bytes
    assert found["bytes"]["trunk"] == manifest.trunk.bytes
    for branch in found["branches"]:
        assert branch["whole"]["bytes"] - branch["branch"]["bytes"] == manifest.trunk.bytes
        assert 0 < branch["branch"]["warm"]["load"] < branch["branch"]["warm"]["first_output"]
        assert (branch["whole"]["cold"] is not None) == found["cold"]["measured"]
    assert found["repeats"] == 2
    assert found["median"]["whole"]["warm"]["load"] > 0


def test_people_read_a_table(call, deployed):
    found = call("switch", deployed, "--repeats", 1)
    assert found.exit_code == 0, found.stderr
    assert "portrait  whole network" in found.stdout
    assert "night     branch only" in found.stdout
    assert "medians of 1" in found.stdout


def test_what_is_no_deployed_tree_is_one_sentence(refusal, tmp_path, deployed):
    assert "does not exist" in refusal("switch", tmp_path / "none")
    assert "manifest.json can't be read" in refusal("switch", tmp_path)
    assert "Choose 1 to" in refusal("switch", deployed, "--repeats", 0, "--json")
