from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.ui.paths import ROOT
from core.backbones import Backbone, Block
from core.backbones.catalogue import bundled_backbones, load_backbone
from core.estimators import TwoTaskTable
from core.estimators.table_file import write_table
from core.layouts.counting import count_layouts
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import parse_study


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    blocks = tuple(Block(f"*b{i}*", 10 * (i + 1), 100, (4, 4), latency=0.001) for i in range(4))
    table = TwoTaskTable(("x", "y", "z"), np.zeros((3, 3, 5)))
    Database.at_home().put(StudyRecord("mine", table.tasks, Backbone("my *net*", blocks), table=table))
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    at.session_state["study"] = "mine"
    fine(at.run())
    at.switch_page("../pages/backbone.py")
    return fine(at.run())


def fine(at: AppTest) -> AppTest:
    assert not at.exception
    assert not at.error
    return at


def figure(at: AppTest, label: str) -> str:
    return next(metric.value for metric in at.metric if metric.label == label)


def blocks_shown(at: AppTest) -> int:
    return len(at.dataframe[0].value)


def test_the_page_opens_on_the_backbone_of_the_study(at: AppTest) -> None:
    assert at.title[0].value == "Backbone"
    assert figure(at, "Blocks") == "4"
    assert figure(at, "Layouts") == str(count_layouts(3, 4))
    assert at.dataframe[0].value["parameters"].tolist() == [10, 20, 30, 40]
    assert not [part for part in (*at.markdown, *at.caption) if "*net*" in part.value and "\\*net" not in part.value]


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "mobilenet_v2"])
def test_a_bundled_backbone_can_be_merged_and_counted(at: AppTest, name: str) -> None:
    at.selectbox(key="backbone").set_value(name)
    at.get_by_key("cut").set_value("merged")
    fine(at.run())
    at.slider(key="blocks").set_value(3)
    at.number_input(key="tasks").set_value(7)
    fine(at.run())
    assert blocks_shown(at) == 3
    assert at.dataframe[0].value["macs"].sum() == load_backbone(name).macs
    assert figure(at, "Layouts").replace(" ", "") == str(count_layouts(7, 3))


def test_branching_points_are_picked_by_hand(at: AppTest) -> None:
    at.selectbox(key="backbone").set_value("resnet18")
    at.get_by_key("cut").set_value("hand")
    fine(at.run())
    at.get_by_key("starts").set_value([3, 6])
    fine(at.run())
    whole = load_backbone("resnet18")
    assert at.dataframe[0].value["parameters"].tolist() == [block.params for block in whole.merged([0, 3, 6]).blocks]
    at.get_by_key("starts").set_value([])
    assert blocks_shown(fine(at.run())) == 1


def test_another_backbone_forgets_the_points_of_the_last_one(at: AppTest) -> None:
    at.selectbox(key="backbone").set_value("densenet169")
    at.get_by_key("cut").set_value("merged")
    fine(at.run())
    at.slider(key="blocks").set_value(load_backbone("densenet169").n_blocks)
    fine(at.run())
    at.selectbox(key="backbone").set_value("resnet18")
    assert blocks_shown(fine(at.run())) <= load_backbone("resnet18").n_blocks


def test_two_backbones_stand_side_by_side(at: AppTest) -> None:
    at.selectbox(key="with").set_value("resnet18")
    fine(at.run())
    totals, merged = at.dataframe[1].value, at.dataframe[2].value
    assert list(totals)[2] == "resnet18"
    assert len(merged) == 4
    assert merged["resnet18: parameters"].sum() == load_backbone("resnet18").params


@pytest.mark.usefixtures("at")
def test_a_link_reproduces_the_view() -> None:
    again = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    again.session_state["study"] = "mine"
    fine(again.run())
    again.switch_page("../pages/backbone.py")
    for name, value in {
        "backbone": "resnet50",
        "cut": "merged",
        "blocks": "6",
        "tasks": "4",
        "with": "resnet18",
    }.items():
        again.query_params[name] = value
    fine(again.run())
    assert blocks_shown(again) == 6
    assert figure(again, "Layouts") == str(count_layouts(4, 6)).replace(",", " ")


@pytest.mark.slow
def test_every_bundled_backbone_has_its_page(at: AppTest) -> None:
    for name in bundled_backbones():
        at.selectbox(key="backbone").set_value(name)
        fine(at.run())
        assert blocks_shown(at) == load_backbone(name).n_blocks


def chosen_by_hand(at: AppTest) -> AppTest:
    at.selectbox(key="backbone").set_value("resnet18")
    at.get_by_key("cut").set_value("hand")
    fine(at.run())
    at.get_by_key("starts").set_value([3, 6])
    return fine(at.run())


def button(at: AppTest, label: str):
    return next(each for each in at.button if each.label == label)


def test_chosen_branching_points_go_to_a_new_study(at: AppTest) -> None:
    chosen_by_hand(at)
    (lines,) = [each.value for each in at.code if "cuts" in each.value]
    fine(button(at, "Use in a study").click().run())
    assert at.title[0].value == "Studies"
    study = parse_study(at.code[0].value)
    names = [block.name for block in load_backbone("resnet18").blocks]
    assert study.backbone.cuts == (names[3], names[6])
    assert parse_study(f'name = "a"\ntasks = ["x", "y"]\n{lines}').backbone.cuts == study.backbone.cuts


def test_chosen_branching_points_go_to_an_own_case(at: AppTest) -> None:
    chosen_by_hand(at)
    fine(button(at, "Use in your own case").click().run())
    assert at.title[0].value == "Overview"
    table = TwoTaskTable(("x", "y"), np.zeros((2, 2, 4)))
    at.file_uploader(key="own_table").upload("mine.csv", write_table(table))
    fine(at.run())
    whole = load_backbone("resnet18")
    shown = next(each.value for each in at.dataframe if "name" in each.value)
    assert shown["name"].tolist() == [block.name for block in whole.merged([0, 3, 6]).blocks]


def test_a_backbone_without_a_way_to_build_it_goes_nowhere(at: AppTest) -> None:
    assert button(at, "Use in a study").disabled
    assert button(at, "Use in your own case").disabled
