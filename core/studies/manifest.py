"""The manifest of an exported network: what it is, what it expects, what it reached. One schema for every export."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from core.backbones.division import MOST_UNITS
from core.bounded_number import Count, TaskIndex
from core.errors import DamageError, LayoutError, StudyError, way_out
from core.layouts import Layout
from core.runs.result import Environment
from core.runs.settings import HeadKind
from core.studies.documents import first_fault, read_json, write_json
from core.studies.task_entry import Entry, Preprocessing, Shape, Side, Splits, TaskEntry, Text, Unit
from core.tasks import MAX_TASKS

FORMAT: Final = "branchwise network"
VERSION: Final = 2
FILE: Final = "manifest.json"
MAX_BYTES: Final = 8_000_000
_SAFE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")

Role = Literal["source", "weights", "trunk", "branch", "splits", "units", "level", "predict", "onnx"]
# Pieces between any two of 64 units, and the levels of all tasks.
MAX_FILES: Final = 3000


class BlockEntry(Entry):
    """One block of the backbone."""

    name: Annotated[str, Field(max_length=2_000)]
    params: Count
    macs: Count
    output_shape: Shape = ()


class BackboneEntry(Entry):
    """The backbone and what makes it.

    Args:
        name: Its name.
        builder: Python expression that makes it; empty where there is none.
        factory: What makes it where that is no part of torchvision or Branchwise: ``MODULE:FUNCTION``, or one of timm.
        code: State of that code when it was trained; empty where it is of no author of a study.
        size: Height and width of its pictures.
        starts: Which of the blocks found start a block here; empty takes all of them.
        stem: ``small`` where first convolution and pooling keep the size of small pictures.
        heads: Which heads tasks with an answer per pixel have.
        blocks: From the input; empty where they were not listed.
    """

    name: Text = ""
    builder: Text = ""
    factory: Text = ""
    code: Text = ""
    size: tuple[Side, Side]
    starts: Annotated[tuple[Count, ...], Field(max_length=200)] = ()
    stem: Literal["small", "original"] = "original"
    heads: HeadKind = "light"
    blocks: Annotated[tuple[BlockEntry, ...], Field(max_length=200)] = ()


def not_made_words(factory: str) -> str:
    """Return why a backbone is not made from what a manifest says, and what to do."""
    return (
        f"The backbone of this folder is {factory[:80]}, which no file can make Branchwise import. Its load.py and "
        "predict.py run it with your own Python."
    )


# Within the class, ``bytes`` is the field.
Content = bytes


class FileEntry(Entry):
    """One file beside the manifest.

    Args:
        path: Its name in the folder.
        bytes: Its size.
        sha256: Hash of its content.
        role: What it holds.
        task: Whose branch or level, where it holds one.
        units: Between which units its weights are, where it holds such; none for the common channels.
        level: Which level's norms and head it holds, where it holds such.
        tensors: Name → shape, of weights.
    """

    path: Annotated[str, Field(pattern=_SAFE.pattern)]
    bytes: Annotated[int, Field(ge=0, lt=2**40)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    role: Role
    task: Annotated[str, Field(max_length=64)] = ""
    units: Annotated[tuple[Unit, ...], Field(max_length=2)] | None = None
    level: Unit | None = None
    tensors: Annotated[dict[str, Shape], Field(max_length=20_000)] = Field(default_factory=dict)

    @classmethod
    def of(
        cls,
        path: str,
        content: Content,
        role: Role,
        *,
        tensors: Mapping[str, tuple[int, ...]] | None = None,
        **which: Any,  # noqa: ANN401  # fields of the entry
    ) -> Self:
        """Return the entry of a file; ``which`` are further fields."""
        found = hashlib.sha256(content).hexdigest()
        return cls(path=path, bytes=len(content), sha256=found, role=role, tensors=dict(tensors or {}), **which)


class DivisionEntry(Entry):
    """How the channels of a virtual network are divided.

    Args:
        units: Into how many units.
        base: Share of the channels that every level has.
    """

    units: Annotated[int, Field(ge=2, le=MOST_UNITS)]
    base: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Manifest(Entry):
    """What an exported network is.

    Args:
        format: Always the same, so that a folder is recognised.
        version: Of this schema.
        family: Which family of networks.
        study: Name of the study it is from.
        backbone: Its blocks and what makes them.
        layout: Which tasks share each block, as nested lists of task indices.
        cut: Blocks of the trunk that stays in memory, of a TreeDNN.
        exits: Exits of a multi-path network; None for other families.
        units: Of a virtual network the units of each task in its order, those of a level where it is one level alone;
            None for other families.
        division: How its channels are divided; None for other families.
        tasks: In index order.
        preprocessing: Of all tasks; None where every task says its own, or nothing was trained.
        files: Beside the manifest.
        splits: Of all tasks; None where every task says its own.
        environment: Where it was trained; None where it was not.
        created_with: Program and version.
    """

    format: Literal["branchwise network"] = FORMAT
    version: Literal[2] = VERSION
    family: Text
    study: Text = ""
    backbone: BackboneEntry
    layout: Annotated[list[list[list[TaskIndex]]], Field(max_length=200)] | None = None
    cut: Annotated[int, Field(ge=0, le=200)] | None = None
    exits: Annotated[list[dict[str, Any]], Field(max_length=MAX_TASKS)] | None = None
    units: Annotated[list[Annotated[list[Unit], Field(max_length=MOST_UNITS)]], Field(max_length=MAX_TASKS)] | None = (
        None
    )
    division: DivisionEntry | None = None
    tasks: Annotated[tuple[TaskEntry, ...], Field(min_length=1, max_length=MAX_TASKS)]
    preprocessing: Preprocessing | None = None
    files: Annotated[tuple[FileEntry, ...], Field(max_length=MAX_FILES)] = ()
    splits: Splits | None = None
    environment: Environment | None = None
    created_with: Text = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        names, paths = [task.name for task in self.tasks], [file.path for file in self.files]
        if len({*names}) != len(names) or len({*paths}) != len(paths):
            raise ValueError("a task or a file is named twice")
        if sum(found is not None for found in (self.layout, self.exits, self.units)) != 1:
            raise ValueError("there should be exactly one of layout, exits and units")
        if (self.units is None) != (self.division is None):
            raise ValueError("units come with a division, and a division with units")
        if self.units is not None and self.division is not None:
            known = {*range(self.division.units)}
            if len(self.units) != len(names) or any(
                len({*units}) != len(units) or not {*units} <= known or not units for units in self.units
            ):
                raise ValueError("every task should have its units, each once and of those of the division")
        if self.layout is not None:
            try:
                n_tasks = Layout.of(self.layout).n_tasks
            except LayoutError as fault:
                raise ValueError(str(fault)) from None
            if n_tasks != len(names):
                raise ValueError("the layout has another number of tasks")
        return self

    def text(self) -> str:
        """Return the content of ``manifest.json``."""
        return write_json(self.model_dump(mode="json", exclude_none=True))

    def task(self, name: str) -> TaskEntry:
        """Return the entry of a task.

        Raises:
            StudyError: There is none of that name.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        raise StudyError(
            f"The manifest has no task {name[:64]!r}. Choose from: {', '.join(t.name for t in self.tasks)}."
        )

    def about(self) -> dict[str, Any]:
        """Return what an exported source says of itself: everything but structure, preprocessing and files."""
        document = self.model_dump(mode="json", exclude_none=True)
        known = ("metrics", "single_task", "constant")
        measured = {name: {task["name"]: task[name] for task in document["tasks"]} for name in known}
        kept = ("format", "version", "family", "study", "splits", "environment", "created_with")
        return {name: document[name] for name in kept if name in document} | measured


def read(content: bytes, what: str = FILE) -> Manifest:
    """Return the manifest in a file.

    Args:
        content: Of the file, at most 8 MB.
        what: What to call it in errors.

    Raises:
        StudyError: It is too large, no JSON, or no manifest of this version.
    """
    if len(content) > MAX_BYTES:
        raise StudyError(f"{what} is larger than {MAX_BYTES // 1_000_000} MB, so it is no manifest. Export it again.")
    with way_out("Export the network again."):
        document = read_json(content, what)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StudyError(f"{what} is no manifest of a network. Name a folder that Branchwise exported to.")
    with way_out("Export the network again."):
        return _manifest(document, what)


def _manifest(document: dict[str, Any], what: str) -> Manifest:
    if document.get("version") != VERSION:
        raise DamageError(
            f"{what} has version {str(document.get('version'))[:20]!r} of the manifest; this program reads {VERSION}."
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError as fault:
        raise DamageError(f"{what} is damaged: {first_fault(fault)[:200]}.") from None
    except RecursionError:
        raise DamageError(f"{what} is nested too deeply.") from None
