import numpy as np
import pytest

from core.data.dataset import Dataset, Samples
from core.data.scenes import TASKS
from core.errors import DataError
from core.tasks import Kind, Task

PICTURES = np.zeros((4, 3, 8, 8), dtype=np.uint8)


@pytest.mark.parametrize(
    ("pictures", "targets", "words"),
    [
        (np.zeros((4, 3, 8, 8), dtype=np.float32), {}, "should be uint8"),
        (np.zeros((4, 8, 8, 3), dtype=np.uint8), {}, r"\[4, 8, 8, 3\]"),
        (PICTURES[:0], {}, "no pictures"),
        (PICTURES, {"depth": np.zeros((3, 1, 8, 8))}, "should agree"),
        (PICTURES, {"depth": np.zeros((4, 1, 8, 4))}, '"depth"'),
    ],
)
def test_unfit_samples_are_refused(pictures, targets, words):
    with pytest.raises(DataError, match=words):
        Samples(pictures, targets)


def test_a_split_without_a_task_is_refused():
    whole = Samples(PICTURES, {TASKS[2].name: np.ones((4, 1, 8, 8))})
    with pytest.raises(DataError, match='test split has no target for "depth"'):
        Dataset("x", TASKS[2:3], whole, whole, Samples(PICTURES, {}))


def test_parts_share_no_sample_and_hold_all_of_them():
    values = np.arange(11, dtype=np.int64)
    pictures = np.zeros((11, 3, 8, 8), dtype=np.uint8)
    task = Task.usual("class", Kind.CLASSIFICATION, 11)
    whole = Samples(pictures, {"class": values})
    dataset = Dataset("x", (task,), whole, whole, whole)
    parts = [dataset.with_part(part, 3) for part in range(3)]
    assert sorted(map(len, (part.train for part in parts))) == [3, 4, 4]
    assert sorted(np.concatenate([part.train.targets["class"] for part in parts])) == [*values]
    assert all(part.test is whole for part in parts)
    with pytest.raises(DataError, match="12 parts"):
        dataset.with_part(0, 12)


def test_an_unknown_task_is_named_with_the_known_ones():
    whole = Samples(PICTURES, {TASKS[2].name: np.ones((4, 1, 8, 8))})
    dataset = Dataset("x", TASKS[2:3], whole, whole, whole)
    assert dataset.task("depth") is TASKS[2]
    with pytest.raises(DataError, match=r"no task \"dept\". Choose from: depth"):
        dataset.task("dept")
