from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.studies.model import SPACES, busy_share, disk_table, kind_words, queue_lines, quota_words, study_table
from core.jobs.quota import DiskUse, Space, Use
from core.jobs.states import JobState
from core.studies.study_list import ListedStudy

LINE = ListedStudy("mine", "Mine", "measured", False, ("a", "b"), "scenes", 10, 4, 1, datetime(2026, 1, 1, tzinfo=UTC))


def slots(*threads: int) -> dict[str, object]:
    return {"workers": [{"threads": n} for n in threads]}


def test_every_kind_of_file_is_explained():
    assert set(SPACES) == set(Space)


def test_a_list_has_a_row_per_study_and_no_runs_where_there_is_nothing_to_train():
    bundled = ListedStudy("x", "X", "measured", True, ("a", "b"), "scenes", 3, 3, 0, None)
    table = ListedStudy("t", "T", "table", False, tuple("abcdefgh"), "", 0, 0, 0, LINE.updated)
    found = study_table([LINE, bundled, table], [10, 2000, 0])
    assert {len(column) for column in found.values()} == {3}
    assert found["trainings done"] == ["4 of 10, 1 failed", "3 of 3", "table"]
    assert found["size"] == ["10 B", "2 kB", "0 B"]
    assert found["tasks"] == ["2", "2", "8"]
    assert len({kind_words(line) for line in (LINE, bundled, table)}) == 3


def test_disk_use_is_a_row_per_kind_with_its_sentence():
    found = disk_table(DiskUse(tuple(Use(space, 1, 1000, 500) for space in Space), 10**9))
    assert {len(column) for column in found.values()} == {len(Space)}
    assert set(found["size"]) == {"1 kB"}


@pytest.mark.parametrize(("used", "words"), [(0, "0 %"), (1, "less than 0.1 %"), (10**7, "1.0 %"), (10**9, "100 %")])
def test_a_little_of_the_quota_is_not_nothing(used, words):
    assert quota_words(DiskUse((Use(Space.LOG, 1, used, 0),), 10**9)).endswith(f"in use, {words}")


def test_states_without_runs_are_left_out():
    counts = dict.fromkeys(JobState, 0) | {JobState.DONE: 3, JobState.QUEUED: 2}
    assert [(state, n) for state, n, _ in queue_lines(counts)] == [("queued", 2), ("done", 3)]


@given(
    st.lists(st.integers(1, 8), min_size=1, max_size=4),
    st.floats(1, 1e6),
    st.floats(0, 1e5),
    st.lists(st.floats(0, 1e5), max_size=5),
)
def test_a_share_is_a_share(threads, alive, busy, running):
    found = busy_share(slots(*threads) | {"busy_5_minutes": busy}, alive, running)
    assert found is not None
    assert 0 <= found <= 1


def test_busy_counts_what_ended_and_what_goes_on_over_the_time_there_was():
    report = slots(1, 1) | {"busy_5_minutes": 100.0}
    assert busy_share(report, 100.0) == pytest.approx(0.5)
    assert busy_share(report, 1000.0) == pytest.approx(100 / 600)
    assert busy_share(report, 1000.0, [50.0, 1e6]) == pytest.approx(450 / 600)
    assert busy_share({}, 100.0) is None
    assert busy_share(report, 0.5) is None
