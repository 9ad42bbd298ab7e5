import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backbones import Backbone, Block, load_backbone
from core.costs import CostQuestion
from core.errors import FamilyError
from core.families.treednn.costs import CutBackbone, LayerCount, Stored, implied_trunk_share, response


def backbone(params: list[int]) -> Backbone:
    return Backbone("toy", tuple(Block(f"b{i}", size, 10 * size + 1) for i, size in enumerate(params)))


@st.composite
def counts(draw: st.DrawFn) -> LayerCount:
    layers = draw(st.integers(1, 300))
    halves = draw(st.integers(-layers, layers))
    return LayerCount(layers, halves / 2, draw(st.integers(1, 60)))


def test_the_case_of_the_paper():
    case = LayerCount(layers=100, epsilon=10, n_branches=5)
    assert (case.tree, case.separate, case.gain, case.relative) == (260, 500, 240, 0.48)
    assert (case.trunk, case.branch, case.asymptote) == (60, 40, 0.6)


def test_the_printed_sign_would_give_another_number():
    assert LayerCount(100, 10, 5).gain_as_printed == 160
    assert LayerCount(100, 0, 5).gain_as_printed == LayerCount(100, 0, 5).gain


@given(counts())
def test_formulas_are_those_of_counting(case: LayerCount) -> None:
    half, epsilon, k = Fraction(case.layers, 2), Fraction(case.epsilon), case.n_branches
    assert case.tree == half + epsilon + k * (half - epsilon)
    assert case.gain == k * case.layers - case.tree
    assert case.relative == pytest.approx(float(Fraction(k - 1, k) * (Fraction(1, 2) + epsilon / case.layers)))
    assert case.stored.gain == case.gain
    assert case.is_whole == ((half + epsilon).denominator == 1)


@given(counts())
def test_more_branches_save_a_larger_share_up_to_the_trunk_s(case: LayerCount) -> None:
    more = LayerCount(case.layers, case.epsilon, case.n_branches + 1)
    assert case.relative <= more.relative + 1e-12
    assert more.relative <= case.asymptote + 1e-12
    assert LayerCount(case.layers, case.epsilon, 10**6).relative == pytest.approx(case.asymptote, abs=2e-6)


def test_one_network_saves_nothing():
    assert LayerCount(100, 10, 1).gain == 0


def test_an_odd_network_counts_in_halves():
    case = LayerCount(19, 0.5, 5)
    assert (case.trunk, case.branch, case.is_whole) == (10, 9, True)
    assert not LayerCount(19, 0, 5).is_whole
    assert LayerCount(101, 10, 5).gain == 242


def test_the_first_half_of_mobilenet_s_layers_saves_some_seven_percent_of_its_parameters():
    """The first 10 of its 19 feature modules hold 8.3 %."""
    whole = load_backbone("mobilenet_v2")
    cut = 1 + [block.name for block in whole.blocks].index("features.9")
    case = CutBackbone(whole, cut, 5)
    assert case.params.separate == 5 * 2_223_872
    assert case.trunk_share == pytest.approx(0.0832, abs=5e-5)
    assert case.params.relative == pytest.approx(0.8 * 0.0832, abs=1e-4)
    assert case.blocks.relative > 0.4
    assert case.macs(CostQuestion.ALL_TASKS).relative > 0.35


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.data())
def test_any_cut_of_any_backbone(params: list[int], data: st.DataObject) -> None:
    cut, k = data.draw(st.integers(0, len(params))), data.draw(st.integers(1, 40))
    case = CutBackbone(backbone(params), cut, k)
    assert case.params.gain == (k - 1) * sum(params[:cut])
    assert case.bytes.gain == 4 * case.params.gain
    assert case.params.tree == sum(params[:cut]) + k * sum(params[cut:])
    assert case.params.relative <= case.trunk_share + 1e-12
    assert case.branch_share + case.trunk_share == 1
    assert case.macs(CostQuestion.ALL_TASKS).gain == (k - 1) * sum(10 * size + 1 for size in params[:cut])
    one = case.macs(CostQuestion.ONE_TASK)
    assert one.gain == 0
    assert one.separate == sum(10 * size + 1 for size in params)


def test_the_ends_are_separate_networks_and_hard_sharing():
    assert CutBackbone(backbone([1, 2, 3]), 0, 4).params.gain == 0
    assert CutBackbone(backbone([1, 2, 3]), 3, 4).params.tree == 6


def test_branches_may_differ_from_the_rest_of_the_backbone():
    lighter = Stored(60, (40, 10), (100, 100))
    assert (lighter.tree, lighter.gain, lighter.relative) == (110, 90, 0.45)
    assert Stored(60, (400, 40), (100, 100)).gain == -300


def test_response_is_the_branch_s_share_of_the_time():
    assert response(228, 0.5) == 114
    assert response(10, 0) == 0


@given(st.floats(0, 1), st.integers(2, 40), st.floats(0.1, 1e6))
def test_the_share_is_found_again(share: float, k: int, size: float) -> None:
    tree = size * (share + k * (1 - share))
    assert implied_trunk_share(k * size, min(max(tree, size), k * size), k) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (lambda: LayerCount(100, 10, 0), "0 branches"),
        (lambda: LayerCount(0, 0, 2), "0 layers"),
        (lambda: LayerCount(100, 51, 5), "−50 to 50"),
        (lambda: LayerCount(101, -51, 5), "−50.5 to 50.5"),
        (lambda: LayerCount(100, math.nan, 5), "ε is nan"),
        (lambda: CutBackbone(backbone([1, 2]), 3, 2), "from 0 to 2"),
        (lambda: CutBackbone(backbone([1, 2]), -1, 2), "trunk of -1"),
        (lambda: CutBackbone(backbone([1, 2]), 1, 0), "at least one"),
        (lambda: Stored(1, (), ()), "0 branches"),
        (lambda: Stored(1, (1,), (2, 2)), "one network for each"),
        (lambda: Stored(-1, (1,), (2,)), "size of -1"),
        (lambda: response(-1, 0.5), "response time of -1"),
        (lambda: response(1, 1.5), "share of 0 to 1"),
        (lambda: implied_trunk_share(120, 68, 1), "at least two"),
        (lambda: implied_trunk_share(120, 130, 8), "from 15 to 120"),
    ],
)
def test_what_makes_no_tree_is_one_sentence(made, part) -> None:
    with pytest.raises(FamilyError) as fault:
        made()
    assert part in str(fault.value)
