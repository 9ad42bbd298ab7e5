"""The manifest of an exported network: what it is, what it expects, what it reached. One schema for every export."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.backbones.division import MOST_UNITS
from core.bounded_number import Count, Positive, Spread, Statistic, TaskIndex, Value
from core.errors import LayoutError, StudyError
from core.layouts import Layout
from core.runs.result import Environment
from core.runs.settings import HeadKind
from core.studies.documents import first_fault, read_json, write_json
from core.tasks import MAX_TASKS

FORMAT: Final = "branchwise network"
VERSION: Final = 2
FILE: Final = "manifest.json"
MAX_BYTES: Final = 8_000_000
_SAFE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")

Side = Annotated[int, Field(ge=1, le=100_000)]
Text = Annotated[str, Field(max_length=300)]
Shape = Annotated[tuple[Count, ...], Field(max_length=8)]
Unit = Annotated[int, Field(ge=0, lt=MOST_UNITS)]
# Of a branch beside the backbone's: channels, and blocks added.
Width = Annotated[float, Field(gt=0, le=4)]
Depth = Annotated[int, Field(ge=-40, le=40)]
Split = Literal["train", "validation", "test"]
Role = Literal["source", "weights", "trunk", "branch", "splits", "units", "level", "predict", "onnx"]
# Pieces between any two of 64 units, and the levels of all tasks.
MAX_FILES: Final = 3000


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Preprocessing(_Document):
    """What is done to a picture: stretched to ``size`` as RGB, then ``(value - mean) / std`` on 0 to ``range``.

    Args:
        size: Height and width that a picture is brought to.
        channels: Number of channels.
        mean: Subtracted from every channel.
        std: Divided by, in every channel.
        range: Largest value of a raw picture.
        keep_aspect: Whether proportions are kept.
        fit: How a picture that is no square becomes one: stretched, padded with black, or cropped in the middle.
        resize: How pictures are resized; ``none`` where they were made in that size and others are refused.
        reducing_gap: As Pillow's ``resize`` has it.
        network_size: Height and width that the network takes, where another; numbers are interpolated
            bilinearly, antialiased, after ``mean`` and ``std``.
    """

    size: tuple[Side, Side]
    channels: Annotated[int, Field(ge=1, le=64)] = 3
    mean: tuple[Statistic, ...]
    std: tuple[Positive, ...]
    range: Positive = 255.0
    keep_aspect: bool = False
    fit: Literal["stretch", "pad", "crop"] = "stretch"
    resize: Literal["bilinear", "bicubic", "none"] = "bilinear"
    reducing_gap: Annotated[float, Field(ge=1, le=1_000)] | None = None
    network_size: tuple[Side, Side] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not len(self.mean) == len(self.std) == self.channels:
            raise ValueError("mean and std should have one number for each channel")
        if self.keep_aspect == (self.fit == "stretch"):
            raise ValueError("proportions are kept where a picture is padded or cropped, and only there")
        return self


class MeasuredMetric(_Document):
    """One value that was measured.

    Args:
        name: Of the metric.
        higher_is_better: Its direction.
        unit: Its unit; empty where it has none.
        split: On which samples.
        value: Mean over the seeds.
        seeds: Seeds of the networks it was measured with.
        of: ``weights`` where it was measured with the weights beside the manifest; ``run`` where the same run gave
            it, perhaps in another training.
    """

    name: Text
    higher_is_better: bool
    unit: Text = ""
    split: Literal["validation", "test"]
    value: Value
    seeds: tuple[Count, ...]
    of: Literal["weights", "run"] = "run"


class LevelEntry(_Document):
    """One level of a task of a virtual network.

    Args:
        params: Parameters of its plain network, head included.
        resident_bytes: Bytes of weights and statistics in memory.
        read_bytes: Bytes of the files that it needs.
        increment_bytes: Bytes of those among them that the level below doesn't need.
        metrics: What was measured, by split.
    """

    params: Count
    resident_bytes: Count
    read_bytes: Count
    increment_bytes: Count
    metrics: Annotated[tuple[MeasuredMetric, ...], Field(max_length=100)] = ()


class TaskEntry(_Document):
    """One task: its head's outputs and what they mean.

    Args:
        name: Its name.
        kind: What it predicts.
        n_outputs: Outputs of its head.
        classes: What its classes or labels are called, in the order of the outputs; empty where they have no names.
        metrics: What was measured, by split.
        single_task: The same of networks of this task alone, where some are trained.
        constant: The same of the best answer that does not look at the picture; empty in earlier versions.
        warnings: What is wrong with the task, in sentences.
        mean: Of the numbers of a regression task over the training split; the head's outputs are in the same unit.
        std: Their standard deviations, in times of which their losses are.
        size: Height and width of the answer, where it is a map.
        preprocessing: Where this task has pictures of its own; else the manifest's.
        splits: The same for the membership of the splits.
        width: Channels of the task's branch in times of the backbone's.
        depth: Blocks added to or taken from it.
        levels: Of a virtual network, from the smallest; None for other networks and for one level alone.
    """

    name: Annotated[str, Field(max_length=64)]
    kind: Text
    n_outputs: Annotated[int, Field(ge=1, le=100_000)]
    classes: Annotated[tuple[Text, ...], Field(max_length=100_000)] = ()
    metrics: Annotated[tuple[MeasuredMetric, ...], Field(max_length=100)] = ()
    single_task: Annotated[tuple[MeasuredMetric, ...], Field(max_length=100)] = ()
    constant: Annotated[tuple[MeasuredMetric, ...], Field(max_length=100)] = ()
    warnings: Annotated[tuple[Annotated[str, Field(max_length=2_000)], ...], Field(max_length=10)] = ()
    mean: Annotated[tuple[Value, ...], Field(max_length=10_000)] = ()
    std: Annotated[tuple[Spread, ...], Field(max_length=10_000)] = ()
    size: tuple[Side, Side] | None = None
    preprocessing: Preprocessing | None = None
    splits: "Splits | None" = None
    width: Width = 1.0
    depth: Depth = 0
    levels: Annotated[tuple[LevelEntry, ...], Field(max_length=MOST_UNITS)] | None = None


class BlockEntry(_Document):
    """One block of the backbone."""

    name: Annotated[str, Field(max_length=2_000)]
    params: Count
    macs: Count
    output_shape: Shape = ()


class BackboneEntry(_Document):
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


class FileEntry(_Document):
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


class Splits(_Document):
    """Which picture belongs to which split.

    Args:
        rule: The data set with its sizes and seed: the same rule always gives the same splits.
        counts: Split → pictures, where they were counted.
        file: File that lists every picture with its split; empty where the rule alone says it.
    """

    rule: dict[str, Any]
    counts: dict[Split, Count] = Field(default_factory=dict)
    file: Text = ""


class DivisionEntry(_Document):
    """How the channels of a virtual network are divided.

    Args:
        units: Into how many units.
        base: Share of the channels that every level has.
    """

    units: Annotated[int, Field(ge=2, le=MOST_UNITS)]
    base: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Manifest(_Document):
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
    document = read_json(content, what)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StudyError(f"{what} is no manifest of a network. Name a folder that Branchwise exported to.")
    if document.get("version") != VERSION:
        raise StudyError(
            f"{what} has version {str(document.get('version'))[:20]!r} of the manifest; this program reads {VERSION}. "
            "Export the network again."
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError as fault:
        raise StudyError(f"{what} is damaged: {first_fault(fault)[:200]}. Export the network again.") from None
    except RecursionError:
        raise StudyError(f"{what} is nested too deeply. Export the network again.") from None
