"""What a submission stores besides its runs."""

import pytest

from core.errors import JobError, StudyError
from core.families.layouts.runs import LayoutSubmission
from core.jobs.submission import WholeStudy
from core.jobs.submit import submit
from core.layouts import Layout
from core.studies.bundled import open_bundled
from core.studies.database import Database


def test_a_refused_submission_leaves_the_study_as_it_was(tmp_path, record):
    database = Database(tmp_path / "studies.sqlite")
    database.put(record, session="owner")
    before = database.record(record.name).specification
    request = LayoutSubmission((Layout.parse("0,2;1|0,2;1"),), (70, 80))
    with pytest.raises(JobError, match="this server allows 2"):
        submit(database, database.record(record.name), [request], session="visitor", limit=2)
    assert database.record(record.name).specification == before
    submit(database, database.record(record.name), [request], session="visitor", limit=100)
    assert database.record(record.name).specification != before


def test_the_stored_copy_of_a_bundled_study_is_not_the_first_visitor_s(tmp_path):
    database, opened = Database(tmp_path / "studies.sqlite"), open_bundled("digits")
    submit(database, opened.record, [WholeStudy()], results=opened.results, session="visitor")
    with pytest.raises(StudyError, match="is not yours"):
        database.delete("digits", session="visitor")
    assert [each.name for each in database.studies()] == ["digits"]
