"""Ready studies of the papers' experiments: they say what they leave open, and fit data of the form that they name."""

from pathlib import Path

import numpy as np
import pytest

import core
from core.data.catalogue import source_of
from core.networks.plan import BackbonePlan
from core.networks.study_blocks import blocks_of
from core.studies.dataset_specification import DenseSpecification
from core.studies.expand import trainings
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import read_study
from core.studies.study_file import write_study
from tests.core.data.conftest import write_cifar100
from tests.core.data.test_dense_sets import WRITERS

FILES = sorted((Path(core.__file__).parent.parent / "assets" / "studies" / "ready").glob("*.toml"))
SETS = {**WRITERS, "cifar100": write_cifar100}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_ready_study_can_be_asked_for(file):
    asked = read_study(file)
    assert asked.name == file.stem
    assert 20 <= len(trainings(asked)) <= 1000
    head = file.read_text().split("\nname = ")[0]
    assert "not part of Branchwise" in head
    assert "chosen here" in head or "is chosen here" in head
    assert f"branchwise run assets/studies/ready/{file.name}" in head
    assert write_study(asked)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_tasks_are_those_of_the_data_set(file, tmp_path):
    asked = read_study(file)
    if isinstance(asked.dataset, SeveralSpecification) or asked.dataset.name not in SETS:
        pytest.skip("the paper's data have tests of their own")
    SETS[asked.dataset.name](tmp_path, np.random.default_rng(0))
    few = {"n_train": 8, "n_validation": 4, "n_test": 4} if isinstance(asked.dataset, DenseSpecification) else {}
    source = source_of(asked.dataset.model_copy(update={"path": str(tmp_path), **few}))
    assert {*asked.tasks} <= {task.name for task in source.tasks}


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, id=file.stem, marks=[pytest.mark.slow] if "dilated" in file.read_text() else [])
        for file in FILES
        if "thin-vgg16" in file.read_text() or "dilated" in file.read_text()
    ],
)
def test_its_backbone_can_be_cut_so(file):
    asked = read_study(file)
    assert len(blocks_of(asked.backbone, (64, 64))) == asked.backbone.blocks
    assert BackbonePlan.of(asked.backbone, (64, 64)).heads == asked.backbone.heads
