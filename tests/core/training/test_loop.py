"""Training with missing labels: as if the unlabelled pictures were not there, and never a NaN."""

import math

import numpy as np
import pytest
import torch

from core.data.dataset import SPLITS, Dataset, Samples
from core.data.digits import digits_source
from core.data.scenes import TASKS, make_scenes
from core.families.single.runs import NetworkRun
from core.families.single.train import train_network
from core.layouts import Layout
from core.runs.result import RunState
from core.studies.dataset_specification import DigitsSpecification, ScenesSpecification
from core.studies.specification import BackboneSpecification, TrainingSettings
from core.training.answers import EVALUATION_BATCH
from core.training.build import build
from core.training.loop import Trainer, optimizer_of
from core.training.tensors import tensors_of

TINY = ScenesSpecification(n_train=40, n_validation=12, n_test=12, size=16)
MAPS = tuple(task for task in TASKS if task.kind.is_map)
NAMES = tuple(task.name for task in MAPS)


def asked(names, n_blocks=5, **training):
    return NetworkRun(
        dataset=TINY,
        tasks=names,
        backbone=BackboneSpecification(width=2, blocks=n_blocks),
        layout=Layout.all_shared(len(names), n_blocks).partitions,
        training=TrainingSettings(**{"epochs": 2, "batch_size": 8, **training}),
        seed=1,
    )


def masked(samples, keep):
    """Give samples whose labels are missing but for some rows."""
    targets = {}
    for name, target in samples.targets.items():
        missing = 255 if target.dtype == np.uint8 else np.nan
        rows = np.isin(np.arange(len(target)), keep).reshape(-1, *[1] * (target.ndim - 1))
        targets[name] = np.where(rows, target, np.array(missing, dtype=target.dtype))
    return Samples(samples.pictures, targets)


@pytest.fixture(scope="module")
def data():
    return make_scenes(TINY)


def test_all_kinds_of_maps_train_and_are_measured_with_most_labels_missing(data):
    # One labelled picture in forty: most batches of eight have no label at all.
    sparse = Dataset("x", MAPS, masked(data.train, [3]), masked(data.validation, [0, 5]), masked(data.test, [1]))
    result = train_network(asked(NAMES, patience=2), data=sparse)
    assert result.state is RunState.DONE
    values = [v for split in result.metrics.values() for task in split.values() for v in task.values()]
    assert all(math.isfinite(value) for value in values)
    assert all(math.isfinite(v) for point in result.curve for v in point.losses.values())


def test_metrics_of_a_masked_split_are_those_of_its_labelled_part(data):
    keep = [0, 4, 7]
    part = Samples(data.test.pictures[keep], {name: t[keep] for name, t in data.test.targets.items()})
    whole, fewer = (
        train_network(asked(NAMES), data=Dataset("x", MAPS, data.train, data.validation, test))
        for test in (masked(data.test, keep), part)
    )
    for name in NAMES:
        assert whole.metrics["test"][name] == pytest.approx(fewer.metrics["test"][name], rel=1e-5)
        assert whole.metrics["validation"][name] == fewer.metrics["validation"][name]


def test_digits_train_on_whole_and_split_classes():
    dataset = digits_source(DigitsSpecification(name="digits", size=16)).dataset()
    result = train_network(asked(("class", "low digits", "high digits"), epochs=3, batch_size=32), data=dataset)
    assert result.state is RunState.DONE
    assert result.metrics["test"]["low digits"]["accuracy"] > 0.35  # five classes: chance is a fifth


def test_the_loss_that_patience_looks_at_counts_every_label_once(data):
    # More rows than one batch of evaluation, with labels in the first few only.
    n = EVALUATION_BATCH + 30
    rows = np.arange(n) % len(data.validation)
    long = Samples(data.validation.pictures[rows], {name: t[rows] for name, t in data.validation.targets.items()})
    tasks = TASKS[:3]
    keep = [*range(5), n - 1]
    losses = []
    for samples in (masked(long, keep), Samples(long.pictures[keep], {k: t[keep] for k, t in long.targets.items()})):
        split = dict(zip(SPLITS, (data.train, samples, data.test), strict=True))
        dataset = Dataset("x", MAPS, **split)
        validation = tensors_of(dataset, "validation", tasks, torch.device("cpu"))
        losses.append(_validation_loss(asked(NAMES[:3]), dataset, validation))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def _validation_loss(specification, dataset, validation):
    tasks = tuple(dataset.task(name) for name in specification.tasks)
    network = build(specification.backbone, specification.tree, tasks, dataset.size, 0)
    train = tensors_of(dataset, "train", tasks, torch.device("cpu"))
    return Trainer(network, tasks, specification.training, 0, train, validation).validation_loss(network)


def test_each_tensor_s_gradient_is_clipped_alone():
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1))
    optimizer = optimizer_of(network, TrainingSettings(clip=0.5, optimizer="sgd", learning_rate=1.0, weight_decay=0))
    before = [parameter.detach().clone() for parameter in network.parameters()]
    long, short = torch.full((2, 3), 7.0), torch.full((2,), 0.1)
    network[0].weight.grad, network[0].bias.grad = long.clone(), short.clone()
    optimizer.step()
    assert torch.allclose(before[0] - network[0].weight, 0.5 * long / long.norm())
    assert torch.allclose(before[1] - network[0].bias, short)
    assert torch.equal(before[2], network[1].weight)


def test_half_precision_trains_and_is_measured_in_whole_precision(data):
    exact, half = (train_network(asked(NAMES[:3], precision=p), data=data) for p in ("float32", "bfloat16"))
    assert exact.metrics != half.metrics
    for name in NAMES[:3]:
        for metric, value in exact.metrics["test"][name].items():
            assert half.metrics["test"][name][metric] == pytest.approx(value, abs=0.2, rel=0.3)


@pytest.mark.parametrize(
    "changed",
    [
        {"clip": 0.01},
        {"schedule": "cosine"},
        {"schedule": "cosine", "warm_up": 0.5},
        {"class_weights": "balanced"},
        {"label_smoothing": 0.3},
        {"loss_weights": {NAMES[0]: 3.0}},
    ],
)
def test_every_setting_changes_what_is_learned(data, changed):
    plain, other = (train_network(asked(NAMES[:2], epochs=1, **more), data=data) for more in ({}, changed))
    assert other.state is RunState.DONE
    assert plain.metrics != other.metrics
