import numpy as np
import pytest

from app.affinity.heatmap import matrix_figure


def drawn(values, **more):
    names = [f"<t {i}>" for i in range(values.shape[1])]
    return matrix_figure(values, [f"row {i}" for i in range(len(values))], names, **more)


def test_every_number_and_hole_is_written_and_names_are_no_markup():
    figure = drawn(np.array([[0.25, -1.5], [np.nan, 3.0]]))
    cells, holes = figure.data
    assert [list(row) for row in cells.text] == [["0.25", "−1.50"], ["", "3.00"]]
    assert (list(holes.x), list(holes.y)) == ([0], [1])
    assert list(figure.layout.xaxis.ticktext) == ["&lt;t 0&gt;", "&lt;t 1&gt;"]
    assert cells.customdata[0][1] == "row 0, &lt;t 1&gt;"


def test_tints_follow_the_given_domain_or_the_values():
    assert (drawn(np.array([[0.2, 0.5]]), domain=(0.0, 1.0)).data[0].zmin) == 0.0
    cells = drawn(np.array([[0.2, 0.5]])).data[0]
    assert (cells.zmin, cells.zmax) == (0.2, 0.5)
    assert drawn(np.full((1, 2), 0.3)).data[0].zmin < drawn(np.full((1, 2), 0.3)).data[0].zmax


def test_a_frame_and_underlined_cells_mark_without_colour():
    figure = drawn(np.ones((2, 2)), marked_rows=(1,), marked=[(0, 1)])
    assert figure.data[0].text[0][1] == "<b><u>1.00</u></b>"
    (frame,) = figure.layout.shapes
    assert (frame.y0, frame.y1) == (0.5, 1.5)


def test_words_of_ones_own_stand_in_the_cells():
    cells = drawn(np.array([[1e-9, 2e-9]]), written=[["1·10⁻⁹", "2·10⁻⁹"]], marked=[(0, 0)]).data[0]
    assert list(cells.text[0]) == ["<b><u>1·10⁻⁹</u></b>", "2·10⁻⁹"]


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (10, 10), (2, 40)])
def test_rows_of_any_matrix_have_room(shape):
    figure = drawn(np.random.default_rng(0).random(shape))
    assert figure.layout.height / shape[0] >= 26
    assert len(figure.layout.xaxis.ticktext) == shape[1]
