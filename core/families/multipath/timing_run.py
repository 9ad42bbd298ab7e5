"""A measurement of paths on this machine, as a run: which network, and where its paths end."""

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.bounded_number import Count
from core.errors import StudyError
from core.families.multipath.exits import PRESETS
from core.families.multipath.request import ExitNames
from core.runs.label import Detail, RunLabel
from core.runs.result import RunResult
from core.runs.run import GIGA, Payload, Run
from core.runs.settings import BackboneSpecification, TrainingSettings

MOST_REPEATS: Final = 200
Seconds = Annotated[float, Field(gt=0.0, le=1e9)]


class PathTimingPayload(Payload):
    """What a measurement of paths gives.

    Args:
        network: What it calls the network: a preset, or the study's backbone.
        exits: Names of the ends of the paths, from the input.
        seconds: Median for one picture, of each path without its head.
        repeats: Runs of each path.
        measured: On which day, as in 2026-11-27.
    """

    network: Annotated[str, Field(max_length=120)]
    exits: ExitNames
    seconds: Annotated[tuple[Seconds, ...], Field(max_length=40)]
    repeats: Annotated[int, Field(ge=1, le=1_000_000)]
    measured: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class PathTimingRun(Run):
    """Every path of a network with random weights is run in turn, and its time for one picture taken.

    Args:
        preset: A network of the multi-path paper; empty for ``backbone``.
        backbone: Blocks of a study; None for a preset.
        exits: Names of the ends of the paths, from the input.
        size: Height and width of the picture.
        repeats: Runs of each path, after one that is not counted.
        asked: When it was requested, in seconds since the epoch: measured again is another run.
    """

    kind: ClassVar[str] = "path-timing"
    carried_out_by: ClassVar[str] = "core.families.multipath.timing:measure_run"
    payload_type: ClassVar[type[Payload] | None] = PathTimingPayload
    is_training: ClassVar[bool] = False

    preset: Literal["", "resnet18-5", "resnet18-3", "mobilenetv2-0.5-3"] = ""
    backbone: BackboneSpecification | None = None
    exits: ExitNames
    size: tuple[Annotated[int, Field(ge=1, le=4096)], Annotated[int, Field(ge=1, le=4096)]]
    repeats: int = Field(default=20, ge=1, le=MOST_REPEATS)
    asked: Count

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.preset) == (self.backbone is not None):
            raise ValueError("paths are those of a preset, or of a backbone")
        return self

    @property
    def network(self) -> str:
        """What the network is called."""
        return self.preset or (self.backbone.name if self.backbone is not None else "")

    @property
    def identity(self) -> dict[str, Any]:
        """The whole specification."""
        return {"kind": self.kind, **self.model_dump(mode="json")}

    @property
    def label(self) -> RunLabel:
        """Network and number of paths."""
        details: dict[str, Detail] = {"network": self.network, "paths": len(self.exits)}
        return RunLabel(self.kind, details=details)

    @property
    def settings(self) -> TrainingSettings:
        """Where it runs: on the processor, with one thread, as an application would."""
        return TrainingSettings()

    def work(self, backbone: Backbone) -> float:
        """Return its size: each repeat runs every path, of which the mean is about half the network."""
        macs = backbone.macs if not self.preset else PRESETS[self.preset].size ** 2 * 40_000
        return self.repeats * len(self.exits) * max(macs, 1) / 2 / GIGA

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of the paths of the run.

        Raises:
            StudyError: It speaks of others.
        """
        if not result.is_done:
            return
        payload = self.payload_of(result, PathTimingPayload)
        if (payload.exits, len(payload.seconds), payload.network) != (self.exits, len(self.exits), self.network):
            raise StudyError(f'The result of "{self.label}" is of other paths than the run. Measure again.')
