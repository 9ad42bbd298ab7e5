import base64
import io
import json
import zlib
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from app.ui.paths import ASSETS, ROOT
from core.backbones import Backbone, Block
from core.backbones.profile_file import write_profile
from core.estimators import TwoTaskTable, write_table
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.study import Gallery

NASTY = ("*bold*", ":red", "$x$")
OWN = "Your own case"


def table(tasks: tuple[str, ...], n_blocks: int = 4, seeds: int = 3) -> TwoTaskTable:
    n = len(tasks)
    samples = np.random.default_rng(0).normal(size=(seeds, n, n, n_blocks + 1))
    samples[..., 0] = 0
    samples[:, np.arange(n), np.arange(n)] = 0
    return TwoTaskTable.from_samples(tasks, samples)


def backbone(n_blocks: int = 4) -> Backbone:
    return Backbone("net", tuple(Block(f"b{i}", 10 * (i + 1), 100, (4, 4)) for i in range(n_blocks)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    pictures = np.zeros((3, 8, 8, 3), dtype=np.uint8)
    gallery = Gallery(pictures, dict.fromkeys(NASTY, pictures))
    database = Database.at_home()
    database.put(StudyRecord("nasty", NASTY, backbone(), table=table(NASTY), gallery=gallery, title="*My* study"))
    return database


def opened(study: str = "nasty", part: str | None = None) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    # A link to the root that names a study opens Overview.
    at.query_params["study"] = study
    if part:
        at.query_params["section"] = part
    return fine(at.run())


def fine(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def faults(at: AppTest) -> list[str]:
    return [error.value for error in at.error]


def words(at: AppTest) -> str:
    return "\n".join(part.value for part in at.markdown)


@pytest.mark.usefixtures("home")
def test_the_page_answers_its_question_with_the_recommended_layout() -> None:
    at = opened()
    assert at.title[0].value == "Overview"
    assert faults(at) == []
    assert "Predicted gain" in words(at)
    options = at.dataframe[0].value
    assert "Recommended" in options["way"].iloc[0]
    assert options["share"].iloc[0] <= 60
    assert at.metric[0].label == "Predicted gain Δ"


@pytest.mark.usefixtures("home")
def test_task_and_study_names_are_never_markup() -> None:
    at = opened()
    for raw in (NASTY[0], NASTY[2]):
        for part in (*at.markdown, *at.caption):
            assert raw not in part.value


@pytest.mark.usefixtures("home")
def test_a_larger_budget_never_recommends_something_worse() -> None:
    at = opened()
    small = at.dataframe[0].value["predicted gain Δ"].iloc[0]
    at.slider(key="budget").set_value(100)
    fine(at.run())
    assert at.dataframe[0].value["predicted gain Δ"].iloc[0] >= small


@pytest.mark.usefixtures("home")
def test_nothing_fits_a_tiny_budget_and_the_page_says_so() -> None:
    at = opened()
    at.slider(key="budget").set_value(1)
    fine(at.run())
    assert "cheapest costs" in at.warning[0].value


@pytest.mark.usefixtures("home")
def test_the_recommended_layout_opens_in_budget() -> None:
    at = opened()
    at.get_by_key("unit").set_value("macs")
    at.slider(key="budget").set_value(70)
    fine(at.run())
    button = next(button for button in at.button if button.label == "Open in Budget")
    fine(button.click().run())
    assert at.title[0].value == "Budget"
    assert at.session_state["layout"]
    assert (at.get_by_key("unit").value, at.slider(key="budget").value) == ("macs", 70)


@pytest.mark.parametrize("form", ["wide", "tidy"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_own_case_is_stored_and_opened(home: Database, form: str, kind: str) -> None:
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload(f"mine.{kind}", write_table(table(("a", "b")), form, kind))
    at.text_input(key="own_title").set_value("My *rooms*")
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    assert faults(at) == []
    assert "my-rooms" in words(at)
    button = next(button for button in at.button if button.label.startswith("Store"))
    fine(button.click().run())
    assert at.session_state["study"] == "my-rooms"
    assert at.title[0].value == "Budget"
    stored = home.study("my-rooms")
    assert stored.task_names == ("a", "b")
    assert stored.n_blocks == 4
    assert stored.title == "My *rooms*"


@pytest.mark.usefixtures("home")
def test_the_module_of_an_own_case_has_the_heads_that_are_said() -> None:
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.csv", write_table(table(("a", "b"))))
    at.text_input(key="own_title").set_value("heads")
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    fine(next(button for button in at.button if button.label.startswith("Store")).click().run())

    def download():
        return next(button for button in at.get("download_button") if button.label == "Download").proto

    assert download().disabled
    assert any("Choose the kind of a and b" in caption.value for caption in at.caption)
    at.selectbox(key="answers_heads_0_kind").set_value("normals")
    at.selectbox(key="answers_heads_1_kind").set_value("ordinal")
    fine(at.run())
    assert any("Enter the number of ordered classes of b" in caption.value for caption in at.caption)
    at.number_input(key="answers_heads_1_outputs").set_value(5)
    fine(at.run())
    assert not download().disabled


def test_an_own_case_of_metrics_has_gains_and_seeds(home: Database) -> None:
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("metrics.csv", (ASSETS / "samples" / "metrics.csv").read_bytes())
    at.text_input(key="own_title").set_value("measured")
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    assert any("holds metrics" in info.value for info in at.info)
    fine(next(button for button in at.button if button.label.startswith("Store")).click().run())
    stored = home.study("measured").table
    assert stored.tasks == ("segmentation", "normals", "depth")
    assert stored.samples is not None
    assert len(stored.samples) == 3


def test_predictions_that_rest_on_interpolation_say_so_first(home: Database) -> None:
    thin = table(("a", "b", "c"), n_blocks=5)
    values = thin.values.copy()
    values[:, :, [1, 2, 4, 5]] = np.nan
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.csv", write_table(TwoTaskTable(thin.tasks, values)))
    at.text_input(key="own_title").set_value("thin")
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    assert "Nearly all gains of a" in at.warning[0].value
    fine(next(button for button in at.button if button.label.startswith("Store")).click().run())
    for page in (at, opened(part=None, study="thin")):
        assert "2 of 10 measured" in page.warning[0].value
        assert "interpolation alone" in page.warning[0].value
    assert home.study("thin").table.holes.any()


def test_blocks_of_a_bundled_backbone_start_at_stages_or_where_one_says(home: Database) -> None:
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.csv", write_table(table(("a", "b"), n_blocks=5)))
    at.text_input(key="own_title").set_value("stages")
    at.selectbox(key="own_bundled").set_value("resnet50")
    fine(at.run())
    shown = next(frame.value for frame in at.dataframe if "output" in frame.value)
    assert list(shown["name"]) == [
        "conv1",
        *(f"layer{n}.0 … layer{n}.{last}" for n, last in enumerate((2, 3, 5, 2), 1)),
    ]
    at.get_by_key("own_points-resnet50-5").set_value("hand")
    fine(at.run())
    at.multiselect(key="own_starts-resnet50-5").set_value([1, 2, 3])
    fine(at.run())
    assert "Found 3" in " ".join(faults(at))
    at.multiselect(key="own_starts-resnet50-5").set_value([1, 2, 3, 4])
    fine(at.run())
    fine(next(button for button in at.button if button.label.startswith("Store")).click().run())
    assert [block.name for block in home.study("stages").backbone.blocks][:3] == ["conv1", "layer1.0", "layer1.1"]


def test_the_sheet_of_a_workbook_is_chosen_and_an_empty_one_is_refused(home: Database) -> None:
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "raw", "hidden"
    for title, cell in (("empty", None), ("table", 2.5)):
        sheet = book.create_sheet(title)
        for row in (["branch", "(a, b)-0", "(a, b)-1"], [0, 0, 0], [1, cell, cell]):
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.xlsx", data.getvalue())
    fine(at.run())
    assert at.selectbox(key="own_sheet").options == ["empty", "table", "raw"]
    assert any("no number above branch 0" in fault for fault in faults(at))
    at.selectbox(key="own_sheet").set_value("table")
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    assert faults(at) == []
    fine(next(button for button in at.button if button.label.startswith("Store")).click().run())
    assert home.study(at.session_state["study"]).table.values[0, 1, 1] == 2.5


@pytest.mark.usefixtures("home")
def test_a_profile_of_ones_own_and_typed_costs_do_as_well() -> None:
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.csv", write_table(table(("a", "b"))))
    at.get_by_key("own_source").set_value("profile")
    fine(at.run())
    at.file_uploader(key="own_profile").upload("net.json", write_profile(backbone(6)).encode())
    fine(at.run())
    assert "merged from 6 blocks" in words(at)
    at.get_by_key("own_source").set_value("costs")
    fine(at.run())
    at.text_area(key="own_costs").set_value("1k 2k 3k 4M")
    fine(at.run())
    assert faults(at) == []
    assert "typed block costs" in words(at)


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("bad.csv", b"branch,(0, 1)-0,(0, 1)-1\n0,0,0\n1,one,2"),
        ("bad.csv", b""),
        ("bad.xlsx", b"no workbook"),
        ("bad.csv", b"a,b\n1,2"),
        ("bad.csv", b"branch,(0, 1)-0,(0, 1)-1\n0,0,0\n1,inf,2"),
    ],
)
def test_a_bad_table_is_one_sentence_and_nothing_is_written(home: Database, filename: str, data: bytes) -> None:
    before = home.studies()
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload(filename, data)
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    assert len(faults(at)) == 1
    assert not [button for button in at.button if button.label.startswith("Store")]
    assert home.studies() == before


@pytest.mark.usefixtures("home")
def test_a_backbone_that_does_not_fit_is_one_sentence() -> None:
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.csv", write_table(table(("a", "b"), n_blocks=30)))
    at.selectbox(key="own_bundled").set_value("resnet18")
    fine(at.run())
    assert len(faults(at)) == 1
    assert "30 blocks" in faults(at)[0]


@pytest.mark.usefixtures("home")
def test_what_a_workbook_hides_and_how_tasks_were_counted_is_said() -> None:
    book = openpyxl.Workbook()
    for row in (["branch", "(1, 2)-0", "(1, 2)-1"], [0, 0, 0], [1, 1, 2], [2, 3, 4]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    data = io.BytesIO()
    book.save(data)
    at = opened(part=OWN)
    at.file_uploader(key="own_table").upload("mine.xlsx", data.getvalue())
    fine(at.run())
    said = " ".join(info.value for info in at.info)
    assert "row 3" in said
    assert "counted from 1" in said


def test_a_study_of_other_networks_asks_for_no_budget_and_speaks_of_no_missing_table(visit):
    at = visit("overview", study="paths")
    assert not at.slider
    assert "unit" not in [each.key for each in at.selectbox]
    assert "unit" in [each.key for each in visit("overview", study="five").selectbox]
    shown = " ".join(each.value for each in (*at.main.markdown, *at.main.caption))
    assert "Two-task table" not in shown
    assert "No pair of tasks" not in shown


@pytest.mark.parametrize("estimator", ["paper", "bayes"])
def test_the_overview_and_the_budget_page_say_the_same_numbers(visit, plane_of, estimator):
    budget = visit("budget", study="trained", section="evaluation", estimator=estimator)
    table = next(frame.value for frame in budget.dataframe if "regret, points" in frame.value.columns).set_index("")
    overview = visit("overview", study="trained", estimator=estimator)
    said = " ".join(each.value for each in overview.markdown)
    assert f"measured gain: **{table.loc['Predicted gain', 'Spearman']}**" in said
    assert f"similar cost **{table.loc['Predicted gain', 'within cost strata']}**" in said
    assert f"Regret: {table.loc['Predicted gain', 'regret, points']} points for the best prediction" in said
    assert f"low cost (MACs) {table.loc['Low cost (MACs)', 'Spearman'].split(' ')[0]}" in said
    value, note = json.loads(zlib.decompress(base64.b64decode(plane_of(budget)["confidences"])))[59]
    tile = next(each for each in overview.metric if each.label == "Confidence")
    assert tile.value == value
    near = note.split("within 0.2 points of the best in ")[1].split(" %")[0]
    assert f"{near} % within 0.2 points" in tile.delta
