import pytest

from app.backbone.compare import merged_frame, totals_frame
from app.backbone.model import BackboneView
from app.backbone.tables import blocks_frame, every_digit, shares_frame
from app.ui.downloads import file_stem
from core.backbones import Backbone, Block


def backbone(name: str, *macs: int, latency: float | None = None) -> Backbone:
    return Backbone(name, tuple(Block(f"b{i}", 2 * m, m, (4, 2), latency) for i, m in enumerate(macs)))


def test_the_table_has_one_row_per_block_counted_from_one() -> None:
    frame = blocks_frame(backbone("net", 1, 3))
    assert frame["block"].tolist() == [1, 2]
    assert frame["parameters"].tolist() == [2, 6]
    assert frame["macs so far"].tolist() == [25, 100]
    assert frame["activation bytes"].tolist() == [32, 32]
    assert "latency" not in frame
    assert blocks_frame(backbone("net", 1, 3, latency=0.002))["latency"].tolist() == [2.0, 2.0]


def test_shares_are_listed_for_what_is_known() -> None:
    assert shares_frame(backbone("net", 1, 3))["MACs"].tolist() == [0, 25, 100]
    assert list(shares_frame(Backbone("net", (Block("a", 3, 0),)))) == ["Parameters"]


def test_totals_say_how_many_times_the_second_is() -> None:
    frame = totals_frame(backbone("one", 1, 3), backbone("other", 8))
    assert list(frame)[1:3] == ["one", "other"]
    assert dict(zip(frame[""], frame["ratio"], strict=True))["MACs"] == "2.00×"
    assert "Latency" not in frame[""].tolist()


@pytest.mark.parametrize("name", ["one", "other"])
def test_both_are_merged_alike_even_under_one_name(name: str) -> None:
    one, other = backbone("one", 1, 1, 2), backbone(name, 5, 5, 5, 5)
    frame = merged_frame(BackboneView(one, (0, 1)), other)
    assert len(frame) == 2
    assert frame.columns.is_unique
    macs = [column for column in frame if str(column).endswith(": MACs")]
    assert [frame[column].sum() for column in macs] == [4, 20]


def test_file_names_are_plain() -> None:
    assert file_stem("../../etc/pass wd\n") == "etc_pass_wd"
    assert file_stem("数据") == "backbone"


def test_parameters_of_large_blocks_are_written_like_those_of_small_ones() -> None:
    assert [every_digit(value) for value in (232, 4_468_736, 14_964_736)] == ["232", "4 468 736", "14 964 736"]
