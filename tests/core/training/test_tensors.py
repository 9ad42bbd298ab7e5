import numpy as np
import torch

from core.data.dataset import Dataset, Samples
from core.tasks import Kind, Task
from core.training.tensors import tensors_of

TASKS = (
    Task.usual("kind", Kind.CLASSIFICATION, 3),
    Task.usual("areas", Kind.SEGMENTATION, 256),
    Task.usual("depth", Kind.DEPTH, 1),
    Task.usual("marks", Kind.MULTI_LABEL, 2),
)


def dataset(**changes):
    targets = {
        "kind": np.array([0, 2]),
        "areas": np.full((2, 4, 4), 254, np.uint8),
        "depth": np.ones((2, 1, 4, 4), np.float16),
        "marks": np.array([[0, 1], [1, 1]], np.uint8),
    }
    whole = Samples(np.zeros((2, 3, 4, 4), np.uint8), targets)
    return Dataset("x", TASKS, Samples(whole.pictures, targets | changes), whole, whole)


def of(data, split="train"):
    return tensors_of(data, split, TASKS, torch.device("cpu"))


def test_complete_targets_are_known_to_be_complete():
    found = of(dataset())
    assert found.complete == (True, True, True, True)
    assert [target.dtype for target in found.targets] == [torch.int64, torch.int64, torch.float32, torch.float32]
    assert found.targets[1].unique().tolist() == [254]


def test_each_split_and_task_is_looked_at_by_itself():
    depth, areas = np.ones((2, 1, 4, 4), np.float16), np.full((2, 4, 4), 254, np.uint8)
    depth[0, 0, 1, 1], areas[1, 2, 3] = np.nan, 255
    data = dataset(depth=depth, areas=areas, kind=np.array([-1, 1]))
    found = of(data)
    assert found.complete == (False, False, False, True)
    assert of(data, "test").complete == (True, True, True, True)
    assert found.targets[1][1, 2, 3] == -1
    assert found.targets[0].tolist() == [-1, 1]
    assert torch.isnan(found.targets[2][0, 0, 1, 1])
