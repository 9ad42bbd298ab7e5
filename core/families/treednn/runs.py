"""The runs that a TreeDNN takes: both phases, grafts, and a dedicated network for every data set."""

import hashlib
import json
from functools import cached_property
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from core.runs.frozen import Frozen
from core.studies.dataset_specification import SetSpecification, SeveralSpecification
from core.studies.requests import FRESH, MOST_ALIKE
from core.studies.settings import BackboneSpecification, TrainingSettings
from core.studies.specification import RECIPE, StudySpecification

GENERALISED: Final = "generalised"
SPECIALISED: Final = "specialised"
GRAFTED: Final = "grafted"
DEDICATED: Final = "dedicated"
# What the titles of these runs begin or end with.
TREE_OF: Final = "tree of "
BRANCH: Final = "branch "
NETWORK_OF_ITS_OWN: Final = "network of its own for "
ONTO_THE_TREE: Final = " grafted onto the tree"
TREE_KINDS: Final = (GENERALISED, SPECIALISED, GRAFTED, DEDICATED)


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
    def question(self) -> dict[str, Any]:
        """Give the plain values that decide what is learned."""
        return {**self.model_dump(mode="json", exclude={"data"}), "data": self.data.question}


class TreeSpecification(Frozen):
    """What a tree grows from.

    Args:
        branches: Those that grow with it.
        size: Height and width that all pictures are brought to.
        backbone: Its blocks.
        cut: Number of leading blocks in the trunk.
        length: How long a federated epoch is.
        training: The first phase; the second one differs in its epochs.
        seed: Of initial weights and orders.
    """

    branches: tuple[BranchSpecification, ...] = Field(min_length=1, max_length=40)
    size: int
    backbone: BackboneSpecification
    cut: int = Field(ge=0, le=40)
    length: Literal["longest", "shortest", "paper"]
    training: TrainingSettings
    seed: int = Field(ge=0, lt=2**31)

    @cached_property
    def question(self) -> dict[str, Any]:
        """Give the plain values that decide what is learned; all runs of the tree ask for them."""
        return {
            **self.model_dump(mode="json", exclude={"branches": True, "training": {"device", "threads"}}),
            "branches": [branch.question for branch in self.branches],
        }

    @property
    def rows(self) -> int:
        """Rows of one data set in a federated batch; alone, a branch goes on in batches of as many."""
        return max(self.training.batch_size // len(self.branches), 2)

    def alone(self, epochs: int) -> TrainingSettings:
        """Give how a branch is trained alone."""
        return self.training.model_copy(update={"epochs": epochs, "batch_size": self.rows})

    def branch(self, name: str) -> BranchSpecification:
        """Give the branch of that name."""
        return next(branch for branch in self.branches if branch.name == name)


class _TreeRun(Frozen):
    kind: str

    @property
    def _question(self) -> dict[str, Any]:
        raise NotImplementedError

    @cached_property
    def key(self) -> str:
        """Hash of all that decides what is learned."""
        document = {"recipe": RECIPE, "kind": self.kind, **self._question}
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


class GeneralisedSpecification(_TreeRun):
    """The first phase: trunk and branches learn together from federated batches."""

    kind: Literal["generalised"] = "generalised"
    tree: TreeSpecification

    @property
    def _question(self) -> dict[str, Any]:
        return {"tree": self.tree.question}

    @property
    def sources(self) -> tuple["TreeRun", ...]:
        """Nothing is needed beforehand."""
        return ()

    @property
    def training(self) -> TrainingSettings:
        """How it is trained."""
        return self.tree.training

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"{TREE_OF}{len(self.tree.branches)} data sets, cut after block {self.tree.cut} · seed {self.tree.seed}"


class SpecialisedSpecification(_TreeRun):
    """The second phase of one branch, alone on the frozen trunk.

    Args:
        tree: Whose trunk.
        branch: Which of its branches.
        epochs: How long.
    """

    kind: Literal["specialised"] = "specialised"
    tree: TreeSpecification
    branch: str
    epochs: int = Field(ge=1, le=1000)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.branch not in [branch.name for branch in self.tree.branches]:
            raise ValueError("the tree has no such branch")
        return self

    @property
    def _question(self) -> dict[str, Any]:
        return {"tree": self.tree.question, "branch": self.branch, "epochs": self.epochs}

    @property
    def sources(self) -> tuple["TreeRun", ...]:
        """The tree that was grown."""
        return (GeneralisedSpecification(tree=self.tree),)

    @property
    def training(self) -> TrainingSettings:
        """How it is trained."""
        return self.tree.alone(self.epochs)

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"{BRANCH}{self.branch} on the frozen trunk · seed {self.tree.seed}"


class DedicatedSpecification(_TreeRun):
    """A whole network of its own for one data set: it sees each row as often as its branch, and takes as many steps.

    Args:
        data: What it learns.
        beside: All data sets of the federated batches, its own among them; empty where it grew in none.
        size: Height and width that all pictures are brought to.
        backbone: Its blocks.
        length: How long a federated epoch is.
        training: As the first phase of the tree.
        epochs: Of the second phase.
        rows: Of one batch: as many as the branch's share of a federated one.
        seed: Of initial weights and orders.
    """

    kind: Literal["dedicated"] = "dedicated"
    data: SetSpecification
    beside: tuple[SetSpecification, ...]
    size: int
    backbone: BackboneSpecification
    length: Literal["longest", "shortest", "paper"]
    training: TrainingSettings
    epochs: int = Field(ge=1, le=1000)
    rows: int = Field(ge=2, le=4096)
    seed: int = Field(ge=0, lt=2**31)

    @property
    def _question(self) -> dict[str, Any]:
        return {
            **self.model_dump(mode="json", exclude={"data": True, "beside": True, "training": {"device", "threads"}}),
            "data": self.data.question,
            "beside": [each.question for each in self.beside],
        }

    @property
    def sources(self) -> tuple["TreeRun", ...]:
        """Nothing is needed beforehand."""
        return ()

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"{NETWORK_OF_ITS_OWN}{self.data.name} · seed {self.seed}"


class GraftedSpecification(_TreeRun):
    """A branch mounted on a grown tree; trunk and other branches stay as they are.

    Args:
        tree: The grown tree.
        epochs: Of its second phase, after which it counts as grown.
        graft: The new branch.
        like: What it starts from: ``fresh``, ``most alike``, or a branch of the tree.
    """

    kind: Literal["grafted"] = "grafted"
    tree: TreeSpecification
    epochs: int = Field(ge=1, le=1000)
    graft: BranchSpecification
    like: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [branch.name for branch in self.tree.branches]
        if self.graft.name in names or self.like not in (FRESH, MOST_ALIKE, *names):
            raise ValueError("the graft has a branch's name, or starts from none of the tree")
        return self

    @property
    def _question(self) -> dict[str, Any]:
        return {
            "tree": self.tree.question,
            "epochs": self.epochs,
            "graft": self.graft.question,
            "like": self.like,
        }

    @property
    def dedicated(self) -> DedicatedSpecification:
        """The network of its own that the graft is compared with, and whose features say which branch is most alike."""
        return dedicated_of(self.tree, self.graft.data, self.epochs, grows=False)

    @property
    def sources(self) -> tuple["TreeRun", ...]:
        """The tree, the branches that may be started from, and what tells which of them."""
        names = [b.name for b in self.tree.branches if self.like in (MOST_ALIKE, b.name)]
        branches = [SpecialisedSpecification(tree=self.tree, branch=name, epochs=self.epochs) for name in names]
        return (
            GeneralisedSpecification(tree=self.tree),
            *branches,
            *([self.dedicated] if self.like == MOST_ALIKE else []),
        )

    @property
    def training(self) -> TrainingSettings:
        """How it is trained: as long as both phases of a branch that grew with the tree."""
        return self.tree.alone(self.tree.training.epochs + self.epochs)

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"{self.graft.name}{ONTO_THE_TREE} · seed {self.tree.seed}"


TreeRun = GeneralisedSpecification | SpecialisedSpecification | GraftedSpecification | DedicatedSpecification


def seed_of(run: TreeRun) -> int:
    """Give the seed that a run starts from."""
    return run.seed if isinstance(run, DedicatedSpecification) else run.tree.seed


def dedicated_of(
    tree: TreeSpecification, data: SetSpecification, epochs: int, *, grows: bool = True
) -> DedicatedSpecification:
    """Give the dedicated network of one data set of a tree.

    Args:
        tree: The tree it is compared with.
        data: Of one branch.
        epochs: Of the second phase.
        grows: Whether the branch takes part in the first phase; a graft does not.
    """
    return DedicatedSpecification(
        data=data,
        beside=tuple(branch.data for branch in tree.branches) if grows else (),
        size=tree.size,
        backbone=tree.backbone,
        length=tree.length,
        training=tree.training,
        epochs=epochs,
        rows=tree.rows,
        seed=tree.seed,
    )


def trees_of(specification: StudySpecification) -> tuple[TreeSpecification, ...]:
    """Give the tree of each seed that a study asks for; none where it asks for none."""
    request, dataset = specification.treednn, specification.dataset
    if request is None or not isinstance(dataset, SeveralSpecification):
        return ()
    grown = tuple(_branch(specification, each) for each in dataset.sets if each.name not in request.grafts)
    return tuple(
        TreeSpecification(
            branches=grown,
            size=dataset.size,
            backbone=specification.backbone,
            cut=request.cut,
            length=request.length,
            training=specification.training,
            seed=seed,
        )
        for seed in request.seeds
    )


def tree_runs_of(specification: StudySpecification) -> list[TreeRun]:
    """Give the runs of the trees that a study asks for: seed by seed, each after those it starts from."""
    request, dataset = specification.treednn, specification.dataset
    if request is None or not isinstance(dataset, SeveralSpecification):
        return []
    found: list[TreeRun] = []
    for tree in trees_of(specification):
        grown = [branch.name for branch in tree.branches]
        found.append(GeneralisedSpecification(tree=tree))
        found += [SpecialisedSpecification(tree=tree, branch=name, epochs=request.epochs) for name in grown]
        if request.dedicated:
            found += [dedicated_of(tree, each, request.epochs, grows=each.name in grown) for each in dataset.sets]
        for each in dataset.sets:
            if each.name in request.grafts:
                graft = GraftedSpecification(
                    tree=tree,
                    epochs=request.epochs,
                    graft=_branch(specification, each),
                    like=request.grafts[each.name],
                )
                # All its other sources are there.
                found += [graft.dedicated] if graft.like == MOST_ALIKE and not request.dedicated else []
                found.append(graft)
    return found


def _branch(specification: StudySpecification, data: SetSpecification) -> BranchSpecification:
    request = specification.treednn
    assert request is not None
    return BranchSpecification(
        data=data,
        width=request.widths.get(data.name, 1.0),
        depth=request.depths.get(data.name, 0),
        weight=request.weights.get(data.name, 1.0),
    )
