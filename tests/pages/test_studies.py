"""The Studies page without a browser, on a machine of its own."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.ui.paths import ROOT
from core.backbones import Backbone, Block
from core.estimators import TwoTaskTable
from core.families.layouts.request import OracleRequest, TableRequest
from core.jobs.lease import Lease, current_host
from core.jobs.queue import Queue
from core.jobs.quota import disk_use
from core.jobs.submission import with_parents
from core.studies.archive import export_study
from core.studies.bundled import bundled_studies, open_bundled
from core.studies.database import Database
from core.studies.dataset_specification import ScenesSpecification
from core.studies.expand import expand
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification, TrainingSettings, parse_study

CREATE, ENGINE, CLEANING = "create", "engine", "cleanup"
NASTY = ("*bold*", ":red", "$x$")
BLOCKS = Backbone("net", tuple(Block(f"b{i}", 10 * (i + 1), 10**6) for i in range(5)), (3, 16, 16))


def table(tasks: tuple[str, ...]) -> TwoTaskTable:
    return TwoTaskTable(tasks, np.zeros((len(tasks), len(tasks), BLOCKS.n_blocks + 1)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    return Database.at_home()


@pytest.fixture
def nasty(home: Database) -> Database:
    home.put(StudyRecord("nasty", NASTY, BLOCKS, table=table(NASTY), title="*My* study"))
    return home


@pytest.fixture
def measured(home: Database) -> StudyRecord:
    """Give a stored study of which nothing is trained."""
    asked = StudySpecification(
        name="small",
        title="Small one",
        dataset=ScenesSpecification(n_train=64, n_validation=16, n_test=16, size=16, noise=0.1),
        tasks=("depth", "edges"),
        training=TrainingSettings(epochs=7, optimizer="sgd", average=0.5),
        table=TableRequest(seeds=(0, 1)),
    )
    found = {task.name: task for task in open_bundled("scenes5").record.tasks}
    record = StudyRecord("small", asked.tasks, BLOCKS, asked, tuple(found[name] for name in asked.tasks))
    home.put(record)
    return record


def opened(section: str | None = None, **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    if section:
        address["section"] = section
    for name, value in address.items():
        at.query_params[name] = value
    return fine(at.switch_page("../pages/studies.py").run())


def fine(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def faults(at: AppTest) -> list[str]:
    return [error.value for error in at.error]


def words(at: AppTest) -> str:
    return "\n".join(part.value for kind in (at.markdown, at.caption) for part in kind)


def button(at: AppTest, label: str):
    (found,) = [each for each in at.button if each.label == label]
    return found


def has(at: AppTest, key: str) -> bool:
    return any(each.key == key for each in at.button)


def study_file(at: AppTest) -> StudySpecification:
    """Give the study that the page would make."""
    return parse_study(at.code[0].value)


@pytest.mark.usefixtures("home")
def test_a_fresh_machine_lists_the_bundled_studies_and_nothing_is_written(home: Database) -> None:
    at = opened()
    assert faults(at) == []
    frame = at.dataframe[0].value
    assert sorted(frame["name"]) == sorted(bundled_studies())
    for section in (CREATE, ENGINE, CLEANING):
        assert faults(opened(section)) == []
    assert not home.path.exists()


@pytest.mark.usefixtures("measured")
def test_every_study_has_a_line_with_how_far_it_is(nasty: Database) -> None:
    frame = opened().dataframe[0].value.set_index("name")
    assert set(frame.index) == {"nasty", "small", *bundled_studies()}
    assert frame.loc["small", "trainings done"] == "0 of 14"
    assert frame.loc["nasty", "trainings done"] == "table"
    assert {line.name for line in nasty.studies()} == {"nasty", "small"}


@pytest.mark.usefixtures("nasty")
def test_names_are_never_markup() -> None:
    at = opened()
    at.selectbox(key="chosen_study").set_value("nasty")
    fine(at.run())
    for raw in (NASTY[0], NASTY[2], "*My*"):
        for part in (*at.markdown, *at.caption):
            assert raw not in part.value


@pytest.mark.usefixtures("nasty")
def test_a_study_is_opened_on_the_overview() -> None:
    at = opened()
    at.selectbox(key="chosen_study").set_value("nasty")
    fine(at.run())
    fine(at.button(key="study-open").click().run())
    assert at.title[0].value == "Overview"
    assert at.session_state["study"] == "nasty"


def test_a_study_zip_is_stored_and_opened(nasty: Database) -> None:
    data = export_study(nasty, "nasty")
    nasty.delete("nasty")
    at = opened()
    at.file_uploader(key="study_zip-0").upload("nasty.zip", data)
    fine(at.run())
    assert at.session_state["study"] == "nasty"
    assert at.selectbox(key="chosen_study").value == "nasty"
    assert at.success
    assert nasty.study("nasty").task_names == NASTY


def test_a_zip_that_is_none_is_one_sentence_and_nothing_is_written(nasty: Database) -> None:
    before = nasty.studies()
    at = opened()
    at.file_uploader(key="study_zip-0").upload("bad.zip", b"PK\x03\x04 no zip")
    fine(at.run())
    assert len(faults(at)) == 1
    assert nasty.studies() == before
    assert faults(fine(at.run())) == []


@pytest.mark.usefixtures("measured")
def test_a_study_is_deleted_only_after_a_confirmation(nasty: Database) -> None:
    at = opened(study="nasty")
    at.selectbox(key="chosen_study").set_value("nasty")
    fine(at.run())
    assert {line.name for line in nasty.studies()} == {"nasty", "small"}
    fine(at.button(key="delete-for-good").click().run())
    assert {line.name for line in nasty.studies()} == {"small"}
    assert at.session_state["study"] != "nasty"


@pytest.mark.usefixtures("home")
def test_a_bundled_study_can_be_copied_and_not_deleted() -> None:
    at = opened()
    at.selectbox(key="chosen_study").set_value(bundled_studies()[0])
    fine(at.run())
    assert not has(at, "delete-for-good")
    assert not at.button(key="study-copy").disabled


@pytest.mark.usefixtures("nasty")
def test_a_table_has_no_settings_to_copy() -> None:
    at = opened()
    at.selectbox(key="chosen_study").set_value("nasty")
    assert fine(at.run()).button(key="study-copy").disabled


def test_a_copy_asks_for_what_the_study_asked_for(measured: StudyRecord) -> None:
    at = opened()
    at.selectbox(key="chosen_study").set_value("small")
    fine(at.run())
    fine(at.button(key="study-copy").click().run())
    assert at.session_state["studies_section"] == CREATE
    assert faults(at) == []
    asked, made = measured.specification, study_file(at)
    assert made.name == "small-one-copy"
    changed = {"name", "title"}
    assert made.model_dump(exclude=changed) == asked.model_dump(exclude=changed)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", ["scenes", "digits", "planted"])
def test_a_new_study_is_shown_before_anything_is_written(home: Database, name: str) -> None:
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value(name)
    fine(at.run())
    assert faults(at) == []
    study = study_file(at)
    assert study.dataset.name == name
    assert len(study.tasks) >= 2
    assert "layouts" in words(at)
    assert "A rough guess" in words(at)
    assert all("](data:image/png" in cell for cell in at.table[0].value.loc[0].iloc[1:])
    assert not home.path.exists()


@pytest.mark.usefixtures("home")
def test_a_message_above_the_form_does_not_move_it() -> None:
    """A form that moves is drawn twice for a moment, with two buttons of one name."""
    at = opened(CREATE)
    before = [type(each).__name__ for each in at.main.children.values()]
    at.session_state["flash_error"] = "No room."
    fine(at.run())
    assert faults(at) == ["No room\\."]
    assert [type(each).__name__ for each in at.main.children.values()] == before


@pytest.mark.usefixtures("home")
def test_what_is_chosen_is_what_the_study_asks_for() -> None:
    at = opened(CREATE)
    at.selectbox(key="new-backbone-name").set_value("torchvision:resnet18")
    at.get_by_key("new-preset").set_value("own")
    at.text_input(key="new-title").set_value("My *rooms*")
    fine(at.run())
    at.slider(key="new-blocks-resnet18").set_value(4)
    at.number_input(key="new-data-scenes-n_train").set_value(96)
    at.number_input(key="new-training-epochs").set_value(2)
    at.number_input(key="new-seeds").set_value(1)
    at.toggle(key="new-oracle").set_value(True)
    fine(at.run())
    study = study_file(at)
    assert (study.name, study.title) == ("my-rooms", "My *rooms*")
    assert (study.backbone.name, study.backbone.blocks) == ("torchvision:resnet18", 4)
    assert (study.dataset.n_train, study.training.epochs, study.requested(TableRequest).seeds) == (96, 2, (0,))
    assert study.requested(OracleRequest).layouts == "all"
    assert not {*study.requested(OracleRequest).seeds} & {*study.requested(TableRequest).seeds}
    assert "My *rooms*" not in words(at)


@pytest.mark.usefixtures("home")
def test_a_preset_trains_more_when_there_is_more_time() -> None:
    at, seen = opened(CREATE), []
    for preset in ("one minute", "ten minutes", "thorough"):
        at.get_by_key("new-preset").set_value(preset)
        study = study_file(fine(at.run()))
        seen.append(study.dataset.n_train * study.training.epochs * len(study.requested(TableRequest).seeds))
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]


@pytest.mark.usefixtures("home")
def test_what_was_typed_is_there_after_a_look_elsewhere() -> None:
    at = opened(CREATE)
    at.get_by_key("new-preset").set_value("own")
    fine(at.run())
    at.number_input(key="new-training-epochs").set_value(3)
    fine(at.run())
    at.get_by_key("studies_section").set_value(CLEANING)
    fine(at.run())
    at.get_by_key("studies_section").set_value(CREATE)
    assert study_file(fine(at.run())).training.epochs == 3


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("name", "wrong"), [("folder", "/no/such/folder"), ("arrays", "/no.toml"), ("cifar10", "/no")])
def test_a_place_without_data_is_one_sentence_and_no_study(name: str, wrong: str) -> None:
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value(name)
    fine(at.run())
    assert faults(at) == []
    assert not has(at, "create-study")
    at.text_input(key=f"new-data-{name}-path").set_value(wrong)
    fine(at.run())
    assert len(faults(at)) == 1
    assert wrong.split("/")[-1].split(".")[0] in faults(at)[0].replace("\\", "")
    assert not has(at, "create-study")


@pytest.mark.usefixtures("home")
def test_a_tree_that_is_none_is_one_sentence() -> None:
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("planted")
    fine(at.run())
    at.text_input(key="new-data-planted-tree").set_value("0,1 | 0;1 | 0,1")
    fine(at.run())
    assert len(faults(at)) == 1
    assert not has(at, "create-study")


@pytest.mark.usefixtures("home")
def test_a_server_reads_data_only_where_it_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANCHWISE_DATA_ROOTS", str(tmp_path / "data"))
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("folder")
    fine(at.run())
    at.text_input(key="new-data-folder-path").set_value("/etc")
    fine(at.run())
    assert any("outside the folders" in fault for fault in faults(at))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Give a folder of forty pictures with two tasks, of which some labels are missing."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(0)
    folder.mkdir()
    lines = ["file,shape,*size*"]
    for number in range(40):
        Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{'round' if number % 2 else 'square'},{'' if number % 5 == 0 else number % 3}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def test_own_pictures_are_looked_at_and_made_into_a_study(home: Database, pictures: Path) -> None:
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("folder")
    fine(at.run())
    at.text_input(key="new-data-folder-path").set_value(str(pictures))
    fine(at.run())
    assert faults(at) == []
    pictures_shown = at.table[0].value
    assert "stretched" in words(at)
    assert all(cell.startswith("![picture, example ") for cell in pictures_shown.loc[0].iloc[1:])
    labels = re.search(r"\*\*shape\*\* (.*)", words(at))[1]
    assert set(labels.strip().split(" · ")) <= {"round", "square"}
    assert "**shape**: classification, 2 classes, all labelled" in words(at)
    some, of_all = map(int, re.search(r"\*\*\\\*size\\\*\*\*: .*?, (\d+) of (\d+) labelled", words(at)).groups())
    assert 0 < some < of_all
    fine(at.button(key="create-study").click().run())
    assert faults(at) == []
    assert "is stored" in words(at)
    (line,) = home.studies()
    stored = home.record(line.name)
    assert stored.specification.dataset.fingerprint
    assert stored.gallery is not None
    fine(at.button(key="made-look").click().run())
    assert at.title[0].value == "Overview"
    assert at.session_state["study"] == line.name


def test_a_class_that_training_never_shows_is_named_before_and_after_the_study_is_made(
    home: Database, pictures: Path
) -> None:
    header, *rows = (pictures / "labels.csv").read_text().splitlines()
    splits = ["train"] * 24 + ["validation"] * 8 + ["test"] * 8
    lines = [f"{row.replace('round', 'oval') if n in (25, 27) else row},{splits[n]}" for n, row in enumerate(rows)]
    (pictures / "labels.csv").write_text("\n".join([f"{header},split", *lines]))
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("folder")
    fine(at.run())
    at.text_input(key="new-data-folder-path").set_value(str(pictures))
    fine(at.run())
    assert any("oval" in warning.value and "2 validation" in warning.value for warning in at.warning)
    fine(at.button(key="create-study").click().run())
    assert "is stored" in words(at)
    assert any("oval" in warning.value for warning in at.warning)
    fine(at.button(key="made-close").click().run())
    assert home.studies()


def test_a_study_that_cannot_be_made_is_one_sentence_and_nothing_is_stored(home: Database) -> None:
    at = opened(CREATE)
    at.selectbox(key="new-backbone-name").set_value("torchvision:vit_b_32")
    fine(at.run())
    fine(at.button(key="create-study").click().run())
    assert len(faults(at)) == 1
    assert home.studies() == ()
    assert has(at, "create-study")


@pytest.mark.usefixtures("measured")
def test_the_engine_says_what_waits_and_that_nobody_works(home: Database) -> None:
    runs = with_parents(expand(home.record("small").specification))
    Queue(home).submit("small", runs)
    at = opened(ENGINE)
    assert "not running" in words(at)
    assert f"{len(runs)} runs waiting" in words(at)
    assert "**4** queued" in words(at)
    assert has(at, "host-start")


def test_the_engine_shows_a_host_and_asks_before_it_ends_one(home: Database) -> None:
    lease = Lease(home, owner="lab/4711/ab")
    lease.acquire()
    assert "starting workers" in words(opened(ENGINE))
    worker = {"name": "0", "host": "127.0.0.1", "threads": 1, "memory": 5 * 10**8, "memory_limit": 10**9, "running": 1}
    lease.renew(
        {"scheduler": "this machine", "workers": [worker], "at_work": 1, "ended_5_minutes": 3, "busy_5_minutes": 1.0}
    )
    at = opened(ENGINE)
    assert faults(at) == []
    assert "Process 4711 on lab" in words(at)
    assert {metric.label: metric.value for metric in at.metric}["Finished in 5 min"] == "3"
    fine(at.button(key="host-end").click().run())
    assert current_host(home) is None
    assert "not running" in words(at)


def test_cleaning_up_frees_what_it_says_and_leaves_the_studies(nasty: Database, tmp_path: Path) -> None:
    for folder in ("cache", "weights"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.safetensors").write_bytes(bytes(3000))
    at = opened(CLEANING)
    assert "Remove 3 kB" in [each.label for each in at.button]
    fine(at.button(key="clean-all").click().run())
    assert "Freed" in at.success[0].value
    assert not list((tmp_path / "cache").iterdir())
    assert list((tmp_path / "weights").iterdir())
    fine(at.button(key="clean-weights").click().run())
    assert not list((tmp_path / "weights").iterdir())
    assert disk_use(nasty).n_removable == 0
    assert {line.name for line in nasty.studies()} == {"nasty"}


@pytest.mark.usefixtures("nasty")
def test_a_quota_that_is_used_up_or_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANCHWISE_QUOTA", "0.000001")
    assert any("quota is used up" in each.value for each in opened(CLEANING).warning)
    monkeypatch.setenv("BRANCHWISE_QUOTA", "plenty")
    at = opened(CLEANING)
    assert len(faults(at)) == 1
    assert "BRANCHWISE" in faults(at)[0]


@pytest.mark.usefixtures("home")
def test_a_message_is_shown_on_the_next_page_whichever_it_is() -> None:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    at.session_state["flash_message"] = "Stored."
    at.switch_page("../pages/backbone.py")
    fine(at.run())
    assert [toast.value for toast in at.toast] == ["Stored\\."]
    fine(at.run())
    assert not at.toast
