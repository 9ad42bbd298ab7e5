import pytest

from app.report.document import study_report
from app.report.subject import Choices, Subject
from core.studies.database import Database
from core.studies.home import DATABASE_FILE


@pytest.fixture
def subject_named(studies_home):
    """Give what a report of a made-up study is about."""
    database = Database(studies_home / DATABASE_FILE)

    def named(name, **choices):
        return Subject(database, database.study(name), is_stored=True, choices=Choices(**choices))

    return named


@pytest.fixture
def report_named(subject_named):
    """Give the report of a made-up study."""
    return lambda name, **choices: study_report(subject_named(name, **choices))
