"""What a TreeDNN is trained from: its branches, its trunk, its seed."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from core.backbones import Backbone
from core.bounded_number import Side
from core.families.treednn.request import TreeRequest
from core.runs.frozen import Frozen
from core.runs.settings import WHERE_TRAINED, BackboneSpecification, TrainingSettings
from core.studies.several_specification import SetSpecification, SeveralSpecification
from core.studies.specification import StudySpecification
from core.studies.split_size import picture_size


class BranchSpecification(Frozen):
    """One branch: its data and question, and how much lighter or deeper than the backbone it is.

    Args:
        data: What it learns.
        width: Channels in times of the backbone's own.
        depth: Blocks added, or taken away below zero.
        weight: W_j in the first phase.
    """

    data: SetSpecification
    width: float = Field(default=1.0, gt=0.0, le=4.0)
    depth: int = Field(default=0, ge=-40, le=40)
    weight: float = Field(default=1.0, ge=0.0, le=1e6)

    @property
    def name(self) -> str:
        """What the branch is called."""
        return self.data.name

    @property
    def identity(self) -> dict[str, Any]:
        """Return the plain values that decide what is learned."""
        return {**self.model_dump(mode="json", exclude={"data"}), "data": self.data.identity}


class TreeSpecification(Frozen):
    """Everything that decides how a TreeDNN is trained.

    Args:
        branches: Those of the first phase.
        size: Height and width that all pictures are brought to.
        backbone: Its blocks.
        cut: Number of leading blocks in the trunk.
        length: How long a federated epoch is.
        training: The first phase; the second one differs in its epochs.
        seed: Of initial weights and orders.
    """

    branches: tuple[BranchSpecification, ...] = Field(min_length=1, max_length=40)
    size: Side
    backbone: BackboneSpecification
    cut: int = Field(ge=0, le=40)
    length: Literal["longest", "shortest", "paper"]
    training: TrainingSettings
    seed: int = Field(ge=0, lt=2**31)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Return the plain values that decide what is learned, part of the identity of all runs of the tree."""
        return {
            **self.model_dump(mode="json", exclude={"branches": True, "training": {*WHERE_TRAINED}}),
            "branches": [branch.identity for branch in self.branches],
        }

    @property
    def rows(self) -> int:
        """Rows of one data set in a federated batch; in the second phase, a branch is trained in batches of as many."""
        return max(self.training.batch_size // len(self.branches), 2)

    def alone(self, epochs: int, learning_rate: float | None = None) -> TrainingSettings:
        """Return how a branch is trained alone; at the learning rate of the first phase where none is given."""
        rate = {} if learning_rate is None else {"learning_rate": learning_rate}
        return self.training.model_copy(update={"epochs": epochs, "batch_size": self.rows, **rate})

    def branch(self, name: str) -> BranchSpecification:
        """Return the branch of that name."""
        return next(branch for branch in self.branches if branch.name == name)


def most_block_params(
    backbone: Backbone, cut: int, branches: Sequence[BranchSpecification], *, with_trunk: bool
) -> int:
    """Return how many parameters trunk and branches have at most, without heads.

    Args:
        backbone: Profile with the study's blocks.
        cut: Number of leading blocks in the trunk.
        branches: Those that are counted.
        with_trunk: Whether the trunk is counted.
    """
    trunk, rest = backbone.blocks[:cut], backbone.blocks[cut:]
    shape = trunk[-1].output_shape if trunk else backbone.input_shape
    own, largest = sum(block.params for block in rest), max((block.params for block in rest), default=0)
    most = sum(block.params for block in trunk) if with_trunk else 0
    for branch in branches:
        blocks = own + max(branch.depth, 0) * largest
        if branch.width == 1:
            most += blocks
            continue
        # Convolutions grow with the square of their channels, of which builders round the number up.
        inputs = shape[0] if shape else 2048
        outputs = math.ceil(max(branch.width, 1) * inputs) + 64
        most += math.ceil(2 * max(branch.width, 1) ** 2 * blocks) + outputs * (inputs + 2)
    return most


def trees_of(study: StudySpecification) -> tuple[TreeSpecification, ...]:
    """Return the tree of each seed that a study requests; none where it requests none."""
    request, size = study.requested(TreeRequest), picture_size(study.dataset)
    if request is None or size is None:
        return ()
    return tuple(
        TreeSpecification(
            branches=tuple(
                branch_of(study, each) for each in branch_sets(study, seed) if each.name not in request.grafts
            ),
            size=size[0],
            backbone=study.backbone,
            cut=request.cut,
            length=request.length,
            training=study.training,
            seed=seed,
        )
        for seed in request.seeds
    )


def branch_sets(study: StudySpecification, seed: int) -> tuple[SetSpecification, ...]:
    """Return the data set of each branch of a study's tree of some seed; of one data set, a part of it for each task.

    Args:
        study: With a TreeDNN.
        seed: Decides which pictures there are where the study draws them anew for every seed.
    """
    dataset = study.dataset
    if isinstance(dataset, SeveralSpecification):
        return dataset.sets
    drawn, n = dataset.for_seed(seed), len(study.tasks)
    return tuple(
        SetSpecification(name=name, task=name, dataset=drawn.model_copy(update={"part": (place, n)}))
        for place, name in enumerate(study.tasks)
    )


def branch_of(study: StudySpecification, data: SetSpecification) -> BranchSpecification:
    """Return the branch of one data set of a study, as wide, deep and weighted as requested."""
    request = study.requested(TreeRequest)
    assert request is not None
    return BranchSpecification(
        data=data,
        width=request.widths.get(data.name, 1.0),
        depth=request.depths.get(data.name, 0),
        weight=request.weights.get(data.name, 1.0),
    )
