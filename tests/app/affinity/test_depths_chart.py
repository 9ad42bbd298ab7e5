import json

from app.affinity.depths_chart import depths_figure


def drawn(values, **more):
    return depths_figure(values, **more)


def test_each_depth_is_a_point_counted_from_one_and_a_gap_breaks_the_line():
    (line,) = drawn([0.1, None, 0.9]).data
    assert list(line.x) == [1, 2, 3]
    assert list(line.y) == [0.1, None, 0.9]
    assert not line.connectgaps


def test_no_number_lies_on_an_interval_or_on_the_frame():
    figure = drawn([1.0, -1.0], low=[0.5, -1.0], high=[1.0, 0.0])
    assert figure.data[0].text is None
    low, high = figure.layout.yaxis.range
    assert low < -1.0
    assert high > 1.0


def test_the_chosen_depth_is_larger_and_has_a_line():
    figure = drawn([-0.5, 0.5], chosen=1)
    assert figure.data[0].marker.size[1] > figure.data[0].marker.size[0]
    assert figure.layout.shapes[0].x0 == 2


def test_intervals_reach_from_their_lower_to_their_upper_end_where_there_are_any():
    bars = drawn([0.5, 0.5], low=[0.2, None], high=[0.7, None]).data[0].error_y
    assert (0.5 - bars.arrayminus[0], 0.5 + bars.array[0]) == (0.2, 0.7)
    assert bars.array[1] is None
    assert drawn([None]).data[0].error_y.array is None


def test_the_same_values_are_the_same_bytes():
    assert drawn([0.1, 0.2]).to_json() == drawn([0.1, 0.2]).to_json()
    assert json.loads(drawn([0.1, 0.2]).to_json())
