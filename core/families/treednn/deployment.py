"""A trained TreeDNN on disk: a trunk file, a file per branch, and a manifest that lists them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from safetensors.torch import save
from torch import nn

from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.loader_source import FILE as LOADER_FILE
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import (
    MANIFEST,
    TRUNK_FILE,
    BackboneEntry,
    BranchEntry,
    BranchFacts,
    FileEntry,
    Manifest,
    common_manifest,
    read_manifest,
)
from core.networks.plan import BackbonePlan
from core.studies import manifest as common
from core.studies.documents import tasks_document
from core.studies.home import made, write_whole

# Metadata of a branch file: the hash of the trunk it was trained on.
TRUNK_KEY: Final = "trunk"
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")
_SHORT: Final = 40


def save_tree(
    tree: TreeDNN,
    folder: Path,
    plan: BackbonePlan,
    wanted: Sequence[BranchPlan],
    facts: Mapping[str, BranchFacts] | None = None,
    *,
    study: str = "",
    loader: str = "",
) -> Manifest:
    """Write a trained TreeDNN as ``trunk.safetensors``, ``branch-NAME.safetensors`` each and ``manifest.json``.

    Args:
        tree: The tree; its weights and BatchNorm statistics are written.
        folder: Target folder; created if it is missing.
        plan: What its backbone is made from.
        wanted: What each branch is, in the order of the tree.
        facts: Branch → preprocessing, classes and metrics, where it was trained.
        study: Name of the study it is from.
        loader: Source that loads it without Branchwise; empty writes none.

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
    source = None
    if loader:
        write_whole(folder / LOADER_FILE, loader.encode(), shared=True)
        source = common.FileEntry.of(LOADER_FILE, loader.encode(), "source")
    manifest = Manifest(
        study=study, backbone=backbone, cut=len(tree.trunk), trunk=trunk, branches=tuple(entries), source=source
    )
    # Last: only a folder with a manifest is a deployed tree, so an interrupted save is never opened.
    text = common_manifest(manifest, len(plan.blocks())).text()
    write_whole(folder / MANIFEST, text.encode(), shared=True)
    for file in former - {TRUNK_FILE, *taken, *([LOADER_FILE] if loader else [])}:
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
    files = {found.trunk.file, *(branch.file for branch in found.branches)}
    return files if found.source is None else {*files, found.source.path}


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
