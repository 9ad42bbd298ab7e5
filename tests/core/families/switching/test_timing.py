import pytest
import torch

from core.errors import FamilyError
from core.families.switching import timing as switching
from core.families.switching.report import Cold
from core.families.switching.timing import measure_switching
from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployment import save_tree
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import read_manifest
from core.networks.plan import BackbonePlan
from core.tasks import Kind, Task

PLAN = BackbonePlan("small_residual(width=4)", (32, 32))
WANTED = tuple(BranchPlan(name, Task.usual(name, Kind.CLASSIFICATION, 3), (32, 32)) for name in ("a", "b"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("tree")
    save_tree(TreeDNN.build(PLAN, 3, WANTED), found, PLAN, WANTED)
    return found


def test_every_branch_is_measured_both_ways(folder):
    told = []
    report = measure_switching(folder, repeats=3, progress=lambda *point: told.append(point))
    manifest = read_manifest(folder)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [branch.name for branch in report.branches] == ["a", "b"]
    for branch, entry in zip(report.branches, manifest.branches, strict=True):
        assert branch.branch.bytes == entry.bytes
        assert branch.whole.bytes == entry.bytes + manifest.trunk.bytes
        for way in (branch.whole, branch.branch):
            assert 0 < way.warm.load < way.warm.first_output
            assert (way.cold is not None) == report.cold.is_measurable
    assert report.tree_bytes == manifest.tree_bytes
    assert report.separate_bytes == sum(branch.bytes + manifest.trunk.bytes for branch in manifest.branches)
    assert report.median("whole", cold=False).load > 0


def test_a_system_that_can_t_drop_files_has_no_cold_figures(folder, monkeypatch):
    monkeypatch.setattr(switching, "how_cold", lambda _: Cold.UNAVAILABLE)
    report = measure_switching(folder, repeats=1)
    assert report.branches[0].whole.cold is None
    assert report.median("branch", cold=True) is None


def test_whole_networks_in_files_of_their_own(folder, tmp_path):
    from safetensors.torch import save_file

    tree = TreeDNN.build(PLAN, 3, WANTED)
    files = {}
    for name in tree.names:
        files[name] = tmp_path / f"{name}.safetensors"
        save_file({key: tensor.contiguous() for key, tensor in tree.path(name).state_dict().items()}, files[name])
    report = measure_switching(folder, repeats=1, dedicated=files)
    assert report.branches[0].whole.bytes == files["a"].stat().st_size


@pytest.mark.parametrize("options", [{"repeats": 0}, {"repeats": 10**9}, {"threads": 0}])
def test_what_is_out_of_range_is_one_sentence(folder, options):
    with pytest.raises(FamilyError, match="Choose 1 to"):
        measure_switching(folder, **options)


def test_threads_are_as_asked_inside_and_as_before_afterwards(folder):
    before = torch.get_num_threads()
    assert measure_switching(folder, repeats=1, threads=2).threads == 2
    assert torch.get_num_threads() == before


def test_measuring_leaves_torch_s_random_numbers_alone(folder):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    measure_switching(folder, repeats=1)
    assert torch.equal(torch.rand(3), expected)
