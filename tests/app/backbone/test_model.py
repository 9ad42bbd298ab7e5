import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backbone.model import BackboneView, cumulative, equal_starts, picked_starts, remark
from app.ui.formatting import units_of
from core.backbones import Backbone, Block
from core.costs import Unit
from core.layouts.counting import count_layouts

sizes = st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any)


def backbone(macs: list[int], params: list[int] | None = None) -> Backbone:
    return Backbone(
        "net", tuple(Block(f"b{i}", p, m) for i, (m, p) in enumerate(zip(macs, params or macs, strict=True)))
    )


@given(sizes)
def test_shares_rise_from_nothing_to_everything(macs: list[int]) -> None:
    shares = cumulative(backbone(macs), Unit.MACS)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(100)
    assert (np.diff(shares) >= 0).all()
    assert len(shares) == len(macs) + 1


@given(sizes, st.data())
def test_merging_keeps_every_cost_and_every_block(macs: list[int], data: st.DataObject) -> None:
    picked = data.draw(st.lists(st.integers(-3, 20)))
    whole = backbone(macs)
    view = BackboneView(whole, picked_starts(picked, whole.n_blocks))
    assert view.merged.macs == whole.macs
    assert view.merged.n_blocks == view.n_blocks == len(view.runs)
    assert [block for first, end in view.runs for block in range(first, end)] == list(range(whole.n_blocks))
    assert set(view.starts) - {0} == {at for at in picked if 0 < at < whole.n_blocks}


@given(st.integers(1, 12))
def test_the_number_of_layouts_follows_the_merged_blocks(n_blocks: int) -> None:
    whole = backbone([1] * 12)
    view = BackboneView(whole, equal_starts(whole, n_blocks))
    assert view.n_layouts(3) == count_layouts(3, n_blocks)


def test_parameters_decide_where_macs_are_unknown() -> None:
    assert equal_starts(backbone([0, 0, 0, 0, 0], [1, 1, 1, 3, 3]), 3) == (0, 3, 4)


def test_units_are_those_with_figures() -> None:
    assert units_of(backbone([1], [0])) == [Unit.MACS]
    assert units_of(Backbone("b", (Block("a", 0, 0, latency=0.1),))) == [Unit.LATENCY]
    assert units_of(backbone([0])) == []


def test_there_is_no_remark_on_what_is_not_known() -> None:
    assert remark(backbone([1, 2], [0, 0])) == ""
    assert remark(backbone([1])) == ""
