"""Figures as files: whole, equal where they are equal, and with whatever names people give."""

import io
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image

from app.charts.tree_picture import task_places
from app.figures.paper_figure import PaperFigure
from app.figures.parts import HeatMaps, Ladder, Plot, Series, Strip, Tree
from app.figures.rendering import DPI, Format, drawn_figure, rendered
from core.layouts import Layout

HOSTILE = ("<script>alert(1)</script>", "$x^{2", "W" * 200, "\U0001f600 汉字", "مهمة \u202eشلום", "a & b\x1b[31m")
LAYOUT = Layout.of([[set(range(6))], [{0, 1, 4}, {2, 3, 5}], [{0}, {1, 4}, {2, 3}, {5}]])


def every_part() -> PaperFigure:
    values = np.arange(36.0).reshape(1, 6, 6) / 35
    values[0, 0, 1] = np.nan
    plot = Plot(
        (
            Series("others", (0.1, 0.2), (1.0, float("nan")), labels=HOSTILE[:2]),
            Series("front", (0.2, 0.9), (0.0, 2.0), low=(-1.0, float("nan")), high=(1.0, 3.0), is_staircase=True),
        ),
        "cost (%)", "gain Δ (%)", title=HOSTILE[0], is_x_share=True, verticals=((0.5, HOSTILE[5]),), is_diagonal=True,
    )  # fmt: skip
    maps = HeatMaps(values, HOSTILE[:1], (HOSTILE,), (HOSTILE,), HOSTILE[3], marked=values > 0.5)
    ladder = Ladder((Strip("MACs", (1.0, 3.0), HOSTILE[:2]),), ((0, HOSTILE[2]), (1, HOSTILE[4])))
    tree = Tree(LAYOUT, HOSTILE, (1.0, 2.0, 0.0), "width: MACs", title=HOSTILE[1])
    return PaperFigure(" ".join(HOSTILE), HOSTILE[4], (plot, maps, tree, ladder), signs=HOSTILE[1], note=HOSTILE[0])


@pytest.fixture(scope="module")
def svg() -> bytes:
    return rendered(every_part(), Format.SVG)


def test_hostile_names_are_drawn_and_nothing_in_the_file_can_run_or_load(svg):
    root = ET.fromstring(svg)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags <= {"svg", "metadata", "RDF", "Work", "type", "format", "creator", "Agent", "title", "defs", "style",
                    "g", "path", "use", "clipPath", "rect", "image", "date"}  # fmt: skip
    links = [value for node in root.iter() for name, value in node.attrib.items() if name.endswith("href")]
    assert links
    assert all(value.startswith(("#", "data:image/png")) for value in links)


def test_equal_figures_are_equal_files_and_threads_do_not_disturb_each_other(svg):
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(rendered(every_part(), Format.SVG))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [svg, svg]


def test_pictures_have_the_resolution_they_say_and_margins_without_ink():
    picture = Image.open(io.BytesIO(rendered(every_part(), Format.PNG)))
    assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    ink = np.asarray(picture.convert("L")) < 250
    # What is clipped would touch an edge.
    assert not any(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    assert ink.mean() > 0.02


def test_a_pdf_embeds_its_fonts():
    content = rendered(every_part(), Format.PDF)
    assert content.startswith(b"%PDF")
    assert content.count(b"/FontFile2") >= 1
    assert b"/Type0" in content


def test_tasks_of_a_tree_stand_as_asked_as_far_as_branches_do_not_cross():
    rows = task_places(LAYOUT, (5, 4, 3, 2, 1, 0))
    assert sorted(rows, key=rows.get) == [5, 3, 2, 4, 1, 0]
    for partition in LAYOUT.partitions:
        for group in partition:
            places = sorted(rows[task] for task in group)
            assert places == list(range(places[0], places[0] + len(group)))


def test_pages_do_not_load_what_draws_figures():
    program = "import app.figures.menu, sys; print(any(name.startswith('matplotlib') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "False"


def test_cells_are_square_beside_a_taller_part():
    maps = HeatMaps(np.zeros((1, 2, 2)), ("",), (("a", "b"),), (("a", "b"),), "x")
    tall = Plot((Series("", (0.0, 1.0), (0.0, 1.0)),), "x", "y", height=6.0)
    drawn = drawn_figure(PaperFigure("t", "s", (maps, tall)))
    (cells,) = [axes for axes in drawn.findobj(Axes) if axes.images]
    place = cells.get_window_extent()
    assert place.width == pytest.approx(place.height, rel=0.01)
