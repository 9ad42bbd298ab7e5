"""A small part of benchmarks/fuzz.py: damaged files of every kind are accepted or get one sentence."""

import pytest

from benchmarks.fuzz import READERS, in_a_process, tried

# Pages and databases have tests of their own, and take longer.
NAMES = [name for name in READERS if "page" not in name and name != "databases"]


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_file_is_accepted(name, tmp_path):
    reader = READERS[name]
    for place, data in enumerate(reader.sound()):
        folder = tmp_path / str(place)
        folder.mkdir()
        reader.read(data, folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_accepted_or_gets_one_sentence(name):
    found = tried(name, range(5_000_000, 5_000_012))
    assert found["failed"] == []
    assert found["sentence"] > 0


def test_a_reader_that_hangs_or_dies_is_a_failure_with_its_reason():
    late = in_a_process(["--reader", NAMES[0], "--inputs", "1"], 0.01)
    assert "hangs" in late["failed"][0]
    dead = in_a_process(["--reader", "none"], 60.0)
    assert "ended with 2" in dead["failed"][0]
