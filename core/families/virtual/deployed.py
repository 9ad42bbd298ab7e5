"""A deployed virtual network in use: one task's level in memory, a switch reads what is not there."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from core.backbones.division import Division
from core.errors import BranchwiseError, FamilyError, StudyError
from core.families.virtual.deployment import PIECE, VirtualPlan
from core.families.virtual.network import Place
from core.networks.checked_files import CheckedFiles
from core.networks.plan import BackbonePlan
from core.networks.unit_weights import Pair
from core.regular_file import bounded_bytes
from core.studies.documents import read_tasks, tasks_document
from core.studies.manifest import FILE, MAX_BYTES, FileEntry, Manifest, not_made_words, read
from core.tasks import Kind, Task
from core.training.tensors import channels_first

_SHORT = 80


class DeployedVirtual:
    """A virtual network that ``branchwise deploy`` wrote.

    The manifest has to name the files of a network that its plan makes, with the shapes of its tensors. Every file is
    checked against it when it is read first: bytes and SHA-256.

    Args:
        folder: Where it was written to.

    Raises:
        FamilyError: The folder or its manifest can't be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_virtual(folder)
        self.plan = plan_of(self.manifest)
        self.pieces, self.levels = _files_of(self.manifest, self.plan)
        self._files = CheckedFiles(folder)
        self.loaded = self.plan.loaded(self._piece, self._own)

    @property
    def names(self) -> tuple[str, ...]:
        """What the tasks are called."""
        return tuple(task.name for task in self.plan.tasks)

    @property
    def n_levels(self) -> int:
        """Number of levels of each task."""
        return self.plan.division.n_units

    def place(self, task: str, level: int) -> Place:
        """Return the numbers of a task and level.

        Raises:
            FamilyError: There is no such task or level.
        """
        if task not in self.names:
            raise FamilyError(f'There is no task "{task[:_SHORT]}". Choose from: {", ".join(self.names)[:300]}.')
        # Applications call this: what a type checker would refuse is refused here, too.
        if type(level) is not int or not 0 <= level < self.n_levels:
            raise FamilyError(
                f"There is no level {str(level)[:40]}. Choose a whole number from 0 to {self.n_levels - 1}."
            )
        return self.names.index(task), level

    def switch(self, task: str, level: int) -> None:
        """Load a level of a task: what is there stays, the rest is read.

        What can't be used leaves the level before as it was.

        Raises:
            FamilyError: There is no such task or level, or a file is missing, truncated or changed.
        """
        self.loaded.switch(task, self.plan.units(self.place(task, level)))

    def choose(self, task: str, memory: int) -> None:
        """Load the highest level of a task that fits into some bytes of memory.

        Raises:
            FamilyError: As ``switch``, or not even the first level fits.
        """
        number, _ = self.place(task, 0)
        levels = self.manifest.tasks[number].levels
        assert levels is not None
        fitting = [level for level, entry in enumerate(levels) if entry.resident_bytes <= memory]
        if not fitting:
            raise FamilyError(
                f'The first level of "{task}" takes {levels[0].resident_bytes:,} bytes of memory. Allow as many.'
            )
        self.switch(task, fitting[-1])

    def needed(self, task: str, level: int) -> list[FileEntry]:
        """Return the files that a switch to a task's level would read now.

        Raises:
            FamilyError: There is no such task or level.
        """
        place = self.place(task, level)
        if (task, level) == (self.loaded.task, self.loaded.level):
            return []
        return [
            *(self.pieces[pair] for pair in self.loaded.weights.missing(self.plan.units(place))),
            self.levels[place],
        ]

    def leave(self) -> None:
        """Drop the level."""
        self.loaded.leave()

    @property
    def resident_bytes(self) -> int:
        """Bytes of all weights and statistics in memory now."""
        return self.loaded.resident_bytes

    def __call__(self, x: Tensor) -> Tensor:
        """Return the output of the level that is loaded.

        Raises:
            FamilyError: None is.
        """
        if self.loaded.task is None:
            raise FamilyError(f"No level is loaded. Switch to a task: {', '.join(self.names)[:300]}.")
        return self.loaded(x)

    def prepare(self, pictures: NDArray[np.uint8]) -> Tensor:
        """Return raw pictures of the loaded task as the network takes them.

        Args:
            pictures: ``uint8 [n, height, width, 3]``, 0 to 255, in the size that the manifest names.

        Raises:
            FamilyError: No level is loaded, the preprocessing is unknown, or the pictures have another form.
        """
        name = self.loaded.task
        steps = None if name is None else self.manifest.task(name).preprocessing or self.manifest.preprocessing
        if steps is None:
            raise FamilyError("The preprocessing of this task is unknown. Load a level, or deploy the study again.")
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[1:] != (*steps.size, steps.channels):
            raise FamilyError(
                f"Pictures are {pictures.dtype} {list(pictures.shape)}. "
                f"{name} takes uint8 [n, {steps.size[0]}, {steps.size[1]}, {steps.channels}]."
            )
        x = torch.tensor(pictures).to(torch.float32)
        return channels_first(x.sub_(torch.tensor(steps.mean)).div_(torch.tensor(steps.std)))

    def _piece(self, pair: Pair) -> Tensor:
        return self._read(self.pieces[pair])[PIECE]

    def _own(self, task: str, level: int) -> dict[str, Tensor]:
        return self._read(self.levels[self.place(task, level)])

    def _read(self, entry: FileEntry) -> dict[str, Tensor]:
        content = self._files.read(entry.path, entry.bytes, entry.sha256)
        try:
            found = load(content)
        except (SafetensorError, ValueError) as fault:
            raise FamilyError(f"{entry.path} is no safetensors file: {str(fault)[:_SHORT]}. Deploy it again.") from None
        if {name: tuple(tensor.shape) for name, tensor in found.items()} != entry.tensors:
            raise FamilyError(f"{entry.path} holds other tensors than the manifest says. Deploy it again.")
        return found


def read_virtual(folder: Path) -> Manifest:
    """Return the manifest of a deployed virtual network; its files are not opened.

    Raises:
        FamilyError: There is none, it is damaged, or of another network.
    """
    path = folder / FILE
    try:
        found = read(bounded_bytes(path, MAX_BYTES), str(path))
    except OSError as fault:
        raise FamilyError(
            f"{path} can't be read: {fault.strerror}. Name a folder that a study was deployed to."
        ) from None
    except StudyError as fault:
        raise FamilyError(str(fault)) from None
    if found.division is None or found.units is None or any(task.levels is None for task in found.tasks):
        raise FamilyError(
            f"{path} is no manifest of a deployed virtual network. Name a folder that one was deployed to."
        )
    return found


def plan_of(manifest: Manifest) -> VirtualPlan:
    """Return the structure that a manifest names.

    Raises:
        FamilyError: It names none, or one that can't be cut into its units.
    """
    made, entry = manifest.backbone, manifest.division
    assert entry is not None
    if made.factory:
        raise FamilyError(not_made_words(made.factory))
    try:
        tasks = tuple(Task.usual(task.name, Kind(task.kind), task.n_outputs) for task in manifest.tasks)
        read_tasks(tasks_document(tasks))
        found = VirtualPlan(
            BackbonePlan(made.builder, made.size, made.starts, made.stem, heads=made.heads),
            Division(entry.units, entry.base),
            tuple(map(tuple, manifest.units or [])),
            tasks,
        )
        _ = found.blocks
    except (BranchwiseError, ValueError, RuntimeError) as fault:
        reason = " ".join(str(fault).split())[:200].removesuffix(".")
        raise FamilyError(f"{FILE} names no virtual network that can be made: {reason}. Deploy it again.") from None
    return found


def _files_of(manifest: Manifest, plan: VirtualPlan) -> tuple[dict[Pair, FileEntry], dict[Place, FileEntry]]:
    """Return the file of each piece and of each level after checking that all are there and hold what they should."""
    weights, names = plan.unit_weights(), [task.name for task in plan.tasks]
    listed = {role: [file for file in manifest.files if file.role == role] for role in ("units", "level")}
    pieces = {file.units: file for file in listed["units"] if file.units is not None}
    levels = {
        (names.index(file.task), file.level): file
        for file in listed["level"]
        if file.task in names and file.level is not None
    }
    n_files = len(pieces) + len(levels)
    if n_files != sum(map(len, listed.values())) or pieces.keys() != {*plan.pairs} or levels.keys() != {*plan.places}:
        raise FamilyError(f"{FILE} lists other pieces or levels than its network has. Deploy it again.")
    for task in manifest.tasks:
        if len(task.levels or ()) != plan.division.n_units:
            raise FamilyError(f'{FILE} has another number of levels of "{task.name}" than units. Deploy it again.')
    shapes: dict[str, dict[str, tuple[int, ...]]] = {
        file.path: {PIECE: (weights.size(pair),)} for pair, file in pieces.items()
    }
    shapes |= {file.path: plan.own_shapes(place) for place, file in levels.items()}
    for file in (*pieces.values(), *levels.values()):
        if file.tensors != shapes[file.path]:
            raise FamilyError(f"{file.path} does not fit the network of {FILE}. Deploy it again.")
    return pieces, levels
