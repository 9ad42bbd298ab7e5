"""What one run gave."""

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.errors import StudyError

Split = Literal["validation", "test"]
Metrics = dict[str, float]


class RunState(StrEnum):
    """How a run ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CurvePoint(BaseModel):
    """Training losses at one step."""

    # A diverged run's last losses are kept as they were; JSON has no number for them.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    step: int
    losses: dict[str, float]


class Environment(BaseModel):
    """Where a run was trained: enough to doubt or repeat it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    machine: str
    threads: int
    versions: dict[str, str]


class SampleLosses(BaseModel):
    """Validation losses sample by sample, as a run of recombined networks gives them.

    Args:
        targets: The tasks that were solved.
        data: ``float32 [n_targets, n_samples]``, little-endian, as base64 text; NaN where a sample has no label.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    targets: tuple[str, ...]
    data: str

    @classmethod
    def of(cls, losses: Mapping[str, NDArray[np.floating]]) -> Self:
        """Keep the losses of some targets, ``[n_samples]`` each."""
        values = np.stack([*losses.values()]).astype("<f4")
        return cls(targets=tuple(losses), data=base64.b64encode(values.tobytes()).decode())

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Give target → losses, ``[n_samples]``.

        Raises:
            StudyError: The text is no array of as many targets.
        """
        try:
            values = np.frombuffer(base64.b64decode(self.data, validate=True), dtype="<f4")
            rows = values.reshape(len(self.targets), -1).astype(np.float32)
        except (binascii.Error, ValueError):
            raise StudyError("The losses of recombined networks are damaged. Train them again.") from None
        return dict(zip(self.targets, rows, strict=True))


class RunResult(BaseModel):
    """Metrics, curve, duration and surroundings of one finished run.

    Args:
        state: How it ended.
        sentence: What a person should know of the end; empty when done.
        metrics: Split → task → metric → value, with the averaged weights.
        curve: Training losses over steps.
        steps: Optimiser steps made.
        seconds: Wall-clock seconds of training and evaluation.
        params: Parameters of the network, heads included.
        head_params: Parameters of its heads.
        environment: Machine and versions.
        similarity: What a measurement of similarity gave, as a plain document.
        losses: What recombined networks gave.
        rows: Branch → training rows, of a tree.
        digests: Branch (the trunk is ``""``) → SHA-256 of its weights and statistics afterwards, of a tree: a
            part whose digest is that of the run it started from is bit for bit as it was.
        alike: Branch → how alike its features are to those of a new data set's own network after each block
            behind the trunk, of a graft.
        switching: What a measurement of switching gave, as the document of a ``MeasuredSwitch``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    state: RunState
    sentence: str = ""
    metrics: dict[Split, dict[str, dict[str, float]]] = Field(default_factory=dict)
    curve: tuple[CurvePoint, ...] = ()
    steps: int = 0
    seconds: float = 0.0
    params: int = 0
    head_params: int = 0
    environment: Environment
    similarity: dict[str, Any] | None = None
    losses: SampleLosses | None = None
    rows: dict[str, int] = Field(default_factory=dict)
    digests: dict[str, str] = Field(default_factory=dict)
    alike: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    switching: dict[str, Any] | None = None
