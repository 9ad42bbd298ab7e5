"""The manifest of a deployed tree: the one that every export has, and that of earlier versions."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.bounded_number import Count
from core.errors import DataError, FamilyError, StudyError
from core.families.treednn.branch import BranchPlan
from core.layouts import Layout
from core.networks.plan import BackbonePlan
from core.regular_file import bounded_bytes
from core.runs.result import Environment
from core.runs.settings import HeadKind
from core.studies import manifest as common
from core.studies.documents import read_json, read_tasks, tasks_document
from core.studies.manifest_entries import created_with
from core.studies.task_entry import Depth, MeasuredMetric, Preprocessing, Shape, Side, Splits, TaskEntry, Width
from core.tasks import MAX_TASKS, Kind, Task

MANIFEST: Final = common.FILE
MAX_MANIFEST: Final = common.MAX_BYTES
TRUNK_FILE: Final = "trunk.safetensors"
FAMILY: Final = "treednn"

Name = Annotated[str, Field(pattern=r"^(trunk|branch-[a-z0-9-]{1,60})\.safetensors$")]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FileEntry(_Document):
    """One file: its name in the folder, its SHA-256, its bytes and the shapes of its tensors."""

    file: Name
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0, lt=2**40)]
    tensors: Annotated[dict[str, Shape], Field(max_length=20_000)]


class BackboneEntry(_Document):
    """How the blocks are made; see ``BackbonePlan``."""

    builder: Annotated[str, Field(max_length=300)]
    factory: Annotated[str, Field(max_length=300)] = ""
    code: Annotated[str, Field(max_length=300)] = ""
    size: tuple[Side, Side]
    starts: Annotated[tuple[Count, ...], Field(max_length=200)] = ()
    stem: Literal["small", "original"] = "original"
    heads: HeadKind = "light"

    @property
    def plan(self) -> BackbonePlan:
        """The plan as a value.

        Raises:
            FamilyError: The backbone is made by code that nothing in a folder can make Branchwise import.
        """
        if self.factory:
            raise FamilyError(common.not_made_words(self.factory))
        return BackbonePlan(self.builder, self.size, self.starts, self.stem, heads=self.heads)


class BranchFacts(_Document):
    """What an application must know to use a branch; empty in manifests of earlier versions.

    Args:
        classes: What the classes or labels are called, in the order of the outputs.
        preprocessing: What is done to a picture.
        splits: Which pictures it learned from.
        metrics: What was measured, with split and seeds.
        single_task: The same of dedicated networks.
        constant: The same of the best answer that does not look at the picture.
        warnings: What is wrong with the task, in sentences.
        environment: Where it was trained.
    """

    classes: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
    splits: Splits | None = None
    metrics: tuple[MeasuredMetric, ...] = ()
    single_task: tuple[MeasuredMetric, ...] = ()
    constant: tuple[MeasuredMetric, ...] = ()
    warnings: tuple[str, ...] = ()
    environment: Environment | None = None


class BranchEntry(FileEntry):
    """One branch: its file, and what it is."""

    name: Annotated[str, Field(max_length=64)]
    task: dict[str, Any]
    size: tuple[Side, Side]
    width: Width = 1.0
    depth: Depth = 0
    about: BranchFacts = BranchFacts()

    @property
    def plan(self) -> BranchPlan:
        """The branch as a value."""
        (task,) = read_tasks([self.task])
        return BranchPlan(self.name, task, self.size, self.width, self.depth)


class Manifest(_Document):
    """What a folder with a deployed tree holds; earlier versions wrote it as it is.

    Args:
        format: Of earlier versions.
        version: Of the same.
        study: Name of the study it is from.
        backbone: What makes its blocks.
        cut: Blocks of the trunk.
        trunk: Its file.
        branches: Of every task.
        source: The loader that needs no Branchwise, where there is one.
        program: What answers pictures with it from the command line.
    """

    format: Literal["branchwise treednn"] = "branchwise treednn"
    version: Literal[1] = 1
    study: Annotated[str, Field(max_length=300)] = ""
    backbone: BackboneEntry
    cut: Annotated[int, Field(ge=0, le=200)]
    trunk: FileEntry
    branches: Annotated[tuple[BranchEntry, ...], Field(min_length=1, max_length=MAX_TASKS)]
    source: common.FileEntry | None = None
    program: common.FileEntry | None = None

    def branch(self, name: str) -> BranchEntry:
        """Return the entry of a branch.

        Raises:
            FamilyError: There is none of that name.
        """
        for branch in self.branches:
            if branch.name == name:
                return branch
        names = ", ".join(branch.name for branch in self.branches)
        raise FamilyError(f'The tree has no branch "{name[:80]}". Choose from: {names}.')

    @property
    def tree_bytes(self) -> int:
        """Bytes on disk of the trunk and every branch."""
        return self.trunk.bytes + sum(branch.bytes for branch in self.branches)


def common_manifest(found: Manifest, n_blocks: int) -> common.Manifest:
    """Return what a folder holds as the manifest that every export has.

    Args:
        found: What the folder holds.
        n_blocks: Blocks of the backbone, trunk included.
    """
    names = [branch.name for branch in found.branches]
    together, apart = Layout.all_shared(len(names), 1).to_json(), Layout.all_split(len(names), 1).to_json()
    environments = [branch.about.environment for branch in found.branches]
    files = [_file(found.trunk, "trunk"), *(_file(branch, "branch", branch.name) for branch in found.branches)]
    return common.Manifest(
        family=FAMILY,
        study=found.study,
        backbone=common.BackboneEntry(**found.backbone.model_dump()),
        layout=[*together * found.cut, *apart * (n_blocks - found.cut)],
        cut=found.cut,
        tasks=tuple(_task(branch) for branch in found.branches),
        files=(*files, *(each for each in (found.source, found.program) if each is not None)),
        environment=environments[0] if all(each == environments[0] for each in environments) else None,
        created_with=created_with(),
    )


def _file(entry: FileEntry, role: Literal["trunk", "branch"], task: str = "") -> common.FileEntry:
    return common.FileEntry(
        path=entry.file, bytes=entry.bytes, sha256=entry.sha256, role=role, task=task, tensors=entry.tensors
    )


def _task(branch: BranchEntry) -> TaskEntry:
    about = branch.about.model_dump(exclude={"environment"})
    kind, n_outputs = branch.task["kind"], branch.task["n_outputs"]
    plan: dict[str, Any] = {name: branch.task[name] for name in ("mean", "std") if name in branch.task}
    plan |= {"size": branch.size, "width": branch.width, "depth": branch.depth}
    return TaskEntry(name=branch.name, kind=kind, n_outputs=n_outputs, **about, **plan)


def _of_common(found: common.Manifest) -> Manifest:
    files = {(file.role, file.task): file for file in found.files}
    if len(files) != len(found.files) or found.cut is None:
        raise FamilyError("A file is named twice.")
    own = {
        name: FileEntry(file=f.path, sha256=f.sha256, bytes=f.bytes, tensors=f.tensors)
        for name, f in files.items()
        if name[0] in ("trunk", "branch")
    }
    about = {*BranchFacts.model_fields} - {"environment"}
    branches = []
    for task in found.tasks:
        usual = Task.usual(task.name, Kind(task.kind), task.n_outputs)
        (document,) = tasks_document([replace(usual, mean=task.mean, std=task.std)])
        facts = BranchFacts(**{name: getattr(task, name) for name in about}, environment=found.environment)
        branches.append(
            BranchEntry(
                **own["branch", task.name].model_dump(),
                name=task.name,
                task=document,
                size=task.size or found.backbone.size,
                width=task.width,
                depth=task.depth,
                about=facts,
            )
        )
    kept = found.backbone.model_dump(include={*BackboneEntry.model_fields})
    return Manifest(
        study=found.study,
        backbone=BackboneEntry(**kept),
        cut=found.cut,
        trunk=own["trunk", ""],
        branches=tuple(branches),
        source=files.get(("source", "")),
        program=files.get(("predict", "")),
    )


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder holds; its files are not opened.

    Raises:
        FamilyError: It holds no manifest, or one that is damaged or contradicts itself.
    """
    path = folder / MANIFEST
    try:
        content = bounded_bytes(path, MAX_MANIFEST)
        if len(content) > MAX_MANIFEST:
            raise FamilyError(f"{path} is larger than {MAX_MANIFEST // 1_000_000} MB, so it is no manifest.")
    except OSError as fault:
        raise FamilyError(
            f"{path} can't be read: {fault.strerror}. Name a folder that a TreeDNN was saved to."
        ) from None
    try:
        document = read_json(content, MANIFEST)
        if isinstance(document, dict) and document.get("format") == common.FORMAT:
            manifest = _of_common(common.read(content, MANIFEST))
        else:
            manifest = Manifest.model_validate(document)
        names = [branch.plan.name for branch in manifest.branches]
    except DataError as fault:
        raise FamilyError(f"{path} is no manifest of a TreeDNN: {fault}") from None
    except (StudyError, KeyError, ValueError):
        raise FamilyError(f"{path} is damaged or no manifest of a TreeDNN. Save the tree again.") from None
    files = [branch.file for branch in manifest.branches]
    if len({*names}) != len(names) or len({*files, TRUNK_FILE}) != len(files) + 1:
        raise FamilyError(f"{path} names a branch or a file twice. Save the tree again.")
    return manifest
