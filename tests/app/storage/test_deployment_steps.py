import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.deployment_steps import Ledger, deployment_steps
from app.storage.tree_sizes import branch_names
from core.backbones import Backbone, Block, load_backbone
from core.families.treednn.costs import CutBackbone, response


@st.composite
def cases(draw: st.DrawFn) -> CutBackbone:
    sizes = draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
    blocks = tuple(Block(f"b{i}", size, 1) for i, size in enumerate(sizes))
    return CutBackbone(Backbone("toy", blocks), draw(st.integers(0, len(blocks))), draw(st.integers(1, 40)))


@given(cases())
def test_accounts_add_up_at_every_step(case: CutBackbone) -> None:
    steps = deployment_steps(case, branch_names((), case.n_branches))
    trunk, branch = 4 * case.params.trunk, 4 * case.params.branches[0]
    for step in steps:
        held = branch if step.resident is not None else 0
        assert step.tree.memory == (trunk if step.trunk else 0) + held
        assert step.dedicated.memory == (trunk + branch if step.resident is not None else 0)
        assert step.caption.endswith(".")
    n_read = sum(step.read is not None for step in steps)
    assert steps[-1].tree.total == (trunk if n_read else 0) + n_read * branch
    assert steps[-1].dedicated.total == n_read * (trunk + branch)
    # Nothing is ever read that was not asked for, and what is dropped was there.
    resident = None
    for step in steps:
        assert step.read in (None, step.asked)
        assert step.dropped in (None, resident)
        resident = step.resident


@pytest.mark.parametrize(("k", "asked"), [(1, [0]), (2, [0, 1, 0]), (3, [0, 1, 2, 0]), (40, [0, 1, 2, 0])])
def test_the_user_changes_between_the_tasks_there_are(k, asked):
    steps = deployment_steps(CutBackbone(load_backbone("resnet18"), 8, k), branch_names(("night", "food"), k))
    assert [step.read for step in steps if step.read is not None] == asked
    assert sum(step.computes for step in steps) == 1


def test_a_switch_is_told_by_the_papers_arithmetic():
    case = CutBackbone(load_backbone("mobilenet_v2"), 28, 5)
    (words,) = [
        step.caption for step in deployment_steps(case, branch_names((), 5)) if "TreeDNN's formula" in step.caption
    ]
    assert f"{response(100, case.branch_share):.0f} % of the time" in words
    assert "3.54 MB" in words
    assert "8.9 MB" in words


def test_a_ledger_counts_what_is_read_now_and_so_far():
    account = Ledger().reading(5).asked().dropping(3).reading(2)
    assert account == Ledger(memory=4, read=2, total=7)
