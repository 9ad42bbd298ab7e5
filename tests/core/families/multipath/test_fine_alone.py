import numpy as np
import pytest

from core.families.multipath.fine_alone import fine_alone, share_right
from core.families.multipath.payload import ExitRecord, MultiPathPayload
from core.runs.result import Environment, RunResult, RunState
from core.tasks import Kind, Task

TASKS = (Task.usual("half", Kind.CLASSIFICATION, 2), Task.usual("class", Kind.CLASSIFICATION, 4))
LEVEL = (0, 0, 1, 1)
WHERE = Environment(device="cpu", machine="a test", threads=1, versions={})


def _payload(above):
    exit_ = ExitRecord(name="0", params=1, macs=1, published_params=1, published_macs=1, output_shape=(1,))
    return MultiPathPayload(exits=(exit_,), head_params=(1, 1), above=above)


def _single(task, accuracy, counts=None):
    return RunResult(
        state=RunState.DONE,
        metrics={split: {task: {"accuracy": accuracy}} for split in ("validation", "test")},
        confusion={} if counts is None else {split: {task: counts} for split in ("validation", "test")},
        environment=WHERE,
    )


COUNTS = [[2, 1, 0, 1], [0, 4, 0, 0], [0, 0, 3, 1], [0, 1, 1, 2]]


def test_coarse_answers_are_read_off_the_fine_network():
    fine = _single("class", 11 / 16, COUNTS)
    alone = fine_alone(TASKS, [[_single("half", 0.7), fine], [None, None]], [_payload({"half": {"class": LEVEL}})])
    assert alone is not None
    assert alone.fine == 1
    # Two of sixteen answers are in the other half.
    assert alone.values["test"][0] == pytest.approx([14 / 16, 11 / 16])
    assert alone.gains["test"][0] == pytest.approx([100 * (14 / 16 - 0.7) / 0.7, 0])
    assert np.isnan(alone.values["test"][1]).all()


def test_a_seed_without_counts_or_without_the_coarse_network_is_missing():
    known = [_payload({}), _payload({"half": {"class": LEVEL}})]
    alone = fine_alone(TASKS, [[_single("half", 0.7), _single("class", 0.7)]], known)
    assert alone is not None
    assert np.isnan(alone.gains["validation"]).all()
    alone = fine_alone(TASKS, [[None, _single("class", 11 / 16, COUNTS)]], known)
    assert alone is not None
    assert np.isnan(alone.gains["validation"][0, 0])
    assert alone.gains["validation"][0, 1] == pytest.approx(0)


@pytest.mark.parametrize("above", [{}, {"half": {"other": LEVEL}}, {"half": {"class": (0, 1)}}])
def test_tasks_that_are_no_hierarchy_have_none(above):
    assert fine_alone(TASKS, [[None, None]], [_payload(above)]) is None


def test_one_task_alone_is_no_hierarchy():
    assert fine_alone(TASKS[1:], [[None]], [_payload({})]) is None


@pytest.mark.parametrize("counts", [[], [[1, 0], [0, 1]], [[0] * 4] * 4])
def test_counts_of_other_classes_say_nothing(counts):
    assert np.isnan(share_right(counts, LEVEL))


def test_the_finest_level_of_itself_is_accuracy():
    assert share_right(COUNTS, range(4)) == pytest.approx(11 / 16)
