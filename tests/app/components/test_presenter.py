"""Presenter mode makes all text larger only where nothing is written in pixels or shown past it."""

import re

from app.components.served import BROWSER
from app.ui.paths import ROOT

# Inside of an element of the class ``zoomed``, which is made larger as a whole.
ZOOMED = {"storage_cut", "exit_ladder", "assignment_front", "unit_grid"}
# What members of a class see on their own screens, without Streamlit.
ALONE = {"class_follow", "class_join", "standalone"}
STYLES = sorted(path for path in BROWSER.glob("*.css") if path.stem not in ZOOMED | ALONE)


def test_text_is_written_in_units_of_the_root():
    assert STYLES
    for path in STYLES:
        found = re.findall(r"font(?:-size)?:[^;}]*?(?<![\w.-])\d[\d.]*px[^;}]*", path.read_text(encoding="utf-8"))
        assert not [each for each in found if "--bw-least" not in each], path.stem


def test_what_is_drawn_in_pixels_is_made_larger_as_a_whole():
    for name in ZOOMED:
        assert "zoomed" in (BROWSER / f"{name}.html").read_text(encoding="utf-8"), name
        assert "drawingScale()" in (BROWSER / f"{name}.js").read_text(encoding="utf-8"), name


def test_every_plotly_figure_is_shown_by_the_one_function_that_knows_of_it():
    sources = [path for path in (ROOT / "app").rglob("*.py") if "st.plotly_chart(" in path.read_text(encoding="utf-8")]
    assert sources == [ROOT / "app" / "ui" / "plotly.py"]
