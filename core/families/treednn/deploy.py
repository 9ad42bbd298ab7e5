"""A study's trained TreeDNN as files to deploy: trunk, branches, manifest."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from core.data.dataset import Dataset
from core.data.membership import known_membership, preprocessing_of
from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.deployment import save_tree
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.loader_source import has_loader, loader_source
from core.families.treednn.network import TreeDNN, new_branch
from core.families.treednn.runs import GeneralisedRun, SpecialisedRun, TreeRun
from core.families.treednn.specification import BranchSpecification, trees_of
from core.families.treednn.submission import expand
from core.families.treednn.tree_manifest import BranchFacts, Manifest
from core.families.treednn.weights import Weights, fill, read_weights
from core.networks.plan import BackbonePlan
from core.runs.result import RunResult
from core.studies.bundled import keep_weights_command
from core.studies.dataset_specification import OneDataset
from core.studies.manifest_entries import compared, measured
from core.studies.specification import StudySpecification
from core.studies.study import SPLITS
from core.studies.task_quality import task_qualities
from core.studies.weights_file import origin_of


def deploy(
    specification: StudySpecification,
    seed: int | None,
    folder: Path,
    *,
    data: Callable[[OneDataset], Dataset],
    weights: Callable[[str], Path],
    results: Mapping[str, RunResult] | None = None,
) -> Manifest:
    """Write a study's trained TreeDNN, with its grafts, as ``DeployedTree`` opens it.

    Args:
        specification: What the study requests.
        seed: Which of its trees; the first by default.
        folder: Target folder; created if it is missing.
        data: Returns a data set: the outputs of its task decide the head.
        weights: Returns the file of a run's trained weights, which need not exist.
        results: Run key → result, for the measured metrics.

    Raises:
        FamilyError: The study has no tree of that seed, or the weights of a part of it are not kept here.
        StudyError: The folder can't be written to.
    """
    trees = {tree.seed: tree for tree in trees_of(specification)}
    if not trees:
        raise FamilyError(f'"{specification.name}" requests no TreeDNN. Choose a study that has [treednn].')
    if seed is not None and seed not in trees:
        raise FamilyError(f"No TreeDNN is trained from seed {seed}. Choose from: {', '.join(map(str, trees))}.")
    tree = trees[next(iter(trees)) if seed is None else seed]
    plan = BackbonePlan.of(tree.backbone.without_weights, (tree.size, tree.size))

    def wanted(branch: BranchSpecification) -> BranchPlan:
        found = data(branch.data.dataset)
        return BranchPlan(branch.name, found.task(branch.data.task), found.size, branch.width, branch.depth)

    def trained(run: TreeRun) -> Weights:
        found = read_weights(weights(run.key))
        if found is None:
            raise FamilyError(
                f'The weights of "{run.label}" are not kept here. Train the study with: '
                f"{keep_weights_command(specification.name)}."
            )
        return found

    facts: dict[str, BranchFacts] = {}

    def describe(run: TreeRun, branch: BranchSpecification) -> None:
        found = data(branch.data.dataset)
        own = origin_of(weights(run.key))
        # Files of earlier versions do not say what they reached; the same run may have been trained twice.
        reached = own or (results or {}).get(run.key)
        task = found.task(branch.data.task)
        named = replace(task, name=branch.name)
        qualities = [each for split in SPLITS for each in task_qualities(specification, [named], results or {}, split)]
        membership = known_membership(branch.data.dataset)
        facts[branch.name] = BranchFacts(
            classes=tuple(map(str, found.class_names.get(task.name, ()))),
            preprocessing=preprocessing_of(branch.data.dataset, found.size, network_size=(tree.size, tree.size)),
            # The list of files of a folder is in its labels.
            splits=membership.splits.model_copy(update={"file": ""}),
            metrics=()
            if reached is None
            else measured(named, [(tree.seed, reached.metrics)], "weights" if own else "run"),
            **compared(qualities, branch.name),
            environment=None if reached is None else reached.environment,
        )

    plans = [wanted(branch) for branch in tree.branches]
    network = TreeDNN.build(plan, tree.cut, plans)
    for run in expand(specification):
        match run:
            case GeneralisedRun() if run.tree == tree:
                fill(network, trained(run))
            case SpecialisedRun() if run.tree == tree:
                fill(network.branch(run.branch), trained(run))
                describe(run, tree.branch(run.branch))
            case GraftedRun() if run.tree == tree:
                plans.append(wanted(run.graft))
                branch = new_branch(network, plan, plans[-1])
                fill(branch, trained(run))
                network.graft(branch, run.graft.name)
                describe(run, run.graft)
    loader = loader_source(network, plan, plans) if has_loader(plan, plans) else ""
    return save_tree(network.eval(), folder, plan, plans, facts, study=specification.name, loader=loader)
