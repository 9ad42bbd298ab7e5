import pytest

from app.components.source import source


@pytest.mark.parametrize("name", ["budget_plane.js", "palette.js"])
def test_every_script_can_fill_in_the_colours(name):
    assert source(name).count("function paintNames") == 1


def test_the_files_of_the_plane_are_there_and_load_nothing():
    for name in ("budget_plane.html", "budget_plane.css", "budget_plane.js"):
        text = source(name).replace("http://www.w3.org/2000/svg", "")
        assert text
        assert "http" not in text
        assert "@import" not in text
        assert "innerHTML = data.tasks" not in text
