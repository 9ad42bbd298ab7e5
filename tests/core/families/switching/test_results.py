import json
import math
from dataclasses import replace
from datetime import date

import pytest

from core.backbones import load_backbone
from core.errors import FamilyError
from core.families.switching import results as switchings
from core.families.switching.report import BranchTimes, Cold, Switch, SwitchReport, Times
from core.families.switching.results import (
    MeasuredSwitch,
    bundled_switchings,
    by_nearness,
    is_of,
    read_switchings,
    write_switchings,
)


def measured(backbone="resnet18", cut=4, n_blocks=9):
    times = Times(0.01, 0.03)
    branches = (
        BranchTimes("a", Switch(1000, times, times), Switch(400, times, None)),
        BranchTimes("b", Switch(3000, times, None), Switch(600, times, None)),
    )
    report = SwitchReport(600, 1200, branches, Cold.UNAVAILABLE, 3, 1, "Linux x86_64")
    return MeasuredSwitch(backbone, cut, n_blocks, 0.25, date(2026, 11, 22), "python …", report)


def test_what_is_written_is_read_again():
    found = (measured(), measured("vgg16", 13, 13))
    assert read_switchings(write_switchings(found)) == found


def test_a_switch_reads_the_share_of_the_branches():
    assert measured().loaded_share == 0.25


@pytest.mark.parametrize(
    ("content", "where"),
    [(b"", "the whole file"), (b"[{}]", "0 › backbone"), (b'{"a": 1}', "the whole file"), (b"\xff", "the whole file")],
)
def test_damage_is_one_sentence_that_says_where(content, where):
    with pytest.raises(FamilyError, match=where):
        read_switchings(content)


@pytest.mark.parametrize("change", [{"cut": 10}, {"cut": -1}, {"trunk_share": 1.1}, {"trunk_share": math.nan}])
def test_what_can_t_be_is_refused(change):
    with pytest.raises(FamilyError):
        replace(measured(), **change)


def test_a_file_with_a_wrong_cut_is_refused_too():
    (document,) = json.loads(write_switchings([measured()]))
    with pytest.raises(FamilyError, match="Choose a cut"):
        read_switchings(json.dumps([{**document, "cut": 99}]).encode())


def test_a_measurement_without_branches_is_refused():
    with pytest.raises(FamilyError, match="no branch"):
        replace(measured(), report=replace(measured().report, branches=()))


def test_the_own_backbone_comes_first_and_its_nearest_cut_before_the_others():
    found = (measured("vgg16", 2, 13), measured(cut=1), measured(cut=8), measured("resnet18", 3, 4))
    resnet = load_backbone("resnet18")
    ordered = by_nearness(found, resnet, 7)
    assert [(each.backbone, each.cut) for each in ordered] == [
        ("resnet18", 8), ("resnet18", 1), ("vgg16", 2), ("resnet18", 3),
    ]  # fmt: skip
    # The same name with other blocks is another backbone.
    assert [is_of(each, resnet) for each in ordered] == [True, True, False, False]


def test_the_bundled_measurements_fit_the_bundled_backbones():
    found = bundled_switchings()
    assert {each.backbone for each in found} >= {"mobilenet_v2", "resnet18", "resnet50"}
    for each in found:
        backbone = load_backbone(each.backbone)
        assert is_of(each, backbone)
        in_trunk = sum(block.params for block in backbone.blocks[: each.cut])
        assert each.trunk_share == pytest.approx(in_trunk / backbone.params, rel=1e-3)
        for branch in each.report.branches:
            assert branch.branch.bytes < branch.whole.bytes
            assert 0 < branch.branch.warm.load < branch.branch.warm.first_output


def test_without_the_file_there_are_none(monkeypatch, tmp_path):
    monkeypatch.setattr(switchings, "FILE", tmp_path / "none.json")
    assert bundled_switchings.__wrapped__() == ()
