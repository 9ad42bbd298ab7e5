import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import Dataset, Samples
from core.data.missing import has_a_label, labelled
from core.errors import DataError
from core.tasks import Kind, Task

NAN = np.nan


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        (Kind.CLASSIFICATION, np.array([0, -1, 254]), [True, False, True]),
        (Kind.MULTI_LABEL, np.array([[0, NAN], [NAN, NAN], [1, 0]]), [True, False, True]),
        (Kind.SEGMENTATION, np.array([[[255, 0]], [[255, 255]]], dtype=np.uint8), [True, False]),
        (Kind.DEPTH, np.array([1, NAN, NAN, NAN]).reshape(2, 1, 1, 2), [True, False]),
        (Kind.NORMALS, np.array([[1, 0, NAN], [1, 0, 0]]).reshape(2, 3, 1, 1), [False, True]),
        (Kind.REGRESSION_MAP, np.array([NAN, 0], dtype=np.float16).reshape(2, 1, 1, 1), [False, True]),
    ],
)
def test_each_kind_has_its_own_way_to_say_missing(kind, target, expected):
    assert labelled(kind, target).tolist() == expected
    assert has_a_label(kind, target)
    assert not has_a_label(kind, target[~np.array(expected)])


@given(st.lists(st.integers(-1, 2), min_size=1, max_size=200))
def test_one_label_anywhere_is_found(numbers):
    assert has_a_label(Kind.CLASSIFICATION, np.array(numbers)) == any(number >= 0 for number in numbers)


def test_a_data_set_counts_its_labels_and_refuses_a_split_without_any():
    task = Task.usual("kind", Kind.CLASSIFICATION, 2)

    def split(*numbers):
        return Samples(np.zeros((len(numbers), 3, 4, 4), np.uint8), {"kind": np.array(numbers)})

    data = Dataset("x", (task,), split(0, -1, 1), split(-1, 0), split(1))
    assert [data.n_labelled(name, "kind") for name in ("train", "validation", "test")] == [2, 1, 1]
    with pytest.raises(DataError, match='No picture of the validation split has a label for "kind"'):
        Dataset("x", (task,), split(0), split(-1, -1), split(1))
