"""A study that another browser deletes, or that a link names and nobody has, is said to be gone."""

import pytest

from core.studies.archive import import_archive
from core.studies.bundled import FOLDER, bundled_studies
from core.studies.database import Database
from core.studies.home import DATABASE_FILE


def said(at) -> str:
    return " ".join(warning.value for warning in at.main.warning).replace("\\", "")


@pytest.mark.parametrize("page", ["overview", "budget", "train", "studies"])
def test_a_study_that_another_browser_deletes_is_said_to_be_gone(visit, tmp_path, page):
    database = Database(tmp_path / DATABASE_FILE)
    name = import_archive(FOLDER / "treednn.zip", database, reserved=bundled_studies())
    at = visit(page, home=tmp_path, study=name)
    assert at.session_state["study"] == name
    assert "There is no study" not in said(at)
    database.delete(name)
    at.run()
    assert not at.exception
    assert f"There is no study “{name}”" in said(at)
    at.run()
    assert "There is no study" in said(at)
    at.selectbox(key="study").select("digits").run()
    assert "There is no study" not in said(at)


def test_a_link_to_a_study_that_nobody_has_says_so(visit):
    at = visit("budget", study="<b>x</b>" * 30)
    assert not at.exception
    assert "There is no study" in said(at)
    assert not any("<b>" in warning.value for warning in at.main.warning)
