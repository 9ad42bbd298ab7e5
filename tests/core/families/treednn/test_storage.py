import pytest

from core.families.treednn.points import branch_gains, tree_storage
from core.families.treednn.results import TreeResults
from core.studies.bundled import load_bundled


def test_a_tree_without_its_graft_was_measured_and_one_with_fewer_branches_was_not():
    study = load_bundled("treednn")
    (curve,) = tree_storage(study)
    branches = study.result(TreeResults).branches
    grown = [branch for branch in branches if not branch.is_graft]
    known = {1, len(grown), len(branches)}
    assert set(curve.first) == known
    for k in known - {1}:
        expected = sum(branch_gains(branch).mean() for branch in branches[:k]) / k
        assert curve.first[k].gain == pytest.approx(expected)
