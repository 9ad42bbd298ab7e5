"""What the branches of a grown TreeDNN reached, against dedicated networks, seed by seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.studies.result import Split
from core.tasks import Metric, Task

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BranchScores:
    """The first metric of one branch; each array is ``[n_seeds]``, NaN where a run is missing.

    Args:
        task: Named like the branch.
        dataset: What the data set is called.
        n_train: Its training rows.
        generalised: Split → value after the first phase, trunk and branches together.
        specialised: Split → value after the second, the branch alone on the frozen trunk.
        dedicated: Split → value of a whole network of its own, which saw each row as often.
        is_graft: Whether the branch was mounted on the grown tree and took no part in the first phase.
        like: The branch whose blocks a graft started from; empty for fresh ones.
    """

    task: Task
    dataset: str
    n_train: int
    generalised: Mapping[Split, Array] = field(repr=False)
    specialised: Mapping[Split, Array] = field(repr=False)
    dedicated: Mapping[Split, Array] = field(repr=False)
    is_graft: bool = False
    like: str = ""

    @property
    def name(self) -> str:
        """What the branch is called."""
        return self.task.name

    @property
    def metric(self) -> Metric:
        """What the values are."""
        return self.task.metrics[0]


@dataclass(frozen=True, slots=True, eq=False)
class TreeResults:
    """A tree's branches.

    Args:
        seeds: In the order of the arrays.
        cut: Leading blocks in the trunk.
        n_blocks: Of the backbone.
        branches: Those that grew with the tree, then grafts.
    """

    seeds: tuple[int, ...]
    cut: int
    n_blocks: int
    branches: tuple[BranchScores, ...]
