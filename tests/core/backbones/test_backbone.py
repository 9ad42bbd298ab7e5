import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backbones import Backbone, Block
from core.backbones.backbone import MAX_BLOCKS, equal_runs
from core.errors import BackboneError

sizes = st.lists(st.integers(0, 50), min_size=1, max_size=8)


@st.composite
def backbones(draw):
    n = draw(st.integers(1, 7))
    figures = st.lists(st.integers(0, 10**9), min_size=n, max_size=n)
    timed = draw(st.booleans())
    return Backbone(
        "net",
        tuple(
            Block(f"b{i}", p, m, (i + 1, 4, 4), 0.001 * i if timed else None)
            for i, (p, m) in enumerate(zip(draw(figures), draw(figures), strict=True))
        ),
    )


@given(backbones(), st.data())
def test_merging_changes_no_total(backbone, data):
    starts = [0, *sorted(data.draw(st.sets(st.integers(1, max(backbone.n_blocks - 1, 1)))))]
    starts = [s for s in starts if s < backbone.n_blocks]
    merged = backbone.merged(starts)
    assert merged.n_blocks == len(starts)
    assert (merged.params, merged.macs) == (backbone.params, backbone.macs)
    assert (merged.latency is None) == (backbone.latency is None)
    if backbone.latency is not None:
        assert merged.latency == pytest.approx(backbone.latency)
    ends = [*starts[1:], backbone.n_blocks]
    assert [b.output_shape for b in merged.blocks] == [backbone.blocks[end - 1].output_shape for end in ends]


@given(backbones())
def test_merging_to_all_blocks_or_to_one(backbone):
    assert backbone.merged_to(backbone.n_blocks) == backbone
    (whole,) = backbone.merged_to(1).blocks
    assert (whole.params, whole.macs) == (backbone.params, backbone.macs)


@given(sizes, st.data())
def test_runs_are_the_most_equal_of_all(sizes, data):
    n_runs = data.draw(st.integers(1, len(sizes)))

    def unevenness(starts):
        return sum(sum(sizes[a:b]) ** 2 for a, b in itertools.pairwise([*starts, len(sizes)]))

    found = equal_runs(sizes, n_runs)
    every = [(0, *rest) for rest in itertools.combinations(range(1, len(sizes)), n_runs - 1)]
    assert tuple(found) in every
    assert unevenness(found) == min(map(unevenness, every))


@pytest.mark.parametrize("n_runs", [0, -1, 4])
def test_a_number_of_runs_that_can_not_be_is_refused(n_runs):
    with pytest.raises(BackboneError, match=f"3 blocks can't be merged to {n_runs}"):
        equal_runs([1, 1, 1], n_runs)


@pytest.mark.parametrize("starts", [[], [1], [0, 0], [0, 2, 1], [0, 3]])
def test_starts_must_rise_inside_the_backbone(starts):
    backbone = Backbone("net", tuple(Block(f"b{i}", 1, 1) for i in range(3)))
    with pytest.raises(BackboneError, match="Give rising numbers from 0 to at most 2"):
        backbone.merged(starts)


@pytest.mark.parametrize("field", ["params", "macs", "latency"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf])
def test_a_count_is_finite_and_not_negative(field, value):
    with pytest.raises(BackboneError, match=f'Block "b" has {field}'):
        Block(**({"name": "b", "params": 1, "macs": 1} | {field: value}))


def test_bytes_are_four_per_parameter():
    block = Block("b", 10, 20, (3, 4, 5))
    assert block.bytes == 40
    assert block.activation_bytes == 4 * 60
    assert Block("b", 10, 20).activation_bytes == 0


@pytest.mark.parametrize("n", [0, MAX_BLOCKS + 1])
def test_a_backbone_has_one_block_or_more_but_not_too_many(n):
    with pytest.raises(BackboneError, match=f"has {n} blocks"):
        Backbone("net", (Block("b", 1, 1),) * n)


def test_latency_is_known_only_if_every_block_was_timed():
    timed, untimed = Block("a", 1, 1, latency=0.5), Block("b", 1, 1)
    assert Backbone("net", (timed, untimed)).latency is None
    assert Backbone("net", (timed, timed)).latency == 1.0
