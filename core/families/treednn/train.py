"""Train the runs of a TreeDNN, one function per kind: from a run to its result and trained weights."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from safetensors.torch import save
from torch import nn

from core.errors import FamilyError
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.grafting import branch_similarities
from core.families.treednn.network import TreeDNN, digests
from core.families.treednn.payload import TreePayload
from core.families.treednn.request import FRESH, MOST_ALIKE
from core.families.treednn.results import most_alike
from core.families.treednn.runs import DedicatedRun, GeneralisedRun, SpecialisedRun, TreeRun
from core.families.treednn.session import Session, branch_plan, named
from core.families.treednn.trainer import TreeTrainer
from core.families.treednn.weights import Weights
from core.networks.tree import count_parameters
from core.runs.result import RunResult, RunState
from core.training.environment import device_of, environment_of, threads
from core.training.evaluation import Evaluation, preprocessing_of
from core.training.features import N_PICTURES
from core.training.federated import Member
from core.training.workplace import Workplace

Output = tuple[RunResult, bytes | None]
_R = TypeVar("_R", bound=TreeRun)


@dataclass(slots=True)
class Trained:
    """What a run has trained, and how good it is.

    Args:
        trainer: Has the learning curves.
        network: The part that the run counts: TreeDNN, branch or dedicated network.
        state: Its weights.
        found: Its metrics on validation and test.
        head_params: Parameters of the heads among those of the network.
        rows: Branch → training rows.
        digests: Branch (the trunk is ``""``) → SHA-256 of its weights after the run.
        alike: Branch → similarity of its features with those of the new data set's dedicated network, of a graft.
    """

    trainer: TreeTrainer
    network: nn.Module
    state: Weights
    found: Evaluation
    head_params: int
    rows: dict[str, int]
    digests: dict[str, str] = field(default_factory=dict)
    alike: dict[str, tuple[float, ...]] = field(default_factory=dict)


def train_generalised(run: GeneralisedRun, place: Workplace) -> Output:
    """Train trunk and branches together; see ``_output`` for what is returned and raised."""
    return _output(run, place, _generalised)


def train_specialised(run: SpecialisedRun, place: Workplace) -> Output:
    """Train one branch on the frozen trunk; see ``_output`` for what is returned and raised."""
    return _output(run, place, _specialised)


def train_grafted(run: GraftedRun, place: Workplace) -> Output:
    """Train a branch grafted onto a trained TreeDNN; see ``_output`` for what is returned and raised."""
    return _output(run, place, _grafted)


def train_dedicated(run: DedicatedRun, place: Workplace) -> Output:
    """Train a dedicated network; see ``_output`` for what is returned and raised."""
    return _output(run, place, _dedicated)


def _output(run: _R, place: Workplace, train: Callable[[_R, Session], Trained | None]) -> Output:
    """Return the result of a run and its trained weights as a safetensors file; None where it was stopped.

    Where the weights that a run starts from are missing, the run that made them is trained again.

    Raises:
        FamilyError: The TreeDNN can't be built, or a loss became not-a-number.
        DataError: A data set can't be read, has no such task, or makes no federated batch.
        JobError: The requested device does not exist.
    """
    started, session = time.perf_counter(), Session(run, place)
    environment = environment_of(device_of(run.settings), run.settings.threads)
    with threads(run.settings.threads):
        trained = train(run, session)
    if trained is None:
        return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment), None
    session.remove_drafts()
    trained.trainer.forget_drafts()
    curve = [point for points in trained.trainer.curves.values() for point in points]
    result = RunResult(
        state=RunState.DONE,
        metrics=trained.found.metrics,
        samples=trained.found.samples,
        confusion=trained.found.confusion,
        classes=trained.found.classes,
        constant=trained.found.constant,
        preprocessing=preprocessing_of(trained.trainer.plan.size),
        curve=tuple(curve),
        steps=curve[-1].step if curve else 0,
        seconds=time.perf_counter() - started,
        params=count_parameters(trained.network),
        head_params=trained.head_params,
        environment=environment,
        payload=TreePayload(rows=trained.rows, digests=trained.digests, alike=trained.alike).model_dump(mode="json"),
    )
    return result, save({name: tensor.detach().cpu().contiguous() for name, tensor in trained.state.items()})


def _generalised(run: GeneralisedRun, session: Session) -> Trained | None:
    trainer = session.trainer(run.tree)
    tree = trainer.generalised()
    if tree is None:
        return None
    return Trained(
        trainer,
        tree,
        tree.state_dict(),
        _merged(trainer.evaluate(tree.path(member.name), member) for member in trainer.members),
        sum(count_parameters(tree.branch(name).head) for name in tree.names),
        {member.name: len(member.dataset.train) for member in trainer.members},
        digests(tree),
    )


def _specialised(run: SpecialisedRun, session: Session) -> Trained | None:
    trainer = session.trainer(run.tree)
    tree = session.generalised_tree(trainer, run.tree)
    if tree is None:
        return None
    before, member = digests(tree), named(trainer.members, run.branch)
    if not trainer.specialise(tree, member):
        return None
    return _trained_branch(trainer, tree, member, before)


def _grafted(run: GraftedRun, session: Session) -> Trained | None:
    trainer = session.trainer(run.tree)
    tree = session.generalised_tree(trainer, run.tree)
    if tree is None:
        return None
    for branch in run.tree.branches:
        start = run.start(branch.name)
        if run.like in (MOST_ALIKE, branch.name) and not session.load_branch(tree, start):
            return None
    member, like, alike = session.member(run.graft.data), run.like, dict[str, tuple[float, ...]]()
    if like == MOST_ALIKE:
        blocks = session.dedicated_blocks(run.dedicated)
        if blocks is None:
            return None
        alike = _similarities(run, trainer, tree, blocks, member)
        like = most_alike(alike) or FRESH
    before = digests(tree)
    plan = branch_plan(run.graft, member)
    if not trainer.graft(tree, member, like=None if like == FRESH else like, wanted=plan):
        return None
    trained = _trained_branch(trainer, tree, member, before)
    trained.alike = alike
    return trained


def _dedicated(run: DedicatedRun, session: Session) -> Trained | None:
    trainer, member = session.dedicated_trainer(run)
    network = trainer.dedicated(member)
    if network is None:
        return None
    *_, branch = network.children()
    head = branch.head
    assert isinstance(head, nn.Module)
    return Trained(
        trainer,
        network,
        network.state_dict(),
        trainer.evaluate(network, member),
        count_parameters(head),
        {member.name: len(member.dataset.train)},
    )


def _trained_branch(trainer: TreeTrainer, tree: TreeDNN, member: Member, before: Mapping[str, str]) -> Trained:
    after, branch = digests(tree), tree.branch(member.name)
    changed = [name for name, digest in before.items() if name != member.name and after[name] != digest]
    if changed:
        raise FamilyError(f'Training "{member.name}" changed {changed[0] or "the trunk"}, which it never should.')
    return Trained(
        trainer,
        branch,
        branch.state_dict(),
        trainer.evaluate(tree.path(member.name), member),
        count_parameters(branch.head),
        {member.name: len(member.dataset.train)},
        after,
    )


def _similarities(
    run: GraftedRun, trainer: TreeTrainer, tree: TreeDNN, blocks: Sequence[nn.Module], member: Member
) -> dict[str, tuple[float, ...]]:
    # A graft can only start from a branch of its own width and depth.
    candidates = [
        branch.name
        for branch in run.tree.branches
        if (branch.width, branch.depth) == (run.graft.width, run.graft.depth)
    ]
    pictures = member.tensors("validation", trainer.plan.size, trainer.device).batch(slice(N_PICTURES))[0]
    return branch_similarities(tree.eval(), blocks, pictures, candidates)


def _merged(parts: Iterable[Evaluation]) -> Evaluation:
    """Return the evaluations of several branches as one."""
    whole = Evaluation()
    for part in parts:
        whole.classes.update(part.classes)
        for split in part.metrics:
            whole.metrics.setdefault(split, {}).update(part.metrics[split])
            whole.samples.setdefault(split, {}).update(part.samples[split])
            whole.confusion.setdefault(split, {}).update(part.confusion.get(split, {}))
            whole.constant.setdefault(split, {}).update(part.constant.get(split, {}))
    return whole
