import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.growth_steps import Flow, Weights, training_steps
from app.storage.pictures import trained_part
from app.storage.training_picture import training_svg
from app.storage.tree_drawing import DrawnTree
from app.storage.tree_sizes import branch_names
from app.ui.formatting import amount
from core.backbones import Backbone, Block, load_backbone
from core.costs import Unit
from core.families.treednn.costs import CutBackbone

NAMES = ("night", "food", "selfie", "sports", "make-up")


def grown(name="mobilenet_v2", cut=16, k=5):
    case = CutBackbone(load_backbone(name), cut, k)
    return case, training_steps(case, branch_names(NAMES, k))


@st.composite
def cases(draw: st.DrawFn) -> CutBackbone:
    blocks = tuple(Block(f"b{i}", size, 1) for i, size in enumerate(draw(st.lists(st.integers(0, 10**7), min_size=1))))
    return CutBackbone(Backbone("toy", blocks), draw(st.integers(0, len(blocks))), draw(st.integers(1, 40)))


@given(cases())
def test_every_tree_has_a_training_that_keeps_its_promises(case: CutBackbone) -> None:
    k = case.n_branches
    steps = training_steps(case, branch_names(NAMES, k))
    assert all(step.caption.endswith(".") and "  " not in step.caption for step in steps)
    # In the first phase all learn at once; in the second the trunk never does.
    (together,) = [step for step in steps if step.flow is Flow.BACKWARD]
    assert {together.trunk, *together.branches} == {Weights.LEARN}
    after = steps[steps.index(together) + 1 :]
    assert all(step.trunk in (Weights.FROZEN, Weights.KEPT) for step in after)
    # Every branch learns alone exactly once, and the graft touches no other.
    alone = [step for step in after if step.flow is Flow.BOTH]
    learning = [
        place
        for step in alone
        for place, state in enumerate(step.branches)
        if state in (Weights.LEARN, Weights.IN_TURN)
    ]
    assert learning == list(range(k + 1))
    assert [place for step in alone for place in step.rows] == learning
    assert steps[-1].branches == (Weights.KEPT,) * k + (Weights.LEARN,)


def test_sizes_are_those_of_the_backbone():
    case, steps = grown()
    params = [block.params for block in load_backbone("mobilenet_v2").blocks]
    trunk, branch = 4 * sum(params[:16]), 4 * sum(params[16:])
    words = [step.caption for step in steps]
    assert f"blocks 1 to 16 of mobilenet_v2 ({amount(trunk, Unit.BYTES)})" in words[0]
    assert f"blocks 17 to 32 ({amount(branch, Unit.BYTES)})" in words[0]
    assert amount(trunk + 5 * branch, Unit.BYTES) in words[3]
    assert (
        f"{amount(trunk + 5 * branch, Unit.BYTES)} instead of {amount(5 * (trunk + branch), Unit.BYTES)}" in words[-2]
    )
    assert case.params.relative == pytest.approx(0.047, abs=5e-4)
    assert "4.7 % less" in words[-2]


@pytest.mark.parametrize(
    ("k", "expected"),
    [
        (1, "a batch is 64 of its rows"),
        (4, "16 rows of each of the 4 data sets"),
        (5, "13 rows of each of the first 4 data sets and 12 of each other"),
        (9, "8 rows of the first data set and 7 of each other"),
        (40, "2 rows of each of the first 24 data sets and 1 of each other"),
    ],
)
def test_a_batch_is_shared_out_as_the_sampler_does(k, expected):
    _, steps = grown(k=k)
    assert expected in steps[1].caption
    assert steps[1].rows == tuple(range(k))


def test_the_branches_have_the_names_of_the_tasks():
    _, steps = grown(k=5)
    assert [step.title for step in steps if step.title.startswith("Only")] == ["Only night", "Only food"]
    assert "selfie, sports and make-up" in steps[7].caption
    assert branch_names(["night"], 3) == ("night", "task 2", "task 3")
    assert branch_names(NAMES, 2) == ("night", "food")


def test_a_grafted_branch_takes_no_part_before_its_graft():
    case, names = CutBackbone(load_backbone("mobilenet_v2"), 16, 5), ("a", "b", "c", "d", "odd digits")
    tree, grafts = trained_part(DrawnTree(case, names), {"odd digits"})
    assert (tuple(tree.names), grafts, tree.graft) == (names[:4], ("odd digits",), "odd digits")
    steps = training_steps(tree.cut_backbone, tree.names, grafts)
    *before, graft = steps
    assert not any("odd digits" in step.title + step.caption for step in before)
    assert steps[0].title == "One trunk, 4 branches"
    assert graft.title == "A graft: odd digits"
    assert "odd digits 16" not in training_svg(tree, before[3])
    assert "5 · odd digits" in training_svg(tree, graft)
    assert trained_part(DrawnTree(case, names), {"elsewhere"})[1] == ()


def test_an_empty_trunk_and_bare_heads_are_said():
    _, nothing = grown("resnet18", 0, 3)
    assert "the trunk is empty, and every branch is a complete resnet18" in nothing[0].caption
    assert "no trunk to freeze" in nothing[4].caption
    _, heads = grown("resnet18", 9, 3)
    assert "a branch is only a head" in heads[0].caption


def test_one_branch_saves_nothing():
    _, steps = grown(k=1)
    assert "nothing is saved" in steps[-2].caption
    assert not any("other" in step.caption for step in steps)
