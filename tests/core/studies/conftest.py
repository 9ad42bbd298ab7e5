"""A study and its archive."""

import pytest

from core.studies.archive import write_archive


@pytest.fixture
def content(record, results):
    return write_archive(record, results)
