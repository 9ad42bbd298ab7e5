import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.model import (
    MOST_BRANCHES,
    Count,
    Gain,
    StorageView,
    contrast,
    curves_frame,
    cuts_frame,
    middle,
    nearest_cut,
    spoken,
    strips,
    tiles,
    where,
)
from app.ui.paths import ASSETS
from core.backbones import Backbone, Block, load_backbone
from core.backbones.catalogue import bundled_backbones
from core.families.treednn.costs import CutBackbone, LayerCount

PROFILE = json.loads((ASSETS / "backbones" / "mobilenet_v2.json").read_text(encoding="utf-8"))["blocks"]


def view_of(name="mobilenet_v2", cut=17, k=5, gain=Gain.RELATIVE, formula=(100, 10)):
    return StorageView(CutBackbone(load_backbone(name), cut, k), formula and LayerCount(*formula, k), gain)


def toy(sizes, macs=None):
    macs = sizes if macs is None else macs
    return Backbone("toy", tuple(Block(f"b{i}", p, m) for i, (p, m) in enumerate(zip(sizes, macs, strict=True))))


def at(frame, what, k):
    return frame[(frame["count"] == str(what)) & (frame["branches"] == k)].iloc[0]


def test_the_paper_s_case_is_240_of_500_layers():
    row = at(curves_frame(view_of()), Count.FORMULA, 5)
    assert (row["saved"], row["dedicated"], row["saved_share"], row["asymptote"]) == (240, 500, 0.48, 0.6)
    assert view_of().saved(Count.FORMULA) == "48 %"
    assert view_of(gain=Gain.ABSOLUTE).saved(Count.FORMULA) == "240 of 500 layers"


@pytest.mark.parametrize(("field", "what"), [("params", Count.PARAMETERS), ("macs", Count.ALL_TASKS)])
def test_mobilenet_at_five_branches_is_what_its_profile_adds_up_to(field, what):
    sizes = [block[field] for block in PROFILE]
    trunk, branch = sum(sizes[:17]), sum(sizes[17:])
    row = at(curves_frame(view_of()), what, 5)
    assert row["tree"] == trunk + 5 * branch
    assert row["dedicated"] == 5 * sum(sizes)
    assert row["saved"] == 5 * sum(sizes) - trunk - 5 * branch
    assert row["saved_share"] == pytest.approx(row["saved"] / row["dedicated"])
    assert row["asymptote"] == pytest.approx(trunk / sum(sizes))


def test_one_task_at_a_time_saves_nothing_however_many_branches():
    frame = curves_frame(view_of())
    alone = frame[frame["count"] == str(Count.ONE_TASK)]
    assert (alone["saved"] == 0).all()
    assert (alone["asymptote"] == 0).all()
    assert set(alone["dedicated"]) == {sum(block["macs"] for block in PROFILE)}
    assert set(frame["branches"]) == set(range(1, MOST_BRANCHES + 1))


@pytest.mark.parametrize("what", [each for each in Count if each is not Count.ONE_TASK])
def test_every_curve_rises_from_nothing_towards_its_asymptote(what):
    frame = curves_frame(view_of(), [1, 2, 40, 10**5])
    rows = frame[frame["count"] == str(what)]
    assert rows["saved_share"].iloc[0] == 0
    assert (np.diff(rows["saved_share"]) > 0).all()
    assert rows["saved_share"].iloc[-1] == pytest.approx(rows["asymptote"].iloc[-1], rel=1e-4)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.data())
def test_the_figure_s_formula_is_that_of_the_core(sizes, data):
    """The browser draws (k − 1)/k of the trunk's share, and k − 1 trunks."""
    cut, k = data.draw(st.integers(0, len(sizes))), data.draw(st.integers(1, MOST_BRANCHES))
    view = StorageView(CutBackbone(toy(sizes), cut, k), None)
    for what in (Count.BLOCKS, Count.PARAMETERS, Count.ALL_TASKS):
        stored = view.stored(what)
        assert stored.relative == pytest.approx(view.asymptote(what) * (1 - 1 / k), abs=1e-12)
        assert stored.gain == pytest.approx(stored.trunk * (k - 1))


def test_the_sentence_says_how_little_half_of_mobilenet_saves():
    said = contrast(view_of())
    assert "first 17 of 32 blocks saves 43 % of the blocks, but only 6.7 % of the parameters" in said
    assert "all 5 tasks use the same input, 38 % of the multiply-accumulates" in said
    assert "one task at a time saves none" in said


def test_the_sentence_follows_the_numbers():
    heavy, even = toy([90, 5, 5], [1, 1, 1]), toy([1, 1, 1])
    assert "as much as 45 %" in contrast(StorageView(CutBackbone(heavy, 1, 2), None))
    words = contrast(StorageView(CutBackbone(even, 1, 2), None))
    assert "but" not in words
    assert "17 % of the blocks and 17 % of the parameters" in words
    assert "nothing is saved" in contrast(view_of(k=1))
    assert "Nothing is shared" in contrast(view_of(cut=0))


def test_a_backbone_without_parameters_or_macs_is_counted_in_what_it_has():
    view = StorageView(CutBackbone(toy([0, 0], [3, 1]), 1, 4), None)
    assert view.counts == (Count.BLOCKS, Count.ALL_TASKS, Count.ONE_TASK)
    assert "parameters" not in contrast(view)
    assert [label for label, *_ in tiles(view)] == ["Saved MACs"]
    assert list(strips(view)) == [Count.BLOCKS, Count.ALL_TASKS]
    bare = StorageView(CutBackbone(toy([0, 0]), 1, 4), None)
    assert bare.counts == (Count.BLOCKS,)
    assert contrast(bare).endswith("of the blocks.")
    assert len(cuts_frame(bare)) == 3


def test_the_figures_in_large_print():
    found = {label: (value, note) for label, value, note in tiles(view_of())}
    params = [block["params"] for block in PROFILE]
    assert found["Trunk"][0] == f"{sum(params[:17]) * 4 / 1e3:.3g} kB"
    assert found["Each branch"][0] == f"{sum(params[17:]) * 4 / 1e6:.3g} MB"
    assert found["Stored"][0] == f"{(sum(params[:17]) + 5 * sum(params[17:])) * 4 / 1e6:.3g} MB"
    milliseconds = 228 * sum(params[17:]) / sum(params)
    assert f"228\u00a0ms would be {milliseconds:.0f}\u00a0ms" in found["Expected switch time"][1]


def test_where_the_trunk_ends_is_said_from_one():
    said = where(view_of())
    assert said.startswith("The trunk ends after block 17 of 32")
    assert "features.9" in said
    assert where(view_of(cut=0)).startswith("No trunk")
    assert where(view_of(cut=32)).endswith("the branches are heads")


def test_the_table_of_cuts_has_every_cut():
    frame = cuts_frame(view_of())
    assert list(frame["trunk"]) == list(range(33))
    for column in ("saved blocks", "saved parameters", "saved MACs"):
        assert frame[column].iloc[0] == 0
        assert frame[column].is_monotonic_increasing
        assert frame[column].iloc[-1] == pytest.approx(80)
    np.testing.assert_allclose(frame["trunk bytes"] + frame["branch bytes"], 4 * load_backbone("mobilenet_v2").params)


@pytest.mark.parametrize("name", bundled_backbones())
def test_every_bundled_backbone_has_a_middle_and_words(name):
    backbone = load_backbone(name)
    view = view_of(name, middle(backbone))
    assert 1 <= view.case.cut <= backbone.n_blocks
    assert set(view.counts) == set(Count)
    assert f"blocks of {backbone.name}" in spoken(view)


def test_the_nearest_cut_is_the_nearest():
    backbone = toy([10, 30, 30, 30])
    assert [nearest_cut(backbone, share) for share in (0.0, 0.1, 0.2, 0.54, 1.0)] == [0, 1, 1, 2, 4]
