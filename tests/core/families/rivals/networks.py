"""Small networks of all methods, untrained and trained."""

import tempfile
from functools import cache
from pathlib import Path

import torch

from core.families.rivals.build import build_rival
from core.families.rivals.method import (
    USUAL_METHODS,
    AdaShareMethod,
    FeatureExtractionMethod,
    LwfMethod,
    NestedNetMethod,
    PackNetMethod,
)
from core.families.rivals.runs import RivalRun
from core.families.rivals.train import train_rival
from core.families.rivals.weights import trained_rival
from core.runs.settings import BackboneSpecification, TrainingSettings
from core.studies.dataset_specification import PlantedSpecification
from core.tasks import Kind, Task
from core.training.workplace import Workplace

SIZE = (16, 16)
BACKBONE = BackboneSpecification(width=4, blocks=5)
TASKS = tuple(Task.usual(f"task {name}", Kind.CLASSIFICATION, 4) for name in "ABC")
PICTURES = torch.rand(6, 3, *SIZE, generator=torch.Generator().manual_seed(0))
DATA = PlantedSpecification(
    name="planted",
    tree="0,1,2 | 0,1,2 | 0,1;2 | 0;1;2 | 0;1;2",
    n_train=64,
    n_validation=32,
    n_test=32,
    size=SIZE[0],
)
METHODS = (
    *USUAL_METHODS[:3],
    AdaShareMethod(sparsity=2.0),
    PackNetMethod(units=4),
    NestedNetMethod(units=4, shares=(0.25, 0.5, 1.0)),
    FeatureExtractionMethod(),
    LwfMethod(),
)


def run_of(method, *, epochs=3, **training):
    return RivalRun(
        dataset=DATA,
        tasks=tuple(task.name for task in TASKS),
        backbone=BACKBONE,
        method=method,
        training=TrainingSettings(epochs=epochs, batch_size=16, **training),
        seed=1,
    )


def fresh(method):
    return build_rival(run_of(method), TASKS, SIZE)


@cache
def training_of(method):
    """Return run, result, weights and trained network of a method."""
    run = run_of(method)
    result, weights = train_rival(run, Workplace(Path(tempfile.mkdtemp()), keep_weights=True))
    return run, result, weights, trained_rival(run, TASKS, SIZE, weights)
