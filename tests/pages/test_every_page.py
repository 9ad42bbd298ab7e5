"""What every page does, whatever the study and the address; one session walks through all pages."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.paths import PAGES
from core.studies.bundled import FIRST, bundled_studies

NAMES = sorted(path.stem for path in PAGES.glob("*.py"))
MADE_UP = ("scenes", "five", "ten", "marked", "trained")
NONSENSE = "<script>', 1e999 \u0000"
CONTROLS = ("section", "what", "which", "unit", "weights", "show", "budget", "details", "evidence", "depth", "alpha")
ADDRESSES = (
    {"study": "none"},
    {"layout": "x", "pins": "~~x"},
    {"budget": "9999", "unit": "x"},
    {"study": "five", **dict.fromkeys(CONTROLS, NONSENSE)},
)


def walk(at: AppTest):
    """Open every page in the session of ``at``; yield the name of each while it is shown."""
    for page in NAMES:
        at.switch_page(f"../pages/{page}.py").run()
        assert not at.exception, (page, at.exception)
        yield page


@pytest.mark.parametrize("study", MADE_UP)
def test_a_page_opens_and_answers_its_question(visit, study):
    at = visit(NAMES[0], study=study)
    for page in walk(at):
        assert not at.error, page
        assert len(at.title) == 1, page
        assert any(each.value.endswith("?") for each in at.main.caption), page
        assert any(expander.label == "How is this computed?" for expander in at.expander), page
        assert at.session_state["study"] == study


@pytest.mark.parametrize("study", ["paths", "virtual"])
def test_a_study_of_nested_networks_opens_on_every_page(visit, study):
    at = visit(NAMES[0], study=study)
    for page in walk(at):
        assert not at.error, page
        assert at.session_state["study"] == study


@pytest.mark.slow
def test_forty_tasks_open(visit):
    at = visit(NAMES[0], study="forty")
    for page in walk(at):
        assert not at.error, page
        assert not at.warning, page
        if page == "overview":
            assert at.dataframe[0].value["share"].iloc[0] <= 60


# A study with the same families and sections is opened in its place.
ALIKE = {"paths-split", "paths-curriculum", "virtual-sets", "virtual-hierarchy"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in ALIKE)) for name in bundled_studies()]
)
def test_every_bundled_study_opens(visit, tmp_path, name):
    at = visit(NAMES[0], home=tmp_path / "nothing here yet", study=name)
    for page in walk(at):
        assert not at.error, page
        assert at.session_state["study"] == name


def test_a_fresh_machine_gets_a_bundled_study_or_a_sentence(visit, tmp_path):
    home = tmp_path / "nothing here yet"
    at = visit(NAMES[0], home=home)
    for page in walk(at):
        assert len(at.error) == (0 if bundled_studies() else 1), page
    assert not home.exists()


def test_a_damaged_database_is_one_sentence(visit, tmp_path):
    (tmp_path / "studies.sqlite").write_bytes(b"this is no database" * 100)
    at = visit(NAMES[0], home=tmp_path)
    for page in walk(at):
        assert len(at.error) == 1, page
        assert "studies.sqlite" in at.error[0].value.replace("\\", ""), page
        # The bundled studies are there all the same.
        assert at.session_state["study"] == FIRST
        assert len(at.title) == 1, page


def test_where_nothing_can_be_stored_every_page_says_so_and_shows_what_there_is(visit):
    at = visit(NAMES[0], home=Path("/proc/branchwise"), study=FIRST)
    for page in walk(at):
        assert not at.error, page
        assert any("is read-only" in each.value.replace("\\", "") for each in at.warning), page
        assert at.session_state["study"] == FIRST


def test_what_is_chosen_on_one_page_is_there_on_the_next_and_on_the_way_back(visit, plane_of):
    at = visit("budget", study="five", budget="40", unit="MACs", weights="uniform", pins="5!0:0_1_2_3_4")
    for page in (*NAMES, "budget"):
        at.switch_page(f"../pages/{page}.py").run()
        assert not at.exception
        assert not at.error
        assert at.session_state["study"] == "five"
        assert at.session_state["pins"] == "5!0:0_1_2_3_4"
    sent = plane_of(at)
    assert sent["budget"] == 0.4
    assert "MACs, share of 5 single-task networks" in sent["plane"]
    assert "equal weights" in sent["plane"]


# An address is read when a session begins, so each of these needs a session of its own.
@pytest.mark.parametrize("page", NAMES)
def test_a_bad_link_gives_a_page_that_works(visit, page):
    for address in ADDRESSES:
        at = visit(page, **address)
        assert not at.error, address
        at.run()
        assert not at.exception, address
        gone = ["There is no study" in each.value for each in at.warning if "In this link" not in each.value]
        # An address that leads from the root to the Overview is gone with the next run here.
        assert gone == [True] * (address.get("study") == "none" and page not in ("start", "learn")), address
        assert any(expander.label == "How is this computed?" for expander in at.expander), address
