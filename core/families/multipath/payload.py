"""What the runs of multi-path networks return besides metrics."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from core.bounded_number import Count, Share, Value
from core.families.multipath.exits import Exit
from core.runs.frozen import Frozen
from core.runs.result import Split
from core.runs.run import Payload

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=64)]
Above = Annotated[dict[Name, Annotated[tuple[Count, ...], Field(max_length=4096)]], Field(max_length=40)]
Derived = Annotated[dict[Name, Annotated[dict[Name, Share], Field(max_length=40)]], Field(max_length=40)]


class ExitRecord(Frozen):
    """What one path holds and computes, without its head; as ``Exit``."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")]
    params: Count
    macs: Count
    published_params: Count
    published_macs: Count
    output_shape: Annotated[tuple[Count, ...], Field(max_length=8)]

    @classmethod
    def of(cls, exit_: Exit) -> Self:
        """Return the record of an exit."""
        return cls(**{name: getattr(exit_, name) for name in cls.model_fields})


class MultiPathPayload(Payload):
    """What a multi-path network returns.

    Args:
        exits: From the input.
        head_params: Parameters of each task's head.
        teachers: Task → SHA-256 of its teacher's weights, the same before and after the training; empty without
            teachers.
        weights: Weight of each task's loss.
        derived: Split → coarse task → fine task → how often the coarse class of the fine answer is right, where each
            class of one task lies in one class of another.
        above: Coarse task → fine task → coarse class of each class of the fine task, for the same tasks.
    """

    exits: Annotated[tuple[ExitRecord, ...], Field(min_length=1, max_length=40)]
    head_params: Annotated[tuple[Count, ...], Field(max_length=40)]
    teachers: Annotated[dict[Name, Digest], Field(max_length=40)] = Field(default_factory=dict)
    weights: Annotated[tuple[Value, ...], Field(max_length=40)] = ()
    derived: dict[Split, Derived] = Field(default_factory=dict)
    above: Annotated[dict[Name, Above], Field(max_length=40)] = Field(default_factory=dict)


class LeavingPoint(Frozen):
    """One set of thresholds, and what they give on the test split.

    Args:
        wanted: Share of right answers that those who leave at an exit have on the validation split.
        thresholds: Confidence from which a picture leaves, for each exit but the last; above 1 where none does.
        shares: Share of the test pictures that leave at each exit, ``[n_exits]``.
        accuracy: Share of right answers on the test split.
        macs: Mean multiply-accumulates of the paths on a test picture, without heads.
    """

    # Above 1 where none is to leave.
    wanted: Annotated[float, Field(ge=0, le=2)]
    thresholds: Annotated[tuple[Annotated[float, Field(ge=0, le=2)], ...], Field(max_length=40)]
    shares: Annotated[tuple[Share, ...], Field(max_length=40)]
    accuracy: Share
    macs: Annotated[float, Field(ge=0, lt=2**53)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.shares) != len(self.thresholds) + 1:
            raise ValueError("there should be a threshold for each exit but the last")
        return self


class MatrixPayload(Payload):
    """What a network with a head of every task at every exit returns.

    Args:
        exits: From the input.
        head_params: Parameters of the heads, ``[n_tasks][n_exits]``.
        metrics: Split → task → metrics at each exit.
        leaving: Task → early leaving by confidence, for classification.
        weights: Weight of each task's losses.
    """

    exits: Annotated[tuple[ExitRecord, ...], Field(min_length=1, max_length=40)]
    head_params: Annotated[tuple[Annotated[tuple[Count, ...], Field(max_length=40)], ...], Field(max_length=40)]
    metrics: dict[Split, dict[Name, Annotated[tuple[dict[str, Value], ...], Field(max_length=40)]]]
    leaving: dict[Name, Annotated[tuple[LeavingPoint, ...], Field(max_length=200)]] = Field(default_factory=dict)
    weights: Annotated[tuple[Value, ...], Field(max_length=40)] = ()


def records_of(exits: Sequence[Exit]) -> tuple[ExitRecord, ...]:
    """Return the records of exits."""
    return tuple(map(ExitRecord.of, exits))
