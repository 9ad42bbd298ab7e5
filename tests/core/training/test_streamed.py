"""What stays in a file is, to a training, what it would be in memory: bit for bit."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data import mapped_file
from core.data.missing import MISSING_PIXEL
from core.data.store import load
from core.families.single.runs import NetworkRun
from core.families.single.train import train_network
from core.layouts import Layout
from core.studies.dataset_specification import ScenesSpecification
from core.studies.specification import BackboneSpecification, TrainingSettings
from core.training.federated import Member
from core.training.frozen_bottom import Bottom
from core.training.streamed import Joined, Streamed, joined, whole
from core.training.task_data import TaskData
from core.training.tensors import tensors_of, tensors_of_labelled

SCENES = ScenesSpecification(n_train=40, n_validation=12, n_test=12, size=16)
CPU = torch.device("cpu")
NAMES = ("segmentation", "normals", "largest")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return one data set in memory and in its file."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        memory = load(SCENES, folder=folder)
        patch.setenv("BRANCHWISE_MEMORY", "0.000000001")
        patch.setattr(mapped_file, "SMALL", 0)
        return memory, load(SCENES, folder=folder)


@pytest.mark.parametrize("rows", [slice(3, 9), torch.tensor([5, 0, 5]), torch.arange(40) % 7 == 0, slice(0, 0)])
def test_batches_are_the_same(both, rows):
    tasks = both[0].tasks
    memory, streamed = (tensors_of(data, "train", tasks, CPU) for data in both)
    assert isinstance(streamed.pictures, Streamed)
    assert streamed.pictures.shape == memory.pictures.shape
    assert streamed.complete == memory.complete
    for one, other in zip(memory.batch(rows)[1], streamed.batch(rows)[1], strict=True):
        assert one.dtype == other.dtype
        assert torch.equal(one, other)
    assert torch.equal(memory.batch(rows)[0], streamed.batch(rows)[0])
    assert all(map(torch.equal, memory.targets, map(whole, streamed.targets)))


def test_only_labelled_rows_are_read(both):
    memory, streamed = both
    labels = np.array(memory.train.targets["segmentation"])
    labels[::3] = MISSING_PIXEL
    for data in (memory, streamed):
        object.__setattr__(data.train, "targets", {**data.train.targets, "half": labels})
    task = memory.task("segmentation")
    task = type(task)("half", task.kind, task.metrics, task.n_outputs)
    one, other = (tensors_of_labelled(data, "train", task, CPU) for data in both)
    assert len(one) == len(other) == 26
    assert torch.equal(whole(one.pictures), whole(other.pictures))
    assert torch.equal(one.batch(slice(4))[1][0], other.batch(slice(4))[1][0])


def test_a_training_is_the_same(both):
    run = NetworkRun(
        dataset=SCENES,
        tasks=NAMES,
        backbone=BackboneSpecification(width=2),
        layout=Layout.parse("0,1,2|0,1,2|0,1;2|0,1;2|0,1;2").partitions,
        training=TrainingSettings(epochs=2, batch_size=8),
        seed=1,
    )
    one, other = (train_network(run, data=data) for data in both)
    assert one.metrics == other.metrics
    assert one.curve == other.curve
    assert one.samples == other.samples


def test_features_of_a_frozen_bottom_are_the_same(both):
    blocks = torch.nn.Conv2d(3, 2, 3).eval()
    one, other = (Bottom.of(blocks, data, CPU).inputs["train"] for data in both)
    assert torch.equal(whole(one), whole(other))


def test_several_sets_are_joined_and_resized_the_same(both):
    memory = both[0]
    task = memory.task("largest")
    rows = torch.tensor([70, 3, 41, 39, 3])
    one, other = (TaskData((memory, second), (task, task), CPU).joint("train") for second in both)
    assert isinstance(other.pictures, Joined)
    assert torch.equal(one.batch(rows)[0], other.batch(rows)[0])
    assert one.pictures.shape == other.pictures.shape
    small, large = (Member.of("a", data, "largest").tensors("test", (8, 8), CPU) for data in both)
    assert torch.equal(whole(small.pictures), whole(large.pictures))
    assert isinstance(joined([whole(one.pictures)]), torch.Tensor)


def test_targets_of_several_sets_are_joined_without_being_read(both):
    task = both[0].task("normals")
    one, other = (TaskData((each, each), (task, task), CPU).joint("train") for each in both)
    rows = torch.tensor([70, 3, 41, 39, 3])
    for memory, streamed in zip(one.targets, other.targets, strict=True):
        assert isinstance(memory, torch.Tensor)
        assert isinstance(streamed, Joined)
        assert streamed.shape == memory.shape
        torch.testing.assert_close(streamed[rows], memory[rows], rtol=0, atol=0, equal_nan=True)
        torch.testing.assert_close(whole(streamed), memory, rtol=0, atol=0, equal_nan=True)
    assert one.complete == other.complete


@pytest.mark.slow
def test_data_larger_than_the_memory_train(tmp_path):
    """The process may take 150 MB more than it has when torch is loaded; the pictures alone would take 490."""
    script = """
        import resource, torch
        torch.set_num_threads(1)
        from core.families.single.runs import NetworkRun
        from core.families.single.train import train_network
        from core.data.store import load
        from core.layouts import Layout
        from core.studies.dataset_specification import ScenesSpecification
        from core.studies.specification import BackboneSpecification, TrainingSettings
        data = ScenesSpecification(n_train=9600, n_validation=100, n_test=100, size=64)
        run = NetworkRun(dataset=data, tasks=("largest",), backbone=BackboneSpecification(width=2),
            layout=Layout.parse("0|0|0|0|0").partitions, training=TrainingSettings(epochs=1, batch_size=16), seed=1)
        used = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmData")) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (used + 150_000_000,) * 2)
        try:
            bytearray(4 * 3 * 9600 * 64 * 64)
        except MemoryError:
            print("limited")
        result = train_network(run, data=load(data))
        print(result.state.value, result.metrics["test"]["largest"]["accuracy"] > 0)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "BRANCHWISE_MEMORY": "0.1", "BRANCHWISE_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["limited", "done", "True"], done.stderr[-2000:]


@pytest.mark.slow
def test_dense_answers_larger_than_the_memory_are_evaluated(tmp_path):
    """The process may take 400 MB more than it has when torch is loaded; answers and truths of a split take 550."""
    script = """
        import resource, torch
        torch.set_num_threads(1)
        from core.families.single.runs import NetworkRun
        from core.families.single.train import train_network
        from core.data.store import load
        from core.layouts import Layout
        from core.studies.dataset_specification import ScenesSpecification
        from core.studies.specification import BackboneSpecification, TrainingSettings
        names = ("segmentation", "normals")
        data = ScenesSpecification(n_train=64, n_validation=40, n_test=2600, size=64)
        run = NetworkRun(dataset=data, tasks=names, backbone=BackboneSpecification(width=2),
            layout=Layout.all_shared(2, 5).partitions, training=TrainingSettings(epochs=1, batch_size=16), seed=1)
        used = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmData")) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (used + 400_000_000,) * 2)
        try:
            bytearray(2600 * 64 * 64 * (4 * 8 + 8 + 4 * 3))
        except MemoryError:
            print("limited")
        result = train_network(run, data=load(data))
        print(result.state.value, all(len(result.metrics[split]) == len(result.constant[split]) == 2
            for split in ("validation", "test")), len(result.samples["test"]["normals"].values()))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "BRANCHWISE_MEMORY": "0.1", "BRANCHWISE_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["limited", "done", "True", "2600"], done.stderr[-2000:]
