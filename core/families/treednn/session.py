"""What a run of a TreeDNN works with on a worker: its data sets, trainers, and the weights of earlier runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load
from torch import nn

from core.data.federated import Length
from core.families.treednn.branch import BranchPlan
from core.families.treednn.network import TreeDNN
from core.families.treednn.runs import DedicatedRun, GeneralisedRun, SpecialisedRun, TreeRun
from core.families.treednn.specification import BranchSpecification, TreeSpecification
from core.families.treednn.trainer import TreeTrainer, TreeTraining
from core.families.treednn.weights import Weights, fill, read_weights
from core.networks.plan import BackbonePlan
from core.studies.home import write_whole
from core.studies.several_specification import SetSpecification
from core.training.environment import device_of
from core.training.execute import run_job
from core.training.federated import Member
from core.training.workplace import Workplace


@dataclass(slots=True)
class Session:
    """One run of a TreeDNN on one machine.

    Args:
        run: What is trained.
        place: Where data, weights and checkpoints are, and who receives progress.
    """

    run: TreeRun
    place: Workplace
    _drafts: list[Path] = field(default_factory=list)

    def trainer(self, tree: TreeSpecification) -> TreeTrainer:
        """Return the trainer of the run's TreeDNN.

        Raises:
            DataError: A data set can't be read, or has no such task.
            JobError: The requested device does not exist.
        """
        members = [self.member(branch.data) for branch in tree.branches]
        training = TreeTraining(
            generalised=tree.training,
            specialised=self.run.settings,
            weights=tuple(branch.weight for branch in tree.branches),
            length=Length(tree.length),
        )
        plans = [branch_plan(branch, member) for branch, member in zip(tree.branches, members, strict=True)]
        backbone = BackbonePlan.of(tree.backbone, (tree.size, tree.size))
        return self._trainer(self.run, backbone, tree.cut, members, training, tree.seed, plans)

    def dedicated_trainer(self, run: DedicatedRun) -> tuple[TreeTrainer, Member]:
        """Return the trainer of a dedicated network and its data set.

        Args:
            run: This run, or the dedicated network that it starts from.

        Raises:
            DataError: A data set can't be read, or has no such task.
            JobError: The requested device does not exist.
        """
        # The baseline of a graft has no other members: it makes as many passes as the graft.
        members = [self.member(each) for each in run.beside]
        second = run.settings.model_copy(update={"epochs": run.epochs, "batch_size": run.rows})
        training = TreeTraining(run.settings, second, length=Length(run.length))
        backbone = BackbonePlan.of(run.backbone, (run.size, run.size))
        trainer = self._trainer(run, backbone, 0, members, training, run.seed, ())
        return trainer, named(members, run.data.name) if members else self.member(run.data)

    def _trainer(
        self,
        run: TreeRun,
        backbone: BackbonePlan,
        cut: int,
        members: Sequence[Member],
        training: TreeTraining,
        seed: int,
        plans: Sequence[BranchPlan],
    ) -> TreeTrainer:
        return TreeTrainer(
            backbone,
            cut,
            members,
            training,
            seed,
            plans,
            device_of(run.settings),
            self.place.progress,
            self.place.should_stop,
            self.place.drafts,
            run.key,
        )

    def member(self, data: SetSpecification) -> Member:
        """Return a loaded data set with the task that is learned from it.

        Raises:
            DataError: It can't be read, or has no such task.
        """
        return Member.of(data.name, self.place.data(data.dataset), data.task)

    def generalised_tree(self, trainer: TreeTrainer, tree: TreeSpecification) -> TreeDNN | None:
        """Return the TreeDNN after its first phase, its trunk frozen; None where retraining was stopped."""
        network = trainer.initial_tree()
        state = self.weights_of(GeneralisedRun(tree=tree))
        if state is None:
            return None
        fill(network, state)
        network.freeze_trunk()
        placed: TreeDNN = network.to(device=trainer.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return placed.eval()

    def load_branch(self, network: TreeDNN, run: SpecialisedRun) -> bool:
        """Load a specialised branch into a TreeDNN; return False where retraining was stopped."""
        state = self.weights_of(run)
        if state is None:
            return False
        fill(network.branch(run.branch), state)
        return True

    def dedicated_blocks(self, run: DedicatedRun) -> list[nn.Module] | None:
        """Return the blocks of a trained dedicated network; None where retraining was stopped."""
        state = self.weights_of(run)
        if state is None:
            return None
        trainer, member = self.dedicated_trainer(run)
        network = trainer.initial_dedicated(member)
        fill(network, state)
        *trunk, branch = network.to(trainer.device).eval().children()
        blocks = branch.blocks
        assert isinstance(blocks, nn.Sequential)
        return [*trunk, *blocks]

    def weights_of(self, parent: TreeRun) -> Weights | None:
        """Return the weights of a run that this one starts from: from its file, or trained again.

        Returns:
            None where retraining was stopped.
        """
        # The draft's name begins with the key of the run that needs it, as cleaning up expects.
        draft = self.place.drafts / f"{self.run.key}.{parent.key}.safetensors"
        self._drafts.append(draft)
        for path in (self.place.weights(parent.key), draft):
            found = read_weights(path)
            if found is not None:
                return found
        result, weights = run_job(parent, self.place)
        if weights is None or not result.is_done:
            return None
        write_whole(draft, weights)
        return load(weights)

    def remove_drafts(self) -> None:
        """Remove the weights that were trained again for this run."""
        for path in self._drafts:
            path.unlink(missing_ok=True)


def branch_plan(branch: BranchSpecification, member: Member) -> BranchPlan:
    """Return the plan of a branch for a loaded data set."""
    return BranchPlan(branch.name, member.task, member.dataset.size, branch.width, branch.depth)


def named(members: Sequence[Member], name: str) -> Member:
    """Return the member of that name."""
    return next(member for member in members if member.name == name)
