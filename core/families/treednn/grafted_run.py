"""The run that grafts a branch onto a trained TreeDNN."""

from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.families.treednn.request import FRESH, MOST_ALIKE, Rate
from core.families.treednn.runs import DedicatedRun, GeneralisedRun, GrownRun, SpecialisedRun, branch_work, dedicated_of
from core.families.treednn.specification import BranchSpecification
from core.runs.label import RunLabel
from core.runs.run import GIGA, Run, block_macs
from core.runs.settings import TrainingSettings
from core.studies.several_specification import SetSpecification


class GraftedRun(GrownRun):
    """A branch grafted onto a trained TreeDNN; trunk and other branches do not change.

    Args:
        tree: The trained TreeDNN.
        epochs: Of its second phase.
        learning_rate: Of the second phase of the branches it may start from; its own training starts like the first.
        graft: The new branch.
        like: What it starts from: ``fresh``, ``most alike``, or a branch of the tree.
    """

    kind: ClassVar[str] = "grafted"
    carried_out_by: ClassVar[str] = "core.families.treednn.train:train_grafted"
    needs_weights: ClassVar[bool] = True
    epochs: int = Field(ge=1, le=1000)
    learning_rate: Rate | None = None
    graft: BranchSpecification
    like: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [branch.name for branch in self.tree.branches]
        if self.graft.name in names or self.like not in (FRESH, MOST_ALIKE, *names):
            raise ValueError("the graft has a branch's name, or starts from none of the tree")
        return self

    @property
    def _specification(self) -> dict[str, Any]:
        return {
            "tree": self.tree.identity,
            "epochs": self.epochs,
            "graft": self.graft.identity,
            "like": self.like,
            **({} if self.learning_rate is None else {"learning_rate": self.learning_rate}),
        }

    @property
    def dedicated(self) -> DedicatedRun:
        """The dedicated network that the graft is compared with; its features decide which branch is most similar."""
        return dedicated_of(self.tree, self.graft.data, self.epochs, joint=False)

    @property
    def parents(self) -> tuple[Run, ...]:
        """The tree, the branches that it may start from, and the dedicated network that decides which."""
        names = [b.name for b in self.tree.branches if self.like in (MOST_ALIKE, b.name)]
        branches = [self.start(name) for name in names]
        rival = [self.dedicated] if self.like == MOST_ALIKE else []
        return (GeneralisedRun(tree=self.tree), *branches, *rival)

    def start(self, branch: str) -> SpecialisedRun:
        """Return the run of a branch of the tree that it may start from."""
        return SpecialisedRun(tree=self.tree, branch=branch, epochs=self.epochs, learning_rate=self.learning_rate)

    @property
    def settings(self) -> TrainingSettings:
        """How it is trained: as long as both phases of a branch of the first tree."""
        return self.tree.alone(self.tree.training.epochs + self.epochs)

    @property
    def label(self) -> RunLabel:
        """The new branch, what it starts from, and the seed."""
        return RunLabel(self.kind, (self.graft.name,), self.tree.seed, {"like": self.like})

    @property
    def measured_sets(self) -> tuple[SetSpecification, ...]:
        """That of the graft."""
        return (self.graft.data,)

    @property
    def learned(self) -> tuple[BranchSpecification, ...]:
        """The graft alone."""
        return (self.graft,)

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of the blocks behind the trunk, in 10⁹: its features are computed once."""
        return branch_work(block_macs(backbone), self.tree.cut, self.graft.data, self.settings) / GIGA
