"""Results of another environment are marked with their number on every page that shows what was measured."""

import pytest

from core.studies.bundled import open_bundled
from core.studies.database import Database


@pytest.fixture
def home(tmp_path):
    """Return a home whose study has five results of another version of torch."""
    opened = open_bundled("scenes5")
    done = [key for key, result in opened.results.items() if result.is_done]
    results = dict(opened.results)
    for place, key in enumerate(done):
        before = results[key].environment
        changes = {"instructions": "AVX2, oneDNN AVX2", "versions": {**before.versions}}
        if place < 5:
            changes["versions"]["torch"] = "1.0.*x*"
        results[key] = results[key].model_copy(update={"environment": before.model_copy(update=changes)})
    Database(tmp_path / "home" / "studies.sqlite").put(opened.record.renamed("own"), results)
    return tmp_path / "home"


@pytest.mark.parametrize("page", ["train", "studies", "overview"])
def test_results_of_another_environment_are_marked(visit, home, page):
    at = visit(page, home=home, study="own")
    (said,) = [each.value for each in at.caption if "measured elsewhere" in each.value]
    assert "5 of 110 results were measured elsewhere: torch 1.0.*x*, AVX2." in said.replace("\\", "")
    assert "*x*" not in said
    assert "bundled" not in said


@pytest.mark.parametrize("page", ["train", "overview"])
def test_a_bundled_study_says_that_its_environment_is_not_recorded(visit, tmp_path, page):
    at = visit(page, home=tmp_path / "empty", study="treednn")
    (said,) = [each.value for each in at.caption if "not recorded" in each.value]
    assert "55 of 55 results" in said
    assert "stored here" not in said


def test_of_a_bundled_study_that_is_stored_too_it_is_said_which_is_shown(visit, tmp_path):
    opened = open_bundled("treednn")
    Database(tmp_path / "home" / "studies.sqlite").put(opened.record, opened.results)
    at = visit("train", home=tmp_path / "home", study="treednn")
    assert any("This is the study stored here, not the bundled one" in each.value for each in at.caption)
