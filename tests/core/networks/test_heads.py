import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from core.errors import BackboneError
from core.networks.heads import Bilinear, ClassificationHead, DenseHead, head_of
from core.tasks import Kind, Metric, Task

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def task(kind, n_outputs):
    return Task("t", kind, (Metric("m", True),), n_outputs)


@settings(max_examples=40, deadline=None)
@given(before=SIZES, growth=SIZES)
def test_bilinear_gives_what_interpolate_gives(before, growth):
    after = (before[0] + growth[0], before[1] + growth[1])
    x = torch.randn(2, 3, *before, generator=torch.Generator().manual_seed(0))
    expected = functional.interpolate(x, size=after, mode="bilinear", align_corners=False)
    torch.testing.assert_close(Bilinear(before, after)(x), expected)


@pytest.mark.parametrize("kind", [Kind.SEGMENTATION, Kind.NORMALS, Kind.DEPTH, Kind.REGRESSION_MAP])
def test_dense_kinds_answer_per_pixel(kind):
    head = head_of(task(kind, 3), (7, 4, 5), (16, 20))
    assert isinstance(head, DenseHead)
    assert head(torch.randn(2, 7, 4, 5)).shape == (2, 3, 16, 20)


@pytest.mark.parametrize("shape", [(6, 4, 4), (6,)])
def test_classification_answers_once_per_picture(shape):
    head = head_of(task(Kind.CLASSIFICATION, 10), shape, (32, 32))
    assert isinstance(head, ClassificationHead)
    assert head(torch.randn(2, *shape)).shape == (2, 10)


def test_the_up_sampling_is_not_part_of_the_weights():
    assert {name.split(".")[0] for name in DenseHead((4, 4, 4), 1, (8, 8)).state_dict()} == {"layers"}


def test_a_dense_task_needs_maps():
    with pytest.raises(BackboneError, match=r"answers per pixel.*\[6\]"):
        head_of(task(Kind.DEPTH, 1), (6,), (32, 32))
