import numpy as np

from app.charts.agreement import agreement_figure, regret_figure


def test_every_trained_layout_is_a_point_with_its_range_over_seeds():
    rng = np.random.default_rng(0)
    predicted, trained = rng.normal(size=(2, 7))
    names = [f"layout {n}" for n in range(7)]
    figure = agreement_figure(predicted, trained, trained - 0.5, trained + 0.25, names)
    points, diagonal = figure.data
    assert np.array_equal(points.x, predicted)
    assert np.array_equal(points.y, trained)
    assert list(points.customdata) == names
    assert np.allclose(points.error_y.array, 0.25)
    assert np.allclose(points.error_y.arrayminus, 0.5)
    assert list(diagonal.x) == list(diagonal.y)
    assert diagonal.x[0] <= min(predicted.min(), (trained - 0.5).min())
    assert diagonal.x[1] >= max(predicted.max(), (trained + 0.25).max())


def test_the_map_writes_every_loss_and_a_dash_where_nothing_fits():
    loss = np.array([[0.0, 1.26, np.nan], [3.0, 0.0, 0.04]])
    (tile,) = regret_figure(loss, ["a · b", "a · c"]).data
    assert [list(row) for row in tile.text] == [["0.0", "1.3", "–"], ["3.0", "0.0", "0.0"]]
    assert list(tile.x) == ["0", "1", "2"]
    assert list(tile.y) == ["a · b", "a · c"]
