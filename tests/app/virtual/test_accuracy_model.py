"""What levels reached, as lines and differences."""

import numpy as np
import pytest

from app.charts.means_map import GAIN, METRIC
from app.virtual.accuracy import lines_figure, metric_name
from app.virtual.accuracy_model import (
    Against,
    accuracy_frame,
    difference,
    difference_words,
    differences_frame,
    task_lines,
)
from core.families.virtual.results import VirtualResults


@pytest.fixture
def results(study_of):
    return study_of("virtual").result(VirtualResults)


def test_levels_trained_alone_end_with_the_single_task_network(results):
    for task in range(3):
        lines = task_lines(results, [0, 3], None, task, Against.BYTES, "test", METRIC)
        assert [line.name for line in lines] == ["nearest", "common", "trained alone"]
        assert lines[-1].means[-1].value == pytest.approx(results.singles["test"][:, task].mean())
        assert lines[0].costs == lines[-1].costs
        gains = task_lines(results, [0], None, task, Against.DENSITY, "test", GAIN)
        assert gains[-1].means[-1].value == 0
        assert gains[0].costs == pytest.approx([6.25, 25, 56.25, 100])


def test_a_line_has_the_mean_and_interval_of_its_seeds(results):
    (line, _) = task_lines(results, [1], None, 2, Against.MACS, "validation", METRIC)
    values = results.networks[1].values["validation"][:, 2, 0]
    assert line.means[0].value == pytest.approx(values.mean())
    low, high = line.means[0].interval
    assert low < values.mean() < high
    assert line.costs == (1000, 4000, 9000, 16000)


def test_the_table_has_every_network_task_and_level(results):
    frame = accuracy_frame(results, None, "test")
    assert len(frame) == (6 + 1) * 3 * 4
    row = frame[(frame["network"] == "searched") & (frame["task"] == "tiles") & (frame["level"] == "2")].iloc[0]
    assert row["Δ"] == pytest.approx(results.networks[2].gains["test"][:, 2, 1].mean())
    assert row["bytes"] == 4 * results.payload.records[2][1].params
    assert row["MACs"] == 4000


def test_differences_are_paired_by_seed(results):
    nearest, common = results.networks[0], results.networks[3]
    first = difference(common, nearest, "test")[0]
    paired = (common.gains["test"] - nearest.gains["test"])[:, :, 0].mean(axis=1)
    assert first.value == pytest.approx(paired.mean())
    assert first.half < np.ptp(nearest.gains["test"][:, :, 0]) + np.ptp(common.gains["test"][:, :, 0])
    frame = differences_frame(results, 0, "test").set_index("network")
    assert frame.loc["common", "level 1"] == difference_words(first)
    assert "within noise" not in frame.loc["common", "level 1"]
    assert "nearest" not in frame.index


def test_every_task_has_a_panel_and_every_name_one_look(results):
    tasks = [task.name for task in results.tasks]
    lines = [task_lines(results, [0, 1, 3], None, t, Against.BYTES, "test", METRIC) for t in range(3)]
    figure = lines_figure(lines, tasks, Against.BYTES, METRIC, metric_name(results))
    assert len(figure.data) == 3 * 4
    looks = {(trace.name, trace.marker.color, trace.marker.symbol) for trace in figure.data}
    assert len(looks) == 4
    assert figure.layout.yaxis.title.text == "accuracy"
    assert [trace.showlegend for trace in figure.data] == [True] * 4 + [False] * 8
