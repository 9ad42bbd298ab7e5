"""The runs of a TreeDNN: both phases, and a dedicated network for every data set."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.bounded_number import Side
from core.errors import StudyError
from core.families.treednn.payload import TreePayload
from core.families.treednn.request import Rate
from core.families.treednn.specification import BranchSpecification, TreeSpecification, most_block_params
from core.runs.bounds import ResultBounds
from core.runs.label import RunLabel
from core.runs.result import SPLITS, RunResult
from core.runs.run import GIGA, HEAD_SHARE, RECIPE, Payload, Run, block_macs
from core.runs.settings import WHERE_TRAINED, BackboneSpecification, TrainingSettings
from core.studies.several_specification import SetSpecification
from core.studies.split_size import split_size


class TreeRun(Run):
    """Base of the runs of a TreeDNN: trainings whose weights can be kept."""

    payload_type: ClassVar[type[Payload] | None] = TreePayload
    can_keep_weights: ClassVar[bool] = True

    @property
    @abstractmethod
    def _specification(self) -> dict[str, Any]:
        """Plain values that decide what is learned."""

    @property
    def identity(self) -> dict[str, Any]:
        """Kind, recipe, and all that decides what is learned."""
        return {"recipe": RECIPE, "kind": self.kind, **self._specification}

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of branches that the run trains or sees.

        Raises:
            StudyError: It speaks of others, or does not say how many rows it trained on.
        """
        payload, own = self.payload_of(result, TreePayload), {*self.measured_tasks}
        known = own | {branch.name for branch in self.seen_branches}
        strange = (payload.rows.keys() - own) | (payload.digests.keys() - known - {""}) | (payload.alike.keys() - known)
        if strange:
            raise StudyError(
                f'The run "{self.label}" speaks of {min(strange)[:64]!r}, no branch that it trains or sees. '
                "Export the study again."
            )
        if result.is_done and payload.rows.keys() != own:
            raise StudyError(
                f'The run "{self.label}" does not say how many rows it trained on. Export the study again.'
            )
        for each in self.measured_sets:
            n, size = payload.rows.get(each.name), split_size(each.dataset, "train")
            if n is not None and n not in size:
                raise StudyError(
                    f'The run "{self.label}" says that it trained on {n:,} rows of {each.name}, which has {size}. '
                    "Export the study again."
                )

    @property
    def seen_branches(self) -> tuple[BranchSpecification, ...]:
        """Branches of the tree that it belongs to; none for a dedicated network."""
        return ()

    @property
    @abstractmethod
    def measured_sets(self) -> tuple[SetSpecification, ...]:
        """Data sets of the tasks whose metrics the result holds."""

    def bounds(self, backbone: Backbone) -> ResultBounds:  # noqa: ARG002  # branches are wider or deeper than it
        """Return what the data sets say about the result."""
        return ResultBounds(
            data={each.name: each.dataset for each in self.measured_sets},
            samples={
                split: {each.name: split_size(each.dataset, split) for each in self.measured_sets} for split in SPLITS
            },
            losses=frozenset(each.task for each in self.measured_sets),
        )


class GrownRun(TreeRun):
    """Base of the runs that grow a tree, which later ones start from."""

    keeps_weights: ClassVar[bool] = True
    tree: TreeSpecification

    @property
    def seen_branches(self) -> tuple[BranchSpecification, ...]:
        """All branches of the tree."""
        return self.tree.branches

    @property
    def learned(self) -> tuple[BranchSpecification, ...]:
        """Branches that its network holds."""
        return tuple(map(self.tree.branch, self.label.tasks))

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data sets and tree say about the result."""
        most = most_block_params(backbone, self.tree.cut, self.learned, with_trunk=not self.parents)
        return replace(super().bounds(backbone), size=(self.tree.size, self.tree.size), most_block_params=most)


class GeneralisedRun(GrownRun):
    """The first phase: trunk and branches learn together from federated batches."""

    kind: ClassVar[str] = "generalised"
    carried_out_by: ClassVar[str] = "core.families.treednn.train:train_generalised"

    @property
    def _specification(self) -> dict[str, Any]:
        return {"tree": self.tree.identity}

    @property
    def settings(self) -> TrainingSettings:
        """How it is trained."""
        return self.tree.training

    @property
    def label(self) -> RunLabel:
        """All branches, the cut and the seed."""
        names = tuple(branch.name for branch in self.tree.branches)
        return RunLabel(self.kind, names, self.tree.seed, {"cut": self.tree.cut})

    @property
    def measured_sets(self) -> tuple[SetSpecification, ...]:
        """Those of all branches."""
        return tuple(branch.data for branch in self.tree.branches)

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates in 10⁹: every data set gives as many rows as the longest one."""
        macs, n_branches = block_macs(backbone), len(self.tree.branches)
        longest = max(branch.data.dataset.passes(self.settings.epochs) for branch in self.tree.branches)
        return sum(macs) * (1 + HEAD_SHARE) * longest * n_branches / GIGA


class SpecialisedRun(GrownRun):
    """The second phase of one branch, alone on the frozen trunk.

    Args:
        tree: Whose trunk.
        branch: Which of its branches.
        epochs: How long.
        learning_rate: Its highest value; that of the first phase where None.
    """

    kind: ClassVar[str] = "specialised"
    carried_out_by: ClassVar[str] = "core.families.treednn.train:train_specialised"
    needs_weights: ClassVar[bool] = True
    branch: str
    epochs: int = Field(ge=1, le=1000)
    learning_rate: Rate | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.branch not in [branch.name for branch in self.tree.branches]:
            raise ValueError("the tree has no such branch")
        return self

    @property
    def _rate(self) -> dict[str, float]:
        return {} if self.learning_rate is None else {"learning_rate": self.learning_rate}

    @property
    def _specification(self) -> dict[str, Any]:
        return {"tree": self.tree.identity, "branch": self.branch, "epochs": self.epochs, **self._rate}

    @property
    def parents(self) -> tuple[Run, ...]:
        """The first phase."""
        return (GeneralisedRun(tree=self.tree),)

    @property
    def settings(self) -> TrainingSettings:
        """How it is trained."""
        return self.tree.alone(self.epochs, self.learning_rate)

    @property
    def label(self) -> RunLabel:
        """The branch, the cut and the seed."""
        return RunLabel(self.kind, (self.branch,), self.tree.seed, {"cut": self.tree.cut})

    @property
    def measured_sets(self) -> tuple[SetSpecification, ...]:
        """That of its branch."""
        return (self.tree.branch(self.branch).data,)

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of the blocks behind the trunk, in 10⁹: its features are computed once."""
        return (
            branch_work(block_macs(backbone), self.tree.cut, self.tree.branch(self.branch).data, self.settings) / GIGA
        )


class DedicatedRun(TreeRun):
    """A dedicated network for one data set: it sees each row as often as its branch, and takes as many steps.

    Args:
        data: What it learns.
        beside: All data sets of the federated batches, its own among them; empty where it took part in none.
        size: Height and width that all pictures are brought to.
        backbone: Its blocks.
        length: How long a federated epoch is.
        training: As the first phase of the tree.
        epochs: Of the second phase.
        rows: Of one batch: as many as the branch's share of a federated one.
        seed: Of initial weights and orders.
    """

    kind: ClassVar[str] = "dedicated"
    carried_out_by: ClassVar[str] = "core.families.treednn.train:train_dedicated"
    data: SetSpecification
    beside: tuple[SetSpecification, ...]
    size: Side
    backbone: BackboneSpecification
    length: Literal["longest", "shortest", "paper"]
    training: TrainingSettings
    epochs: int = Field(ge=1, le=1000)
    rows: int = Field(ge=2, le=4096)
    seed: int = Field(ge=0, lt=2**31)

    @property
    def _specification(self) -> dict[str, Any]:
        return {
            **self.model_dump(mode="json", exclude={"data": True, "beside": True, "training": {*WHERE_TRAINED}}),
            "data": self.data.identity,
            "beside": [each.identity for each in self.beside],
        }

    @property
    def label(self) -> RunLabel:
        """The data set and the seed."""
        return RunLabel(self.kind, (self.data.name,), self.seed)

    @property
    def settings(self) -> TrainingSettings:
        """How it is trained in the passes of the first phase; those of the second one come on top."""
        return self.training

    @property
    def measured_sets(self) -> tuple[SetSpecification, ...]:
        """Its own."""
        return (self.data,)

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data set and backbone say about the result."""
        return replace(super().bounds(backbone), block_params=backbone.params, size=(self.size, self.size))

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of the whole network in both phases, in 10⁹."""
        whole = sum(block_macs(backbone)) * (1 + HEAD_SHARE)
        return whole * self.data.dataset.passes(self.training.epochs + self.epochs) / GIGA


def branch_work(macs: Sequence[int], cut: int, data: SetSpecification, settings: TrainingSettings) -> float:
    """Return multiply-accumulates of the blocks behind the trunk and a head, over all passes through a data set."""
    return (sum(macs[cut:]) + HEAD_SHARE * sum(macs)) * data.dataset.passes(settings.epochs)


def dedicated_of(tree: TreeSpecification, data: SetSpecification, epochs: int, *, joint: bool = True) -> DedicatedRun:
    """Return the dedicated network of one data set of a tree.

    Args:
        tree: The tree it is compared with.
        data: Of one branch.
        epochs: Of the second phase.
        joint: Whether the branch takes part in the first phase; a graft does not.
    """
    return DedicatedRun(
        data=data,
        beside=tuple(branch.data for branch in tree.branches) if joint else (),
        size=tree.size,
        backbone=tree.backbone,
        length=tree.length,
        training=tree.training,
        epochs=epochs,
        rows=tree.rows,
        seed=tree.seed,
    )
