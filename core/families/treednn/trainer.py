"""Both phases of a TreeDNN, dedicated networks to compare with, and branches grafted later."""

import copy
import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from core.data.federated import FederatedSampler, Length
from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.generalised import GeneralisedTrainer
from core.families.treednn.network import TreeDNN, new_branch
from core.networks.plan import BackbonePlan
from core.runs.result import CurvePoint
from core.runs.settings import TrainingSettings
from core.training.build import seeded
from core.training.evaluation import SPLITS, Evaluation, evaluate_splits
from core.training.federated import Member
from core.training.frozen_bottom import MOST_FEATURE_BYTES, Bottom, RecombinedNetwork
from core.training.loop import End, Outcome, Progress, Trainer
from core.training.tensors import Tensors

_N = TypeVar("_N", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class TreeTraining:
    """How a tree is trained.

    A dedicated network is trained like the first phase, in batches of the second one, and goes
    through its data as often as its branch does in both phases together: federated epochs are as
    long as the longest set needs, so branches of shorter sets make more passes, and so do the
    dedicated networks they are compared with.

    Args:
        generalised: The first phase; its batch size counts the rows of all data sets together.
        specialised: The second phase, of each branch.
        weights: W_j of each branch in the first phase; all 1 if empty.
        length: How long a federated epoch is.
        most_feature_bytes: Memory for features of the frozen trunk; above it they are computed for every batch.
    """

    generalised: TrainingSettings = field(default_factory=TrainingSettings)
    specialised: TrainingSettings = field(default_factory=TrainingSettings)
    weights: tuple[float, ...] = ()
    length: Length = Length.LONGEST
    most_feature_bytes: int = MOST_FEATURE_BYTES


@dataclass(slots=True, eq=False)
class TreeTrainer:
    """Trains a TreeDNN on several data sets.

    Weights depend on seed, block and branch name alone: every branch, and every dedicated network,
    starts from the same blocks, so that differences come from sharing and not from initial weights.

    Args:
        plan: The backbone; its picture size is the one all data sets are brought to.
        cut: Number of leading blocks in the trunk.
        members: One data set and task per branch.
        training: How to train.
        seed: Of initial weights and orders.
        wanted: Width and depth of each branch; as the backbone by default.
        device: Where to train.
        progress: Called about every 50 steps with steps made, steps in all, and mean losses, over all parts.
        should_stop: Called every few steps; true stops the training.
        drafts: Folder for checkpoints; finished parts are not trained again after an interruption. Emptied
            at the end; none by default.
        label: Prefix of checkpoint names; unique per run that shares the folder.
    """

    plan: BackbonePlan
    cut: int
    members: Sequence[Member]
    training: TreeTraining
    seed: int = 0
    wanted: Sequence[BranchPlan] = ()
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    progress: Progress | None = None
    should_stop: Callable[[], bool] | None = None
    drafts: Path | None = None
    label: str = "treednn"
    curves: dict[str, tuple[CurvePoint, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wanted = tuple(self.wanted) or tuple(self.plain(member) for member in self.members)
        if [branch.name for branch in self.wanted] != [member.name for member in self.members]:
            raise FamilyError("Branches and data sets differ. Give one branch for each data set, in the same order.")

    def generalised(self) -> TreeDNN | None:
        """Return the tree after the first phase, its trunk frozen; None where it was stopped.

        Raises:
            FamilyError: The TreeDNN can't be built, or a loss became not-a-number.
            DataError: The data sets make no federated batch.
        """
        joint = self.generalised_trainer()
        outcome = self._part("generalised", joint.n_batches, joint.run)
        if outcome is None:
            return None
        tree = outcome.network
        assert isinstance(tree, TreeDNN)
        tree.freeze_trunk()
        return tree

    def generalised_trainer(self) -> GeneralisedTrainer:
        """Return the training of the first phase, of an untrained TreeDNN."""
        return GeneralisedTrainer(
            self._placed(self.initial_tree()),
            tuple(member.task for member in self.members),
            self.training.generalised,
            self.seed,
            [member.tensors("train", self.plan.size, self.device) for member in self.members],
            self.training.weights,
            self.training.length,
        )

    def initial_tree(self) -> TreeDNN:
        """Return the untrained TreeDNN."""
        return TreeDNN.build(self.plan, self.cut, self.wanted, random=lambda what: seeded(self.seed, what))

    def specialise(self, tree: TreeDNN, member: Member) -> bool:
        """Train one branch on its own data over the frozen trunk; return whether it finished.

        The trunk and every other branch stay bitwise identical: a copy of the branch is
        trained on the trunk's features, computed once, and put back when it is done.

        Args:
            tree: After the first phase; its trunk is frozen from now on.
            member: The data set of one of its branches.

        Raises:
            FamilyError: There is no such branch, or the loss became not-a-number.

        Reference:
            TreeDNN, Algorithm 1, SPECIALIZED_TRAINING, and equations 3 and 4.
        """
        tree.freeze_trunk()
        tree.eval()
        splits = {split: member.tensors(split, self.plan.size, self.device) for split in ("train", "validation")}
        bottom = Bottom.over(tree.trunk, {split: data.pictures for split, data in splits.items()}, most=self._most)
        own = copy.deepcopy(tree.branch(member.name)).requires_grad_(True)
        trainer = self._trainer(
            RecombinedNetwork(own, bottom.blocks),
            member,
            self.training.specialised,
            {split: replace(data, pictures=bottom.inputs[split]) for split, data in splits.items()},
        )
        outcome = self._part(f"specialised {member.name}", trainer.n_steps, trainer.run)
        if outcome is None:
            return False
        assert isinstance(outcome.network, RecombinedNetwork)
        tree.branch(member.name).load_state_dict(outcome.network.top.state_dict())
        return True

    @property
    def _most(self) -> int:
        # Features of pictures that change at random can't be computed once.
        return 0 if self.training.specialised.augment else self.training.most_feature_bytes

    def dedicated(self, member: Member) -> nn.Module | None:
        """Return a whole network trained on one data set alone, in evaluation mode; None where it was stopped.

        Raises:
            FamilyError: The loss became not-a-number.
        """
        trainer = self.dedicated_trainer(member)
        outcome = self._part(f"dedicated {member.name}", trainer.n_steps, trainer.run)
        if outcome is None:
            return None
        assert isinstance(outcome.network, RecombinedNetwork)
        top: nn.Module = outcome.network.top
        return top.eval()

    def dedicated_trainer(self, member: Member) -> Trainer:
        """Return the training of a dedicated network, untrained."""
        splits = {split: member.tensors(split, self.plan.size, self.device) for split in ("train", "validation")}
        return self._trainer(
            RecombinedNetwork(self.initial_dedicated(member)), member, self.dedicated_settings(member), splits
        )

    def initial_dedicated(self, member: Member) -> nn.Sequential:
        """Return an untrained dedicated network."""
        tree = TreeDNN.build(self.plan, self.cut, [self.plain(member)], random=lambda what: seeded(self.seed, what))
        return tree.path(0)

    def dedicated_settings(self, member: Member) -> TrainingSettings:
        """Return how a dedicated network is trained: as many passes through its data as its branch makes."""
        first, second = self.training.generalised, self.training.specialised
        epochs = max(round(self.passes(member)), 1) + second.epochs
        return first.model_copy(update={"epochs": epochs, "batch_size": second.batch_size})

    def passes(self, member: Member) -> float:
        """Return how often the first phase goes through the data of one member; of a graft, of a phase like it."""
        sizes = tuple(len(each.dataset.train) for each in self.members)
        if member.name not in [each.name for each in self.members]:
            return float(self.training.generalised.epochs)
        sampler = FederatedSampler(sizes, self.training.generalised.batch_size, length=self.training.length)
        place = [each.name for each in self.members].index(member.name)
        return self.training.generalised.epochs * sampler.coverage[place]

    def graft(
        self, tree: TreeDNN, member: Member, *, like: str | None = None, wanted: BranchPlan | None = None
    ) -> bool:
        """Graft and train one more branch; trunk and other branches do not change. Return whether it was added.

        Args:
            tree: After training.
            member: The new data set.
            like: Start from this branch's blocks, as where its task is the most alike.
            wanted: Width and depth; as the backbone by default.

        Raises:
            FamilyError: The name is taken, the branch can't be as requested, or its loss became not-a-number.
        """
        branch = new_branch(
            tree,
            self.plan,
            wanted or self.plain(member),
            like=like,
            random=lambda what: seeded(self.seed, what),
        )
        tree.graft(branch.to(self.device), member.name)
        if self.specialise(tree, member):
            return True
        tree.prune(member.name)
        return False

    def evaluate(self, network: nn.Module, member: Member) -> Evaluation:
        """Return the evaluation of a whole network on validation and test samples of one data set.

        Raises:
            FamilyError: A metric is not a number.
        """
        splits = {split: member.tensors(split, self.plan.size, self.device) for split in SPLITS}
        names = member.dataset.class_names.get(member.task.name, ())
        found = evaluate_splits(RecombinedNetwork(network), replace(member.task, name=member.name), splits, names)
        values = [(name, x) for split in found.metrics.values() for task in split.values() for name, x in task.items()]
        if wrong := [name for name, value in values if not math.isfinite(value)]:
            raise FamilyError(f'The {wrong[0]} of "{member.name}" is not a number. Try a lower learning rate.')
        return found

    def plain(self, member: Member) -> BranchPlan:
        """Return the plan of a branch that is the unchanged rest of the backbone."""
        return BranchPlan(member.name, member.task, member.dataset.size)

    def _trainer(
        self, network: nn.Module, member: Member, settings: TrainingSettings, splits: dict[str, Tensors]
    ) -> Trainer:
        if listed := settings.listed_class_weights.get(member.name):
            # A study knows the task by the name of its data set.
            settings = settings.model_copy(update={"class_weights": {member.task.name: listed}})
        return Trainer(
            self._placed(network), (member.task,), settings, self.seed, splits["train"], splits["validation"]
        )

    def _part(self, name: str, n_steps: int, train: Callable[..., Outcome]) -> Outcome | None:
        def show(step: int, _steps: int, losses: dict[str, float]) -> None:
            if self.progress is not None:
                self.progress(step, n_steps, losses)

        outcome = train(progress=show, should_stop=self.should_stop, checkpoint=self._draft(name))
        if outcome.end is End.STOPPED:
            return None
        if outcome.end is End.DIVERGED:
            raise FamilyError(
                f"The loss became not-a-number at step {outcome.step} of {name}. Try a lower learning rate."
            )
        self.curves[name] = tuple(outcome.curve)
        return outcome

    def _draft(self, part: str) -> Path | None:
        if self.drafts is None:
            return None
        # Names of branches may hold characters that file names must not.
        short = hashlib.sha256(f"{self.seed} {part}".encode()).hexdigest()[:20]
        return self.drafts / f"{self.label}.{short}.safetensors"

    def forget_drafts(self) -> None:
        """Remove the checkpoints of finished parts."""
        for part in self.curves:
            if draft := self._draft(part):
                draft.unlink(missing_ok=True)

    def _placed(self, network: _N) -> _N:
        placed: _N = network.to(device=self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return placed
