import pytest

from core.errors import StudyError
from core.runs.label import UNREADABLE, RunLabel

DAMAGED = [
    "",
    "null",
    "5",
    "[]",
    "{}",
    "[" * 100_000,
    '{"kind": "x", "tasks": 5, "seed": null, "details": {}}',
    '{"kind": "x", "tasks": [], "seed": 1e400, "details": {}}',
    '{"kind": "\\ud800", "tasks": [], "seed": 1, "details": {}}',
]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_label_is_refused_and_in_a_row_of_the_database_only_said(text):
    with pytest.raises(StudyError, match="damaged"):
        RunLabel.from_json(text)
    assert RunLabel.stored(text) == RunLabel(UNREADABLE)


def test_a_sound_label_in_a_row_is_read():
    label = RunLabel("recombined", ("a", "b"), 3, {"depth": 2, "source": "a"})
    assert RunLabel.stored(label.to_json()) == label
