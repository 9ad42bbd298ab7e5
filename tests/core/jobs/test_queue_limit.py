import pytest

from core.errors import JobError
from core.jobs.queue_limit import VARIABLE, queue_limit


@pytest.mark.parametrize(("text", "limit"), [(None, None), ("", None), ("  ", None), ("1", 1), (" 200 ", 200)])
def test_there_is_no_limit_unless_somebody_sets_one(monkeypatch, text, limit):
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)
    assert queue_limit() == limit


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "١٢x"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(JobError, match=f"{VARIABLE} is .*whole number from 1"):
        queue_limit()
