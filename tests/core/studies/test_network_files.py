"""Names of the files that a network is kept in."""

import pytest

from core.studies.network_files import file_name


@pytest.mark.parametrize("name", ["../../etc/passwd", "…", "A" * 200, "con", "a b\tc"])
def test_file_names_are_safe_whatever_a_part_is_called(name):
    found = file_name("branch", name, set())
    assert found.startswith("branch-")
    assert found.endswith(".safetensors")
    assert set(found.removesuffix(".safetensors")) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(found) < 70
