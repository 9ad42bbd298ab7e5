import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from core.errors import BackboneError
from core.networks import heads as heads_module
from core.networks.heads import (
    AsppHead,
    Bilinear,
    ClassificationHead,
    DenseHead,
    Pooled,
    PyramidHead,
    atrous_rates,
    head_of,
)
from core.networks.loader import head_call
from core.networks.tree import count_parameters
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


@pytest.mark.parametrize("cells", [1, 2, 3, 6])
def test_pooled_gives_what_torch_pools_and_interpolates(cells):
    layer, x = Pooled((3, 7, 9), 2, cells), torch.randn(2, 3, 7, 9, generator=torch.Generator().manual_seed(0))
    means = layer.layers(functional.adaptive_avg_pool2d(x, cells))
    expected = functional.interpolate(means, size=(7, 9), mode="bilinear", align_corners=False)
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize(("kind", "made"), [("light", DenseHead), ("aspp", AsppHead), ("pyramid", PyramidHead)])
@pytest.mark.parametrize("shape", [(8, 4, 5), (8, 1, 1), (3, 2, 9)])
def test_each_kind_of_head_answers_per_pixel_and_learns(kind, made, shape):
    head = head_of(task(Kind.SEGMENTATION, 3), shape, (20, 24), kind)
    assert isinstance(head, made)
    out = head(torch.randn(2, *shape))
    assert out.shape == (2, 3, 20, 24)
    out.square().mean().backward()
    assert all(parameter.grad is not None for parameter in head.parameters())
    again = eval(head_call(head), vars(heads_module))
    assert {name: x.shape for name, x in again.state_dict().items()} == {
        name: x.shape for name, x in head.state_dict().items()
    }
    assert isinstance(head_of(task(Kind.CLASSIFICATION, 3), shape, (20, 24), kind), ClassificationHead)


def test_parameters_of_the_larger_heads():
    c, outputs = 8, 3
    # Five branches and the projection: 1×1, three 3×3, 1×1 of the mean (with a bias), each to c; norms have 2c.
    aspp = c * c + 3 * 9 * c * c + (c * c + c) + 5 * c * c + 5 * 2 * c + (c * outputs + outputs)
    assert count_parameters(head_of(task(Kind.DEPTH, outputs), (c, 9, 9), (36, 36), "aspp")) == aspp
    pooled = 4 * (c * c // 4 + c // 4)
    pyramid = pooled + 9 * 2 * c * c + 2 * c + (c * outputs + outputs)
    assert count_parameters(head_of(task(Kind.DEPTH, outputs), (c, 9, 9), (36, 36), "pyramid")) == pyramid
    assert count_parameters(AsppHead((2048, 3, 3), 1, (9, 9))) < count_parameters(AsppHead((4096, 3, 3), 1, (9, 9)))


@pytest.mark.parametrize("kind", ["light", "aspp", "pyramid"])
def test_maps_with_channels_last_are_taken(kind):
    head = head_of(task(Kind.DEPTH, 1), (4, 5, 8), (16, 20), kind)
    assert head(torch.randn(2, 4, 5, 8)).shape == (2, 1, 16, 20)


@given(SIZES, SIZES)
def test_rates_grow_and_stay_on_the_map(inputs, growth):
    rates = atrous_rates(inputs, (inputs[0] * growth[0], inputs[1] * growth[1]))
    assert list(rates) == sorted(rates)
    assert 1 <= rates[0] <= rates[2] <= max(min(inputs), 1)
