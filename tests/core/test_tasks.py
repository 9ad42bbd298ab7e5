from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.studies.task_entry import TaskEntry
from core.tasks import (
    MAX_NAME_LENGTH,
    MAX_TASKS,
    Kind,
    Metric,
    Task,
    check_task_name,
    check_task_names,
    relative_performance,
)

METRICS = (Metric("up", True), Metric("down", False))
positive = st.floats(0.01, 1e4)


@given(positive, positive)
def test_the_baseline_itself_has_no_delta(up, down):
    assert relative_performance({"up": up, "down": down}, {"up": up, "down": down}, METRICS) == 0


@given(positive, positive, st.floats(-0.9, 2.0))
def test_directions_count_with_their_sign(up, down, change):
    better = {"up": up * (1 + change), "down": down * (1 - change)}
    assert relative_performance(better, {"up": up, "down": down}, METRICS) == pytest.approx(100 * change, abs=1e-6)


@given(positive, positive, positive, positive, st.floats(0.1, 10))
def test_the_scale_of_a_metric_does_not_matter(a, b, c, d, scale):
    one = relative_performance({"up": a, "down": b}, {"up": c, "down": d}, METRICS)
    other = relative_performance({"up": a * scale, "down": b}, {"up": c * scale, "down": d}, METRICS)
    assert one == pytest.approx(other, rel=1e-6, abs=1e-6)


def test_a_negative_baseline_counts_by_its_size():
    assert relative_performance({"up": -1.0}, {"up": -2.0}, [Metric("up", True)]) == 50.0


@pytest.mark.parametrize("single", [0.0, 1e-7, -1e-9])
def test_a_baseline_near_zero_is_refused(single):
    with pytest.raises(DataError, match="relative to almost zero"):
        relative_performance({"up": 1.0}, {"up": single}, [Metric("up", True)])


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "x" * (MAX_NAME_LENGTH + 1), *(f"a{c}b" for c in ',;|()[]{}<>"`\\/\n\t\u200b')]
)
def test_unusable_names_are_refused(name):
    with pytest.raises(DataError, match="Task name"):
        check_task_name(name)


@pytest.mark.parametrize("name", ["a", "surface normals", "δ", "0", "x" * MAX_NAME_LENGTH])
def test_usable_names_pass(name):
    check_task_name(name)


@pytest.mark.parametrize("n", [0, 1, MAX_TASKS + 1])
def test_two_to_forty_tasks_are_compared(n):
    with pytest.raises(DataError, match=rf"Found {n}\."):
        check_task_names([f"t{i}" for i in range(n)])
    check_task_names([f"t{i}" for i in range(MAX_TASKS)])


def test_a_name_is_used_once():
    with pytest.raises(DataError, match='"b" is used twice'):
        check_task_names(["a", "b", "b"])


def test_a_task_needs_a_metric():
    with pytest.raises(DataError, match='Task "a" has no metric'):
        Task("a", Kind.DEPTH, (), 1)


def test_what_is_near_zero_is_counted_in_the_deviation_of_the_labels():
    task = replace(Task.usual("length", Kind.REGRESSION, 1), mean=(0.0,), std=(1e-7,))
    found, metrics = {"MAE": 1e-8, "RMSE": 2e-8}, task.gain_metrics
    assert relative_performance({"MAE": 0.5e-8, "RMSE": 1e-8}, found, metrics, task) == pytest.approx(50)
    with pytest.raises(DataError, match="almost zero"):
        relative_performance(found, {"MAE": 1e-14, "RMSE": 2e-8}, metrics, task)


def test_a_module_may_hold_the_deviation_of_the_largest_labels():
    assert TaskEntry(name="t", kind="regression", n_outputs=1, mean=(1e15,), std=(3e14,)).std == (3e14,)
