import math

import pytest
import torch

from core.data.scenes import TASKS
from core.errors import DataError
from core.tasks import Kind, Metric, Task
from core.training.metrics import Means, Normals, Segmentation, depth, measure


def of_whole(tally, output, target):
    """Return the metrics of a split that comes at once."""
    tally.add(output, target)
    return tally.metrics()


def test_segmentation_against_a_count_by_hand():
    target = torch.tensor([[[0, 0, 1, 1]]])
    output = torch.nn.functional.one_hot(torch.tensor([[[0, 1, 1, 1]]]), 4).permute(0, 3, 1, 2).float()
    # Class 0: 1 of 2; class 1: 2 of 3; classes 2 and 3 are nowhere and do not count.
    assert of_whole(Segmentation(), output, target) == {
        "mIoU": pytest.approx((1 / 2 + 2 / 3) / 2),
        "pixel accuracy": pytest.approx(3 / 4),
    }


def test_a_class_only_predicted_counts_as_zero():
    target = torch.zeros(1, 1, 2, dtype=torch.int64)
    output = torch.nn.functional.one_hot(torch.tensor([[[0, 2]]]), 3).permute(0, 3, 1, 2).float()
    assert of_whole(Segmentation(), output, target)["mIoU"] == pytest.approx(0.25)


@pytest.mark.parametrize("angle", [0.0, 0.01, 11.0, 12.0, 29.0, 31.0, 90.0, 180.0])
def test_normals_measures_the_angle(angle):
    radians = math.radians(angle)
    target = torch.tensor([0.0, 0, 1], dtype=torch.float64).reshape(1, 3, 1, 1)
    output = 3 * torch.tensor([math.sin(radians), 0, math.cos(radians)], dtype=torch.float64).reshape(1, 3, 1, 1)
    found = of_whole(Normals(), output, target)
    assert found["mean angle"] == pytest.approx(angle, abs=1e-6)
    assert found["median angle"] == pytest.approx(angle, abs=1e-6)
    for limit in (11.25, 22.5, 30.0):
        assert found[f"within {limit:g}°"] == float(angle <= limit)


@pytest.mark.parametrize("factor", [0.5, 0.79, 0.81, 1.0, 1.24, 1.26, 1.6, 2.0])
def test_depth_off_by_a_factor(factor):
    truth = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64).reshape(1, 1, 1, 3)
    found = of_whole(Means(depth), (factor * truth).log(), truth)
    ratio = max(factor, 1 / factor)
    assert found["absolute error"] == pytest.approx(abs(factor - 1) * 2)
    assert found["relative error"] == pytest.approx(abs(factor - 1))
    for power, name in ((1, "δ < 1.25"), (2, "δ < 1.25²"), (3, "δ < 1.25³")):
        assert found[name] == float(ratio < 1.25**power)


def test_a_wild_depth_stays_finite():
    truth = torch.ones(1, 1, 2, 2)
    assert all(math.isfinite(value) for value in of_whole(Means(depth), torch.full((1, 1, 2, 2), 1e6), truth).values())


@pytest.mark.parametrize("task", [task for task in TASKS if task.kind.is_map], ids=lambda task: task.name)
def test_the_maps_of_scenes_get_exactly_their_metrics(task):
    output = torch.rand(2, task.n_outputs, 4, 4)
    target = torch.zeros(2, 4, 4, dtype=torch.int64) if task.kind is Kind.SEGMENTATION else torch.rand_like(output)
    assert list(measure(task, output, target)) == [metric.name for metric in task.metrics]


def test_a_metric_of_another_kind_is_refused():
    task = Task("depth", Kind.DEPTH, (Metric("mIoU", True),), 1)
    with pytest.raises(DataError, match=r'no metric "mIoU"\. Choose from: absolute error'):
        measure(task, torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
