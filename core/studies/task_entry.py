"""What a manifest says of one task: its head, its metrics, its pictures and their splits."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.backbones.division import MOST_UNITS
from core.bounded_number import Count, Positive, Spread, Statistic, Value

Side = Annotated[int, Field(ge=1, le=100_000)]
Text = Annotated[str, Field(max_length=300)]
Shape = Annotated[tuple[Count, ...], Field(max_length=8)]
Unit = Annotated[int, Field(ge=0, lt=MOST_UNITS)]
# Of a branch beside the backbone's: channels, and blocks added.
Width = Annotated[float, Field(gt=0, le=4)]
Depth = Annotated[int, Field(ge=-40, le=40)]
Split = Literal["train", "validation", "test"]


class Entry(BaseModel):
    """Base of every part of a manifest: unknown keys, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Preprocessing(Entry):
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


class MeasuredMetric(Entry):
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


class Splits(Entry):
    """Which picture belongs to which split.

    Args:
        rule: The data set with its sizes and seed: the same rule always gives the same splits.
        counts: Split → pictures, where they were counted.
        file: File that lists every picture with its split; empty where the rule alone says it.
    """

    rule: dict[str, Any]
    counts: dict[Split, Count] = Field(default_factory=dict)
    file: Text = ""


class LevelEntry(Entry):
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


class TaskEntry(Entry):
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
    splits: Splits | None = None
    width: Width = 1.0
    depth: Depth = 0
    levels: Annotated[tuple[LevelEntry, ...], Field(max_length=MOST_UNITS)] | None = None
