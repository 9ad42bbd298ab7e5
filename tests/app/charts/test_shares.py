import numpy as np

from app.charts.shares import depth_figure, pairs_figure, shares_figure

UP = np.array([0.0, 40.0, 100.0])
DOWN = np.array([0.0, 2.0, -5.0])


def test_one_line_per_unit_over_the_blocks() -> None:
    figure = shares_figure({"Parameters": UP, "MACs": UP[::-1]})
    assert [trace.name for trace in figure.data] == ["Parameters", "MACs"]
    assert figure.data[0].x.tolist() == [0, 1, 2]
    assert figure.data[1].y.tolist() == [100, 40, 0]
    assert figure.data[0].line.dash != figure.data[1].line.dash


def test_storage_over_work_with_its_diagonal() -> None:
    figure = depth_figure({"one": (UP, DOWN), "other": (DOWN, UP)})
    assert figure.data[0].x.tolist() == UP.tolist()
    assert figure.data[0].y.tolist() == DOWN.tolist()
    assert list(figure.data[-1].x) == list(figure.data[-1].y) == [0, 100]


def test_one_line_per_pair() -> None:
    figure = pairs_figure({"a and b": DOWN})
    assert figure.data[0].y.tolist() == DOWN.tolist()
    assert pairs_figure({}).data == ()


def test_what_is_interpolated_is_hollow_and_says_so() -> None:
    hole = np.arange(len(DOWN)) == 1
    measured, other = pairs_figure({"a and b": DOWN, "a and c": DOWN}, {"a and c": hole}).data
    assert "open" not in "".join(measured.marker.symbol)
    assert [mark.endswith("open") for mark in other.marker.symbol] == hole.tolist()
    assert [bool(words) for words in other.text] == hole.tolist()
