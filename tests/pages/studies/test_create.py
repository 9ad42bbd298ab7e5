"""Studies made on the Studies page without a browser, on a machine of its own."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.studies.create import making_words
from core.families.layouts.request import OracleRequest, TableRequest
from core.studies.database import Database
from core.studies.dataset_specification import OneDataset
from core.studies.several_specification import SetSpecification, SeveralSpecification
from tests.pages.studies.studies_page import (
    CLEANING,
    CREATE,
    faults,
    fine,
    has,
    opened,
    parts_of,
    study_file,
    words,
)


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
def test_blocks_start_where_one_chooses() -> None:
    at = opened(CREATE)
    at.selectbox(key="new-backbone-name").set_value("dilated-resnet34")
    fine(at.run())
    at.get_by_key("new-way-dilated-resnet34").set_value("hand")
    fine(at.run())
    # Those of equal MACs are there to be changed.
    assert len(at.multiselect(key="new-cuts-dilated-resnet34").value) == study_file(at).backbone.blocks - 1 == 4
    at.multiselect(key="new-cuts-dilated-resnet34").set_value(["layer3.0", "layer1.2"])
    fine(at.run())
    assert faults(at) == []
    backbone = study_file(at).backbone
    assert (backbone.name, backbone.cuts, backbone.blocks) == ("dilated-resnet34", ("layer1.2", "layer3.0"), 3)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("allowed", [False, True])
def test_networks_from_elsewhere_are_named_only_where_the_owner_allows_it(
    allowed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if allowed:
        monkeypatch.setenv("BRANCHWISE_OWN_CODE", str(tmp_path))
    at = opened(CREATE)
    at.selectbox(key="new-backbone-name").set_value("other")
    fine(at.run())
    assert at.text_input(key="new-other-name").disabled is not allowed
    if not allowed:
        assert any("branchwise run study.toml" in info.value for info in at.info)
        assert not has(at, "create-study")
        return
    at.text_input(key="new-other-name").set_value("mynet:make")
    fine(at.run())
    assert any("mynet" in fault for fault in faults(at))
    (tmp_path / "mynet.py").write_text("def make(width=8): ...\n")
    at.text_input(key="new-other-args").set_value('{"width": 4}')
    at.text_input(key="new-other-cuts").set_value("2, layer3.0")
    fine(at.run())
    assert faults(at) == []
    backbone = study_file(at).backbone
    assert (backbone.name, backbone.args, backbone.cuts) == ("mynet:make", {"width": 4}, (2, "layer3.0"))
    # Nothing is known of this network, so no time is told and no epochs are dropped.
    assert "Time unknown until measured" in words(at)
    assert study_file(at).training.epochs > 2
    at.text_input(key="new-other-args").set_value("width")
    fine(at.run())
    assert any("no JSON object" in fault for fault in faults(at))


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


def test_a_study_that_cannot_be_made_is_one_sentence_and_nothing_is_stored(home: Database) -> None:
    at = opened(CREATE)
    at.selectbox(key="new-backbone-name").set_value("torchvision:vit_b_32")
    fine(at.run())
    fine(at.button(key="create-study").click().run())
    assert len(faults(at)) == 1
    assert home.studies() == ()
    assert has(at, "create-study")


@pytest.mark.usefixtures("home")
def test_what_comes_of_creating_is_said_below_the_button_that_asked_for_it() -> None:
    at = opened(CREATE)
    at.selectbox(key="new-backbone-name").set_value("torchvision:vit_b_32")
    fine(at.run())
    fine(at.button(key="create-study").click().run())
    below = list(parts_of(at.main))
    (button,) = (place for place, each in enumerate(below) if getattr(each, "key", None) == "create-study")
    (fault,) = (place for place, each in enumerate(below) if each.type == "error")
    assert fault > button


SCENES, DIGITS = {"name": "scenes"}, {"name": "digits"}


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ([SCENES], "generating"),
        ([{"name": "planted", "tree": "0,1 | 0;1"}], "generating"),
        ([DIGITS], "reading"),
        ([{"name": "photographs"}], "reading"),
        ([{"name": "folder", "path": "/a"}], "reading"),
        ([DIGITS, DIGITS], "reading"),
        ([DIGITS, SCENES], "reading and generating"),
    ],
)
def test_the_note_says_what_is_done_about_the_images(sets: list[dict[str, str]], said: str) -> None:
    found = [TypeAdapter(OneDataset).validate_python(each) for each in sets]
    several = SeveralSpecification.model_construct(
        name="several", sets=tuple(SetSpecification.model_construct(dataset=each) for each in found)
    )
    assert making_words(found[0] if len(found) == 1 else several) == f"{said} its images"


@pytest.mark.usefixtures("home")
def test_pretrained_weights_and_every_training_setting_are_asked_for(tmp_path: Path) -> None:
    at = opened(CREATE)
    at.get_by_key("new-weights-from").set_value("file")
    at.get_by_key("new-preset").set_value("own")
    fine(at.run())
    assert study_file(at).backbone.weights is None
    weights = tmp_path / "weights.safetensors"
    at.text_input(key="new-weights-file").set_value(str(weights))
    fine(at.run())
    assert any("There is no file of weights" in fault for fault in faults(at))
    weights.touch()
    at.number_input(key="new-weights-freeze").set_value(2)
    at.multiselect(key="new-training-augment").set_value(["flip"])
    at.selectbox(key="new-training-class_weights").set_value("balanced")
    at.text_input(key="new-training-loss_weights").set_value("depth = 2")
    at.selectbox(key="new-training-device").set_value("cuda:1")
    fine(at.run())
    assert faults(at) == []
    study = study_file(at)
    assert (study.backbone.weights.file, study.backbone.weights.freeze) == (str(weights), 2)
    assert [change.name for change in study.training.augment] == ["flip"]
    assert study.training.class_weights == "balanced"
    assert study.training.loss_weights == {"depth": 2.0}
    assert study.training.device == "cuda:1"
    at.text_input(key="new-training-loss_weights").set_value("sky = 2")
    fine(at.run())
    assert any("no task of the study" in fault for fault in faults(at))


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_a_learning_rate_is_found_and_taken() -> None:
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("digits")
    fine(at.run())
    at.get_by_key("new-preset").set_value("own")
    fine(at.run())
    fine(at.button(key="find-rate").click().run())
    assert faults(at) == []
    use = at.button(key="use-rate")
    fine(use.click().run())
    assert study_file(at).training.learning_rate == float(use.label.removeprefix("Use "))
