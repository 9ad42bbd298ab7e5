"""What one run gave."""

import base64
import binascii
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.bounded_number import Count, Positive, Seconds, Statistic, Steps
from core.errors import StudyError

Split = Literal["validation", "test"]
Metrics = dict[str, float]
SPLITS: Final[tuple[Split, Split]] = ("validation", "test")
# Fields of results written before there were payloads.
_EARLIER_FIELDS: Final = ("similarity", "losses", "rows", "digests", "alike", "switching")
_MAX_HALF: Final = 65504.0
# What a training writes is far shorter; a forged archive must not fill disk and memory.
_Short = Annotated[str, Field(max_length=300)]
_Extent = Annotated[int, Field(ge=1, le=100_000)]


class RunState(StrEnum):
    """How a run ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CurvePoint(BaseModel):
    """Training losses at one step."""

    # The last losses of a diverged run are infinite or NaN, which JSON has no number for.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    step: Steps
    losses: dict[str, float]


class Environment(BaseModel):
    """Where a run was trained, so that it can be compared and repeated.

    Args:
        device: ``cpu``, or the name of the GPU.
        machine: Operating system and processor.
        threads: Threads that torch computed with.
        versions: Library → version.
        instructions: CPU instruction sets that torch and oneDNN used; empty in results of earlier versions.
        precision: Numbers that steps of the training computed with; empty for ``float32``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: _Short
    machine: _Short
    threads: Annotated[int, Field(ge=0, le=1_000_000)]
    versions: Annotated[dict[_Short, _Short], Field(max_length=40)]
    instructions: _Short = ""
    precision: _Short = ""


class Preprocessing(BaseModel):
    """What is done to a picture before the network sees it: ``(value - mean) / std`` on 0 to ``range``.

    Args:
        size: Height and width that pictures are brought to.
        channels: Number of channels.
        mean: Subtracted from every channel.
        std: Divided by, in every channel.
        range: Largest value of a raw picture.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    size: tuple[_Extent, _Extent]
    channels: _Extent
    mean: tuple[Statistic, ...]
    std: tuple[Positive, ...]
    range: Positive

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not len(self.mean) == len(self.std) == self.channels:
            raise ValueError("mean and std should have one number for each channel")
        return self


class SampleScores(BaseModel):
    """One number per sample of a split: the quality of the prediction for one task.

    Args:
        score: ``correct`` (share of the sample's labels that are right, higher is better) or ``loss``
            (the training loss on the sample, lower is better).
        data: ``float16 [n_samples]``, little-endian, as base64 text; NaN where a sample has no label.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    score: Literal["correct", "loss"]
    data: str

    @classmethod
    def of(cls, score: Literal["correct", "loss"], values: NDArray[np.floating]) -> Self:
        """Return the scores of one task, ``[n_samples]``, to half precision."""
        half = np.clip(values.astype(np.float64), -_MAX_HALF, _MAX_HALF).astype("<f2")
        return cls(score=score, data=base64.b64encode(half.tobytes()).decode())

    def values(self) -> NDArray[np.float32]:
        """Return the scores, ``[n_samples]``.

        Raises:
            StudyError: The text is no array.
        """
        try:
            return np.frombuffer(base64.b64decode(self.data, validate=True), dtype="<f2").astype(np.float32)
        except (binascii.Error, ValueError):
            raise StudyError("The scores of samples are damaged. Train the run again.") from None


class RunResult(BaseModel):
    """Metrics, curve, duration and environment of one finished run.

    Args:
        state: Its state.
        sentence: Why it failed or stopped; empty when done.
        metrics: Split → task → metric → value, with the averaged weights.
        curve: Training losses over steps.
        steps: Optimiser steps made.
        seconds: Wall-clock seconds of training and evaluation.
        params: Parameters of the network, heads included.
        head_params: Parameters of its heads.
        environment: Machine and versions.
        payload: What only this kind of run measures, as the document of its ``payload_type``.
        samples: Split → task → score of every sample; empty in results of earlier versions.
        confusion: Split → task → counts ``[n_classes, n_classes]``, true class by answered class, of
            classification tasks; empty in results of earlier versions.
        classes: Task → what its classes are called, where they were counted and have names; their numbers else.
        constant: Split → task → metric → value of the best constant answer, which a network has to beat;
            empty in results of earlier versions.
        preprocessing: Preprocessing of pictures; None in results of earlier versions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    state: RunState
    sentence: str = ""
    metrics: dict[Split, dict[str, dict[str, float]]] = Field(default_factory=dict)
    curve: tuple[CurvePoint, ...] = ()
    steps: Steps = 0
    seconds: Seconds = 0.0
    params: Count = 0
    head_params: Count = 0
    environment: Environment
    payload: dict[str, Any] | None = None
    samples: dict[Split, dict[str, SampleScores]] = Field(default_factory=dict)
    confusion: dict[Split, dict[str, list[list[Count]]]] = Field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    constant: dict[Split, dict[str, Metrics]] = Field(default_factory=dict)
    preprocessing: Preprocessing | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_earlier(cls, document: Any) -> Any:  # noqa: ANN401  # any decoded document
        """Read results of versions that had one field for each kind instead of a payload."""
        if not isinstance(document, dict) or not (document.keys() & {*_EARLIER_FIELDS}):
            return document
        payload = {name: document[name] for name in _EARLIER_FIELDS if document.get(name)}
        rest = {name: value for name, value in document.items() if name not in _EARLIER_FIELDS}
        return {"payload": payload or None, **rest}

    @property
    def is_done(self) -> bool:
        """Whether it finished with a result."""
        return self.state is RunState.DONE
