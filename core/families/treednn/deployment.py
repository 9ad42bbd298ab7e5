"""A trained TreeDNN on disk: a trunk file, a file per branch, and a manifest that lists them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import save
from torch import nn

from core.errors import FamilyError, StudyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.network import TreeDNN
from core.networks.plan import BackbonePlan
from core.runs.result import Environment
from core.studies.documents import read_json, read_tasks, tasks_document, write_json
from core.studies.home import made, write_whole
from core.studies.manifest import MeasuredMetric, Preprocessing, Splits
from core.tasks import MAX_TASKS

MANIFEST: Final = "manifest.json"
MAX_MANIFEST: Final = 2_000_000
TRUNK_FILE: Final = "trunk.safetensors"
# Metadata of a branch file: the hash of the trunk it was trained on.
TRUNK_KEY: Final = "trunk"
_UNSAFE = re.compile(r"[^a-z0-9]+")
_SHORT: Final = 40

Shape = Annotated[tuple[int, ...], Field(max_length=8)]
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
    size: tuple[int, int]
    starts: Annotated[tuple[int, ...], Field(max_length=200)] = ()
    stem: Literal["small", "original"] = "original"

    @property
    def plan(self) -> BackbonePlan:
        """The plan as a value."""
        return BackbonePlan(self.builder, self.size, self.starts, self.stem)


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
    size: tuple[int, int]
    width: float = 1.0
    depth: int = 0
    about: BranchFacts = BranchFacts()

    @property
    def plan(self) -> BranchPlan:
        """The branch as a value."""
        (task,) = read_tasks([self.task])
        return BranchPlan(self.name, task, self.size, self.width, self.depth)


class Manifest(_Document):
    """What a folder with a deployed tree holds."""

    format: Literal["branchwise treednn"] = "branchwise treednn"
    version: Literal[1] = 1
    backbone: BackboneEntry
    cut: Annotated[int, Field(ge=0, le=200)]
    trunk: FileEntry
    branches: Annotated[tuple[BranchEntry, ...], Field(min_length=1, max_length=MAX_TASKS)]

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


def save_tree(
    tree: TreeDNN,
    folder: Path,
    plan: BackbonePlan,
    wanted: Sequence[BranchPlan],
    facts: Mapping[str, BranchFacts] | None = None,
) -> Manifest:
    """Write a trained TreeDNN as ``trunk.safetensors``, ``branch-NAME.safetensors`` each and ``manifest.json``.

    Args:
        tree: The tree; its weights and BatchNorm statistics are written.
        folder: Target folder; created if it is missing.
        plan: What its backbone is made from.
        wanted: What each branch is, in the order of the tree.
        facts: Branch → preprocessing, classes and metrics, where it was trained.

    A tree saved there before is replaced, with all its files.

    Raises:
        FamilyError: The plans are of other branches than the tree's, or the folder holds a manifest of something else.
        StudyError: The folder can't be written to, or the disk is full.
    """
    if tuple(branch.name for branch in wanted) != tree.names:
        raise FamilyError(f"The tree has the branches {', '.join(tree.names)}. Describe these, in that order.")
    former = _taken_down(folder)
    trunk = _write(tree.trunk, folder / TRUNK_FILE, {})
    entries, taken = [], set[str]()
    for branch in wanted:
        file = file_name(branch.name, taken)
        taken.add(file)
        written = _write(tree.branch(branch.name), folder / file, {TRUNK_KEY: trunk.sha256, "name": branch.name})
        (task,) = tasks_document([branch.task])
        entries.append(
            BranchEntry(
                **written.model_dump(),
                name=branch.name,
                task=task,
                size=branch.size,
                width=branch.width,
                depth=branch.depth,
                about=(facts or {}).get(branch.name, BranchFacts()),
            )
        )
    backbone = BackboneEntry(builder=plan.builder, size=plan.size, starts=plan.starts, stem=plan.stem)
    manifest = Manifest(backbone=backbone, cut=len(tree.trunk), trunk=trunk, branches=tuple(entries))
    # Last: only a folder with a manifest is a deployed tree, so an interrupted save is never opened.
    write_whole(folder / MANIFEST, write_json(manifest.model_dump(mode="json")).encode(), shared=True)
    for file in former - {TRUNK_FILE, *taken}:
        (folder / file).unlink(missing_ok=True)
    return manifest


def _taken_down(folder: Path) -> set[str]:
    """Remove the manifest of a tree from a folder, and return the names of its files."""
    path = folder / MANIFEST
    if not path.exists():
        return set()
    try:
        found = read_manifest(folder)
    except FamilyError:
        raise FamilyError(f"{path} is no manifest of a TreeDNN. Choose another folder, or remove it.") from None
    made(folder)
    # First: a folder whose removal is interrupted must not look like a complete tree.
    path.unlink()
    return {found.trunk.file, *(branch.file for branch in found.branches)}


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder holds; its files are not opened.

    Raises:
        FamilyError: It holds no manifest, or one that is damaged or contradicts itself.
    """
    path = folder / MANIFEST
    try:
        if path.stat().st_size > MAX_MANIFEST:
            raise FamilyError(f"{path} is larger than {MAX_MANIFEST // 1_000_000} MB, so it is no manifest.")
        content = path.read_bytes()
    except OSError as fault:
        raise FamilyError(
            f"{path} can't be read: {fault.strerror}. Name a folder that a TreeDNN was saved to."
        ) from None
    try:
        manifest = Manifest.model_validate(read_json(content, MANIFEST))
        names = [branch.plan.name for branch in manifest.branches]
    except (ValidationError, StudyError):
        raise FamilyError(f"{path} is damaged or no manifest of a TreeDNN. Save the tree again.") from None
    files = [branch.file for branch in manifest.branches]
    if len({*names}) != len(names) or len({*files, TRUNK_FILE}) != len(files) + 1:
        raise FamilyError(f"{path} names a branch or a file twice. Save the tree again.")
    return manifest


def file_name(name: str, taken: set[str]) -> str:
    """Return a file name for a branch: safe on any disk, and none of ``taken``.

    >>> file_name("Low digits (0–4)", set()), file_name("low digits 0 4", {"branch-low-digits-0-4.safetensors"})
    ('branch-low-digits-0-4.safetensors', 'branch-low-digits-0-4-2.safetensors')
    """
    stem = _UNSAFE.sub("-", name.lower()).strip("-")[:_SHORT] or "task"
    found, number = f"branch-{stem}.safetensors", 2
    while found in taken:
        found, number = f"branch-{stem}-{number}.safetensors", number + 1
    return found


def _write(module: nn.Module, path: Path, metadata: dict[str, str]) -> FileEntry:
    state = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in module.state_dict().items()}
    content = save(state, metadata=metadata or None)
    write_whole(path, content, shared=True)
    return FileEntry(
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        tensors={name: tuple(tensor.shape) for name, tensor in state.items()},
    )
