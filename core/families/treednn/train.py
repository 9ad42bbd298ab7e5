"""Carry out the runs of a TreeDNN: from a run to its result and trained weights."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from core.data.dataset import Dataset
from core.data.federated import Length
from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.grafting import alike_branches
from core.families.treednn.network import TreeDNN, digests
from core.families.treednn.payload import TreePayload
from core.families.treednn.request import FRESH, MOST_ALIKE
from core.families.treednn.results import most_alike
from core.families.treednn.runs import DedicatedRun, GeneralisedRun, GraftedRun, SpecialisedRun, TreeRun
from core.families.treednn.specification import BranchSpecification, TreeSpecification
from core.families.treednn.trainer import TreeTrainer, TreeTraining
from core.networks.plan import BackbonePlan
from core.networks.tree import count_parameters
from core.runs.result import RunResult, RunState
from core.studies.dataset_specification import OneDataset, SetSpecification
from core.studies.home import write_whole
from core.training.environment import device_of, environment_of, threads
from core.training.evaluation import Evaluation, preprocessing_of
from core.training.features import N_PICTURES
from core.training.federated import Member
from core.training.loop import Progress
from core.training.workplace import Workplace

Weights = Mapping[str, torch.Tensor]


def carry_out(run: TreeRun, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a run and its trained weights as a safetensors file; None where it was stopped.

    Args:
        run: One of the kinds of a TreeDNN.
        place: Where data, weights and checkpoints are, and who is told of progress.
    """
    return Grower(place.data, place.weights, place.drafts, place.progress, place.should_stop).run(run)


@dataclass(slots=True)
class Grower:
    """Carries out runs of trees on this machine.

    Args:
        data: Gives a data set.
        weights: Gives the file of a run's trained weights, which need not exist.
        drafts: Folder for what is done of an interrupted run, so that it goes on; emptied at the end.
        progress: Called about every 50 steps with steps made, steps in all and mean losses.
        should_stop: Asked every few steps; true ends the run as cancelled.
    """

    data: Callable[[OneDataset], Dataset]
    weights: Callable[[str], Path]
    drafts: Path
    progress: Progress | None = None
    should_stop: Callable[[], bool] | None = None
    _key: str = ""
    _kept: list[Path] = field(default_factory=list)

    def run(self, asked: TreeRun) -> tuple[RunResult, bytes | None]:
        """Return the result of a run and its trained weights as a safetensors file; None where it was stopped.

        Where the weights a run starts from are not at hand, what made them is trained once more.

        Raises:
            FamilyError: The tree can't be grown, or a loss became not-a-number.
            DataError: A data set can't be read, has no such task, or makes no federated batch.
            JobError: The device asked for is not there.
        """
        begun, self._key = time.perf_counter(), asked.key
        device, settings = device_of(asked.settings), asked.settings
        environment = environment_of(device, settings.threads)
        with threads(settings.threads):
            done = self._of(asked)
        if done is None:
            return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment), None
        for path in self._kept:
            path.unlink(missing_ok=True)
        done.trainer.forget_drafts()
        curve = [point for points in done.trainer.curves.values() for point in points]
        result = RunResult(
            state=RunState.DONE,
            metrics=done.found.metrics,
            samples=done.found.samples,
            confusion=done.found.confusion,
            preprocessing=preprocessing_of(done.trainer.plan.size),
            curve=tuple(curve),
            steps=curve[-1].step if curve else 0,
            seconds=time.perf_counter() - begun,
            params=count_parameters(done.network),
            head_params=done.head_params,
            environment=environment,
            payload=TreePayload(rows=done.rows, digests=done.digests, alike=done.alike).model_dump(mode="json"),
        )
        return result, save({name: tensor.detach().cpu().contiguous() for name, tensor in done.state.items()})

    def _of(self, asked: TreeRun) -> "_Done | None":
        match asked:
            case GeneralisedRun():
                return self._generalised(asked)
            case SpecialisedRun():
                return self._specialised(asked)
            case GraftedRun():
                return self._grafted(asked)
            case DedicatedRun():
                return self._dedicated(asked)
            case _:
                raise FamilyError(f'"{asked.kind}" is no kind of run of a TreeDNN.')

    def _generalised(self, asked: GeneralisedRun) -> "_Done | None":
        trainer = self._trainer(asked.tree, asked)
        tree = trainer.generalised()
        if tree is None:
            return None
        return _Done(
            trainer,
            tree,
            tree.state_dict(),
            _together(trainer.evaluate(tree.path(member.name), member) for member in trainer.members),
            sum(count_parameters(tree.branch(name).head) for name in tree.names),
            {member.name: len(member.dataset.train) for member in trainer.members},
            digests(tree),
        )

    def _specialised(self, asked: SpecialisedRun) -> "_Done | None":
        trainer = self._trainer(asked.tree, asked)
        tree = self._grown(trainer, GeneralisedRun(tree=asked.tree))
        if tree is None:
            return None
        before, member = digests(tree), _named(trainer.members, asked.branch)
        if not trainer.specialise(tree, member):
            return None
        return self._branch_done(trainer, tree, member, before)

    def _grafted(self, asked: GraftedRun) -> "_Done | None":
        trainer = self._trainer(asked.tree, asked)
        tree = self._grown(trainer, GeneralisedRun(tree=asked.tree))
        if tree is None:
            return None
        for branch in asked.tree.branches:
            start = SpecialisedRun(tree=asked.tree, branch=branch.name, epochs=asked.epochs)
            if asked.like in (MOST_ALIKE, branch.name) and not self._take_branch(tree, start):
                return None
        member, like, alike = self._member(asked.graft.data), asked.like, dict[str, tuple[float, ...]]()
        if asked.like == MOST_ALIKE:
            own = self._own(asked.dedicated)
            if own is None:
                return None
            alike = self._alike(trainer, tree, own, member, asked)
            like = most_alike(alike) or FRESH
        before = digests(tree)
        wanted = _plan(asked.graft, member)
        if not trainer.graft(tree, member, like=None if like == FRESH else like, wanted=wanted):
            return None
        done = self._branch_done(trainer, tree, member, before)
        done.alike = alike
        return done

    def _dedicated(self, asked: DedicatedRun) -> "_Done | None":
        trainer, member = self._lone_trainer(asked)
        network = trainer.dedicated(member)
        if network is None:
            return None
        *_, branch = network.children()
        head = branch.head
        assert isinstance(head, nn.Module)
        return _Done(
            trainer,
            network,
            network.state_dict(),
            trainer.evaluate(network, member),
            count_parameters(head),
            {member.name: len(member.dataset.train)},
        )

    def _branch_done(self, trainer: TreeTrainer, tree: TreeDNN, member: Member, before: Mapping[str, str]) -> "_Done":
        after, branch = digests(tree), tree.branch(member.name)
        changed = [name for name, digest in before.items() if name != member.name and after[name] != digest]
        if changed:
            raise FamilyError(f'Training "{member.name}" changed {changed[0] or "the trunk"}, which it never should.')
        return _Done(
            trainer,
            branch,
            branch.state_dict(),
            trainer.evaluate(tree.path(member.name), member),
            count_parameters(branch.head),
            {member.name: len(member.dataset.train)},
            after,
        )

    def _alike(
        self, trainer: TreeTrainer, tree: TreeDNN, own: Sequence[nn.Module], member: Member, asked: GraftedRun
    ) -> dict[str, tuple[float, ...]]:
        built_alike = [
            branch.name
            for branch in asked.tree.branches
            if (branch.width, branch.depth) == (asked.graft.width, asked.graft.depth)
        ]
        pictures = member.tensors("validation", trainer.plan.size, trainer.device).batch(slice(N_PICTURES))[0]
        return alike_branches(tree.eval(), own, pictures, built_alike)

    def _grown(self, trainer: TreeTrainer, asked: GeneralisedRun) -> TreeDNN | None:
        """Return the tree after its first phase: from its file, or trained once more."""
        tree = trainer.seedling()
        state = self._state(asked)
        if state is None:
            return None
        fill(tree, state)
        tree.freeze_trunk()
        placed: TreeDNN = tree.to(device=trainer.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return placed.eval()

    def _take_branch(self, tree: TreeDNN, asked: SpecialisedRun) -> bool:
        state = self._state(asked)
        if state is None:
            return False
        fill(tree.branch(asked.branch), state)
        return True

    def _own(self, asked: DedicatedRun) -> list[nn.Module] | None:
        """Return the blocks of a dedicated network: from its file, or trained once more."""
        state = self._state(asked)
        if state is None:
            return None
        trainer, member = self._lone_trainer(asked)
        network = trainer.alone(member)
        fill(network, state)
        *trunk, branch = network.to(trainer.device).eval().children()
        blocks = branch.blocks
        assert isinstance(blocks, nn.Sequential)
        return [*trunk, *blocks]

    def _state(self, asked: TreeRun) -> Weights | None:
        # With the key of the run that needs it: what is cleaned up goes by that.
        draft = self.drafts / f"{self._key}.{asked.key}.safetensors"
        self._kept.append(draft)
        for path in (self.weights(asked.key), draft):
            found = read_weights(path)
            if found is not None:
                return found
        again = Grower(self.data, self.weights, self.drafts, self.progress, self.should_stop)
        result, weights = again.run(asked)
        if weights is None or result.state is not RunState.DONE:
            return None
        write_whole(draft, weights)
        return load(weights)

    def _trainer(self, tree: TreeSpecification, asked: TreeRun) -> TreeTrainer:
        members = [self._member(branch.data) for branch in tree.branches]
        training = TreeTraining(
            generalised=tree.training,
            specialised=asked.settings,
            weights=tuple(branch.weight for branch in tree.branches),
            length=Length(tree.length),
        )
        wanted = [_plan(branch, member) for branch, member in zip(tree.branches, members, strict=True)]
        return TreeTrainer(
            BackbonePlan.of(tree.backbone, (tree.size, tree.size)),
            tree.cut,
            members,
            training,
            tree.seed,
            wanted,
            device_of(asked.settings),
            self.progress,
            self.should_stop,
            self.drafts,
            asked.key,
        )

    def _lone_trainer(self, asked: DedicatedRun) -> tuple[TreeTrainer, Member]:
        # A graft's rival grew beside nobody: it makes the passes that the graft makes.
        members = [self._member(each) for each in asked.beside]
        second = asked.settings.model_copy(update={"epochs": asked.epochs, "batch_size": asked.rows})
        training = TreeTraining(asked.settings, second, length=Length(asked.length))
        trainer = TreeTrainer(
            BackbonePlan.of(asked.backbone, (asked.size, asked.size)),
            0,
            members,
            training,
            asked.seed,
            (),
            device_of(asked.settings),
            self.progress,
            self.should_stop,
            self.drafts,
            asked.key,
        )
        return trainer, _named(members, asked.data.name) if members else self._member(asked.data)

    def _member(self, data: SetSpecification) -> Member:
        return Member.of(data.name, self.data(data.dataset), data.task)


@dataclass(slots=True)
class _Done:
    trainer: TreeTrainer
    network: nn.Module
    state: Weights
    found: Evaluation
    head_params: int
    rows: dict[str, int]
    digests: dict[str, str] = field(default_factory=dict)
    alike: dict[str, tuple[float, ...]] = field(default_factory=dict)


def _plan(branch: BranchSpecification, member: Member) -> BranchPlan:
    return BranchPlan(branch.name, member.task, member.dataset.size, branch.width, branch.depth)


def _named(members: Sequence[Member], name: str) -> Member:
    return next(member for member in members if member.name == name)


def _together(parts: Iterable[Evaluation]) -> Evaluation:
    """Return what several branches reached as one value."""
    whole = Evaluation()
    for part in parts:
        for split in part.metrics:
            whole.metrics.setdefault(split, {}).update(part.metrics[split])
            whole.samples.setdefault(split, {}).update(part.samples[split])
            whole.confusion.setdefault(split, {}).update(part.confusion.get(split, {}))
    return whole


def read_weights(path: Path) -> Weights | None:
    """Return the weights in a file; None where it is missing or damaged."""
    try:
        return load(path.read_bytes())
    except (OSError, SafetensorError):
        return None


def fill(module: nn.Module, state: Weights) -> None:
    """Put trained weights into a module.

    Raises:
        FamilyError: They are of another one.
    """
    try:
        module.load_state_dict(dict(state))
    except RuntimeError:
        raise FamilyError("The weights that this run starts from are of another tree. Train them again.") from None
