"""A deployed tree in use: the trunk stays in memory, a switch loads one branch."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from core.errors import FamilyError
from core.families.treednn.branch import Branch
from core.families.treednn.deployment import TRUNK_KEY
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import FileEntry, Manifest, read_manifest
from core.networks.checked_files import CheckedFiles
from core.training.federated import resized
from core.training.tensors import channels_first

_M = TypeVar("_M", bound=nn.Module)

_LENGTH_BYTES = 8
_MAX_HEADER = 10_000_000


class DeployedTree:
    """A tree saved by ``save_tree``, with its trunk and at most one branch in memory.

    Every file is checked against the manifest when it is read first: bytes, SHA-256, names and
    shapes of tensors, and the trunk that a branch was made for. Until its time or size on disk
    changes, the hash is not computed again, so that a switch costs reading and nothing else.

    Args:
        folder: Where the tree was saved.

    Raises:
        FamilyError: The folder, its manifest or its trunk can't be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.active: str | None = None
        self._files = CheckedFiles(folder)
        self._tree = skeleton(self.manifest)
        fill(self._tree.trunk, self.read(self.manifest.trunk), self.manifest.trunk)

    @property
    def names(self) -> tuple[str, ...]:
        """What the branches are called."""
        return self._tree.names

    @property
    def trunk(self) -> nn.Sequential:
        """The resident trunk."""
        return self._tree.trunk

    @property
    def branch(self) -> Branch:
        """The active branch.

        Raises:
            FamilyError: No branch was loaded yet.
        """
        if self.active is None:
            raise FamilyError(f"No branch is loaded. Switch to one of: {', '.join(self.names)}.")
        return self._tree.branch(self.active)

    @property
    def resident_bytes(self) -> int:
        """Bytes of all weights and statistics in memory now."""
        return stored_bytes(self._tree)

    def switch(self, name: str) -> None:
        """Load the branch called ``name`` and drop the one before; the trunk is not touched.

        A branch that can't be used leaves the one before as it was.

        Raises:
            FamilyError: There is no such branch, or its file is missing, truncated, changed, or
                was made for another trunk.
        """
        entry = self.manifest.branch(name)
        if name == self.active:
            return
        fill(self._tree.branch(name), self.read(entry), entry)
        self.leave()
        self.active = name

    def leave(self) -> None:
        """Drop the active branch; the trunk stays."""
        if self.active is not None:
            emptied(self._tree.branch(self.active))
        self.active = None

    def __call__(self, x: Tensor) -> Tensor:
        """Return the active branch's answer.

        Raises:
            FamilyError: No branch was loaded yet.
        """
        branch = self.branch
        with torch.inference_mode():
            out: Tensor = branch(self.trunk(x))
        return out

    def prepare(self, pictures: NDArray[np.uint8]) -> Tensor:
        """Return raw pictures of the active branch as the trunk takes them.

        Args:
            pictures: ``uint8 [n, height, width, 3]``, 0 to 255, in the size that its manifest names.

        Raises:
            FamilyError: No branch is loaded, its preprocessing is unknown, or the pictures have another form.
        """
        name = self.active
        steps = None if name is None else self.manifest.branch(name).about.preprocessing
        if name is None or steps is None:
            raise FamilyError("The preprocessing of this branch is unknown. Load a branch, or deploy the study again.")
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[1:] != (*steps.size, steps.channels):
            raise FamilyError(
                f"Pictures are {pictures.dtype} {list(pictures.shape)}. "
                f"{name} takes uint8 [n, {steps.size[0]}, {steps.size[1]}, {steps.channels}]."
            )
        x = torch.tensor(pictures).to(torch.float32)
        x = x.sub_(torch.tensor(steps.mean)).div_(torch.tensor(steps.std))
        return channels_first(resized(x, steps.network_size or steps.size))

    def read(self, entry: FileEntry) -> bytes:
        """Return the content of a file of the tree, checked.

        Raises:
            FamilyError: It is missing, truncated, changed, or made for another trunk.
        """
        trunk = self.manifest.trunk.sha256
        return self._files.read(
            entry.file, entry.bytes, entry.sha256, lambda content: check_trunk(entry.file, content, trunk)
        )


def skeleton(manifest: Manifest) -> TreeDNN:
    """Return the tree of a manifest in evaluation mode, with the shapes of its weights and no weights.

    Raises:
        FamilyError: The manifest's plans make no such tree, or one whose tensors are not in its files.
        BackboneError: Its builder is none that is known.
    """
    # Without memory for weights: forty branches that nobody saved would take a hundred gigabytes.
    with torch.device("meta"):
        tree = _built(manifest)
    _check_tensors(tree.trunk, manifest.trunk)
    for branch, entry in zip(tree.branches, manifest.branches, strict=True):
        _check_tensors(branch, entry)
    return emptied(_built(manifest)) if _has_fixed_tables(tree) else tree


def _built(manifest: Manifest) -> TreeDNN:
    with torch.random.fork_rng(devices=[]):
        tree = TreeDNN.build(manifest.backbone.plan, manifest.cut, [branch.plan for branch in manifest.branches])
    return tree.requires_grad_(False).eval()


def _check_tensors(module: nn.Module, entry: FileEntry) -> None:
    """Check that a module has the tensors that the manifest says are in its file."""
    own = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    if own != entry.tensors:
        wrong = next(name for name in [*own, *entry.tensors] if own.get(name) != entry.tensors.get(name))
        raise FamilyError(f'{entry.file} does not fit its plan at "{wrong[:80]}". Save the tree again.')


def _has_fixed_tables(module: nn.Module) -> bool:
    """Return whether a module computes with tensors that no file holds."""
    return any(
        part._non_persistent_buffers_set or any(isinstance(each, Tensor) for each in vars(part).values())
        for part in module.modules()
    )


def emptied(module: _M) -> _M:
    """Drop the weights and statistics of a module; what no file holds, such as fixed tables, stays."""
    for part in module.modules():
        for name, parameter in part._parameters.items():
            if parameter is not None:
                part._parameters[name] = nn.Parameter(parameter.to("meta"), requires_grad=False)
        for name, buffer in part._buffers.items():
            if buffer is not None and name not in part._non_persistent_buffers_set:
                part._buffers[name] = buffer.to("meta")
    return module


def fill(module: nn.Module, content: bytes, entry: FileEntry) -> None:
    """Put the tensors of a checked file into a module, without a copy.

    Raises:
        FamilyError: They are others than the module's.
    """
    try:
        tensors = load(content)
    except (SafetensorError, ValueError) as fault:
        raise FamilyError(f"{entry.file} is no safetensors file: {str(fault)[:80]}. Save the tree again.") from None
    own = module.state_dict()
    found = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in tensors.items()}
    expected = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in own.items()}
    if found != expected:
        wrong = next(name for name in [*expected, *found] if found.get(name) != expected.get(name))
        raise FamilyError(f'{entry.file} does not fit its plan at "{wrong[:80]}". Save the tree again.')
    module.load_state_dict(tensors, assign=True)


def check_trunk(name: str, content: bytes, trunk: str) -> None:
    """Check that a branch was made for a trunk.

    Args:
        name: Of the branch's file.
        content: What it holds.
        trunk: SHA-256 of the tree's trunk file.

    Raises:
        FamilyError: It was made for another one.
    """
    made_for = metadata_of(content).get(TRUNK_KEY)
    if made_for is not None and made_for != trunk:
        raise FamilyError(
            f"{name} is a branch made for another trunk ({str(made_for)[:8]} …, this one is {trunk[:8]} …). "
            "Take the branch that was saved with this trunk."
        )


def metadata_of(content: bytes) -> dict[str, Any]:
    """Return the metadata of a safetensors file; nothing where it can't be read."""
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    if length > min(_MAX_HEADER, len(content)):
        return {}
    try:
        found = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length]).get("__metadata__") or {}
    except (ValueError, RecursionError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def stored_bytes(*modules: nn.Module) -> int:
    """Return the bytes of weights and statistics that modules hold in memory, each tensor once."""
    held: Iterable[Tensor] = {
        id(tensor): tensor for module in modules for tensor in module.state_dict(keep_vars=True).values()
    }.values()
    return sum(tensor.numel() * tensor.element_size() for tensor in held if not tensor.is_meta)
