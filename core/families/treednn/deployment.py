"""A trained TreeDNN on disk: a trunk file, a file per branch, and a manifest that lists them."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from safetensors.torch import save
from torch import nn

from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
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
from core.networks.loader import LOADER_FILE
from core.networks.plan import BackbonePlan
from core.studies import manifest as common
from core.studies.documents import tasks_document
from core.studies.manifest_entries import made_by
from core.studies.network_files import PREDICT_FILE, file_name, predict_text, replace_files

# Metadata of a branch file: the hash of the trunk it was trained on.
TRUNK_KEY: Final = "trunk"


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
    former = _former(folder)
    trunk, content = _file(tree.trunk, TRUNK_FILE, {})
    entries, contents = [], {TRUNK_FILE: content}
    for branch in wanted:
        file = file_name("branch", branch.name, contents)
        metadata = {TRUNK_KEY: trunk.sha256, "name": branch.name}
        written, contents[file] = _file(tree.branch(branch.name), file, metadata)
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
    made = {} if plan.traced is None else made_by(plan.traced)
    backbone = BackboneEntry(
        builder="" if made else plan.builder,
        **made,
        size=plan.size,
        starts=plan.starts,
        stem=plan.stem,
        heads=plan.heads,
    )
    source = program = None
    if loader:
        contents[PREDICT_FILE] = predict_text()
        program = common.FileEntry.of(PREDICT_FILE, contents[PREDICT_FILE], "predict")
        contents[LOADER_FILE] = loader.encode()
        source = common.FileEntry.of(LOADER_FILE, contents[LOADER_FILE], "source")
    manifest = Manifest(
        study=study,
        backbone=backbone,
        cut=len(tree.trunk),
        trunk=trunk,
        branches=tuple(entries),
        source=source,
        program=program,
    )
    contents[MANIFEST] = common_manifest(manifest, len(plan.blocks())).text().encode()
    replace_files(folder, contents, former)
    return manifest


def _former(folder: Path) -> set[str]:
    """Return the names of the files of the tree that a folder holds."""
    path = folder / MANIFEST
    if not path.exists():
        return set()
    try:
        found = read_manifest(folder)
    except FamilyError:
        raise FamilyError(f"{path} is no manifest of a TreeDNN. Choose another folder, or remove it.") from None
    files = {found.trunk.file, *(branch.file for branch in found.branches)}
    return {*files, *(each.path for each in (found.source, found.program) if each is not None)}


def _file(module: nn.Module, name: str, metadata: dict[str, str]) -> tuple[FileEntry, bytes]:
    state = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in module.state_dict().items()}
    content = save(state, metadata=metadata or None)
    entry = FileEntry(
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        tensors={name: tuple(tensor.shape) for name, tensor in state.items()},
    )
    return entry, content
