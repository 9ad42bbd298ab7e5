"""What one run gave."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Split = Literal["validation", "test"]


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
