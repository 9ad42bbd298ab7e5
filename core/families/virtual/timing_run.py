"""A measurement of levels on this machine, as a run: which network, and into how many units it is divided."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field, ValidationError, model_validator

from core.backbones import Backbone
from core.backbones.division import MOST_UNITS, Division
from core.bounded_number import Count, Side
from core.errors import FamilyError, StudyError
from core.families.virtual.request import VirtualRequest
from core.families.virtual.totals import densities
from core.runs.label import Detail, RunLabel
from core.runs.result import RunResult
from core.runs.run import GIGA, Payload, Run
from core.runs.settings import BackboneSpecification, TrainingSettings
from core.studies.latencies import TimedBlocks
from core.studies.specification import StudySpecification

MOST_REPEATS: Final = 200
MOST_PICTURES: Final = 256
Seconds = Annotated[float, Field(gt=0.0, le=1e9)]


class VirtualTimingPayload(Payload):
    """What a measurement of levels gives.

    Args:
        network: What the network is called.
        units: Into how many units its channels are divided.
        base: Share of the channels that every level has.
        batch: Pictures that are answered at once.
        seconds: Median for one batch, of each level without its head, ``[n_levels]``. It is the same for all tasks:
            units have equally many channels.
        repeats: Runs of each level.
        measured: On which day, as in 2026-11-27.
    """

    network: Annotated[str, Field(max_length=120)]
    units: Annotated[int, Field(ge=2, le=MOST_UNITS)]
    base: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    batch: Annotated[int, Field(ge=1, le=MOST_PICTURES)] = 1
    seconds: Annotated[tuple[Seconds, ...], Field(max_length=MOST_UNITS)]
    repeats: Annotated[int, Field(ge=1, le=1_000_000)]
    measured: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class VirtualTimingRun(Run):
    """The plain network of every level, with random weights, is run in turn, and its time for a batch taken.

    Args:
        backbone: Blocks of a study.
        units: Into how many units channels are divided; a task has as many levels.
        base: Share of the channels that every level has.
        size: Height and width of the pictures.
        batch: Pictures that are answered at once.
        repeats: Runs of each level, after one that is not counted.
        asked: When it was requested, in seconds since the epoch: measured again is another run.
    """

    kind: ClassVar[str] = "virtual-timing"
    carried_out_by: ClassVar[str] = "core.families.virtual.timing:measure_run"
    payload_type: ClassVar[type[Payload] | None] = VirtualTimingPayload
    is_training: ClassVar[bool] = False

    backbone: BackboneSpecification
    units: int = Field(ge=2, le=MOST_UNITS)
    base: float = Field(default=0.0, ge=0.0, lt=1.0)
    size: tuple[Side, Side]
    batch: int = Field(default=1, ge=1, le=MOST_PICTURES)
    repeats: int = Field(default=20, ge=1, le=MOST_REPEATS)
    asked: Count

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            _ = self.division
        except FamilyError as fault:
            raise ValueError(str(fault)) from None
        return self

    @property
    def division(self) -> Division:
        """How channels are divided."""
        return Division(self.units, self.base)

    @property
    def identity(self) -> dict[str, Any]:
        """The whole specification."""
        return {"kind": self.kind, **self.model_dump(mode="json")}

    @property
    def label(self) -> RunLabel:
        """Network, number of levels and pictures."""
        details: dict[str, Detail] = {"network": self.backbone.name, "levels": self.units, "batch": self.batch}
        return RunLabel(self.kind, details=details)

    @property
    def settings(self) -> TrainingSettings:
        """Where it runs: on the processor, with one thread, as an application would."""
        return TrainingSettings()

    def work(self, backbone: Backbone) -> float:
        """Return its size: each repeat runs every level once."""
        passes = float(densities(self.units, self.base).sum())
        return self.repeats * self.batch * passes * max(backbone.macs, 1) / GIGA

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of the levels of the run.

        Raises:
            StudyError: It speaks of others.
        """
        if not result.is_done:
            return
        payload = self.payload_of(result, VirtualTimingPayload)
        found = (payload.network, payload.units, payload.base, payload.batch, len(payload.seconds))
        if found != (self.backbone.name, self.units, self.base, self.batch, self.units):
            raise StudyError(f'The result of "{self.label}" is of other levels than the run. Measure again.')


@dataclass(frozen=True, slots=True)
class LevelTimes:
    """How long the levels of a network took on a machine, as it was measured last.

    Args:
        payload: What was measured.
        machine: Where.
        threads: That torch computed with.
    """

    payload: VirtualTimingPayload
    machine: str
    threads: int

    @property
    def milliseconds(self) -> tuple[float, ...]:
        """Of each level, for one batch."""
        return tuple(1000 * seconds for seconds in self.payload.seconds)

    @property
    def words(self) -> str:
        """Return how, where and when it was measured, as a sentence."""
        shown, batch = self.payload, self.payload.batch
        return (
            f"Times: medians of {shown.repeats} runs of each level on {batch} picture{'' if batch == 1 else 's'}, "
            f"{self.threads} thread{'' if self.threads == 1 else 's'}, on {self.machine}, {shown.measured}."
        )


def level_times(results: Iterable[RunResult], division: Division, batch: int = 1) -> LevelTimes | None:
    """Return the last measurement of a study's levels; None where there is none.

    Args:
        results: Of the runs of kind ``virtual-timing``, in the order they were made, as the database returns them.
        division: How the channels of the study's network are divided.
        batch: Pictures that are answered at once.
    """
    found = None
    for result in results:
        if not result.is_done:
            continue
        try:
            payload = VirtualTimingPayload.model_validate(result.payload or {})
        except ValidationError:
            continue  # a damaged one hides no other
        asked = (division.n_units, division.base, batch, division.n_units)
        if (payload.units, payload.base, payload.batch, len(payload.seconds)) == asked:
            found = LevelTimes(payload, result.environment.machine, result.environment.threads)
    return found


def timed_levels(study: StudySpecification) -> list[TimedBlocks]:
    """Return the plain network of each level; which units and whose norms it has makes no difference to its time."""
    request = study.requested(VirtualRequest)
    if request is None:
        return []
    blocks, division = study.backbone.without_weights, request.division
    return [
        TimedBlocks(
            family="virtual", name=level_name(level, division.n_units), backbone=blocks,
            units=division.n_units, base=division.base, level=level,
        )
        for level in range(division.n_units)
    ]  # fmt: skip


def level_name(level: int, n_levels: int) -> str:
    """Return what a level is called where its network is timed."""
    return f"level {level + 1} of {n_levels}"
