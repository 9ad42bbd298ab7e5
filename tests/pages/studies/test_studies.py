"""The list on the Studies page without a browser, on a machine of its own."""

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.paths import ROOT
from core.studies.archive import export_study
from core.studies.bundled import bundled_studies
from core.studies.database import Database
from core.studies.record import StudyRecord
from tests.pages.studies.studies_page import CLEANING, CREATE, ENGINE, NASTY, faults, fine, has, opened, study_file


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
def test_a_message_is_shown_on_the_next_page_whichever_it_is() -> None:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    at.session_state["flash_message"] = "Stored."
    at.switch_page("../pages/backbone.py")
    fine(at.run())
    assert [toast.value for toast in at.toast] == ["Stored\\."]
    fine(at.run())
    assert not at.toast
