import pytest

from app.ui.paths import PAGES
from core.studies.bundled import bundled_studies

NAMES = sorted(path.stem for path in PAGES.glob("*.py"))
MADE_UP = ("scenes", "five", "ten", "marked", "trained")


@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize("study", MADE_UP)
def test_a_page_opens_and_answers_its_question(visit, page, study):
    at = visit(page, study=study)
    assert not at.error
    assert len(at.title) == 1
    assert any(each.value.endswith("?") for each in at.main.caption)
    assert any(expander.label == "How is this computed?" for expander in at.expander)


@pytest.mark.parametrize("page", NAMES)
def test_forty_tasks_open(visit, page):
    at = visit(page, study="forty")
    assert not at.error
    assert not at.warning


@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize("name", bundled_studies())
def test_every_bundled_study_opens(visit, tmp_path, page, name):
    at = visit(page, home=tmp_path / "nothing here yet", study=name)
    assert not at.error
    assert at.session_state["study"] == name


@pytest.mark.parametrize("page", NAMES)
def test_a_fresh_machine_gets_a_bundled_study_or_a_sentence(visit, tmp_path, page):
    home = tmp_path / "nothing here yet"
    at = visit(page, home=home)
    assert len(at.error) == (0 if bundled_studies() else 1)
    assert not home.exists()


@pytest.mark.parametrize("page", NAMES)
def test_a_damaged_database_is_one_sentence(visit, tmp_path, page):
    (tmp_path / "studies.sqlite").write_bytes(b"this is no database" * 100)
    at = visit(page, home=tmp_path)
    assert at.error
    assert all("studies.sqlite" in each.value.replace("\\", "") for each in at.error)


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
    assert "MACs, share of 5 independent networks" in sent["plane"]
    assert "uniform weights" in sent["plane"]


@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize(
    "address", [{"study": "none"}, {"layout": "x", "pins": "~~x"}, {"budget": "9999", "unit": "x"}]
)
def test_a_bad_link_gives_a_page_that_works(visit, page, address):
    at = visit(page, **address)
    assert not at.error
    at.run()
    assert not at.exception
    assert not at.warning


@pytest.mark.parametrize("page", NAMES)
def test_nonsense_in_the_address_is_passed_over(visit, page):
    nonsense = "<script>', 1e999 \u0000"
    names = ("section", "what", "which", "unit", "weights", "show", "budget", "details", "evidence", "depth", "alpha")
    at = visit(page, study="five", **dict.fromkeys(names, nonsense))
    assert not at.exception
    assert any(expander.label == "How is this computed?" for expander in at.expander)
