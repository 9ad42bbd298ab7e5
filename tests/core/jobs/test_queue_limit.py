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


def test_a_session_may_not_fill_the_queue(queue, runs, states):
    with pytest.raises(JobError, match=f"{len(runs)} more runs would make {len(runs)} of yours in the queue"):
        queue.submit("small", runs, session="one", limit=3)
    assert set(states().values()) == {"planned"}
    queue.submit("small", runs[:3], session="one", limit=3)
    assert queue.submit("small", runs[:3], session="one", limit=3).n_new == 0


def test_submitting_again_counts_within_the_limit(queue, runs):
    alone = [run for run in runs if not run.parents]
    for run in alone[:4]:
        queue.submit("small", [run], work=lambda _: 1.0, session="me", address="here", limit=3)
        queue.cancel([run.key])
    with pytest.raises(JobError, match="3 at a time"):
        queue.retry([run.key for run in alone[:4]], session="me", limit=3, address="here")
    assert queue.n_active() == 0
    assert queue.retry([run.key for run in alone[:3]], session="me", limit=3, address="here") == 3


def test_another_session_of_the_same_address_has_no_more(queue, runs):
    alone = [run for run in runs if not run.parents]
    queue.submit("small", alone[:3], work=lambda _: 1.0, session="me", address="here", limit=3)
    with pytest.raises(JobError, match="3 at a time"):
        queue.submit("small", alone[3:4], work=lambda _: 1.0, session="new cookie", address="here", limit=3)
    queue.submit("small", alone[3:4], work=lambda _: 1.0, session="other", address="there", limit=3)
