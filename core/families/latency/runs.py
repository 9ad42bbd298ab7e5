"""The measurement of latency as a run: which blocks, and how often."""

from datetime import date
from typing import Annotated, Any, ClassVar, Final

import numpy as np
from pydantic import AfterValidator, Field

from core.backbones import Backbone
from core.bounded_number import Side
from core.errors import StudyError
from core.families.latency.request import MOST_REPEATS, LatencyRequest
from core.runs.label import Detail, RunLabel
from core.runs.result import RunResult
from core.runs.run import GIGA, Payload, Run
from core.runs.settings import TrainingSettings
from core.studies.family import families
from core.studies.latencies import TimedBlocks
from core.studies.specification import StudySpecification
from core.studies.split_size import picture_size

MOST_NETWORKS: Final = 200
Seconds = Annotated[float, Field(ge=1e-9, le=1e3)]
Quartiles = tuple[Seconds, Seconds, Seconds]


def _day(written: str) -> str:
    date.fromisoformat(written)
    return written


class LatencyPayload(Payload):
    """What a measurement of latency gives.

    Args:
        seconds: Quartiles for one input, ``[n_networks, n_blocks, 3]``, in the order of the run's networks.
        measured: On which day, as in 2026-11-28.
    """

    seconds: Annotated[
        tuple[Annotated[tuple[Quartiles, ...], Field(max_length=200)], ...], Field(max_length=MOST_NETWORKS)
    ]
    measured: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_day)]


class LatencyRun(Run):
    """The blocks of some networks, with random weights, are run in turn, and the time of each for one input taken.

    Args:
        networks: Whose blocks; the study's backbone is the first.
        size: Height and width of the pictures.
        repeats: Turns, after one that is not counted.
    """

    kind: ClassVar[str] = "latency"
    carried_out_by: ClassVar[str] = "core.families.latency.measure:measure_run"
    payload_type: ClassVar[type[Payload] | None] = LatencyPayload
    is_training: ClassVar[bool] = False

    networks: Annotated[tuple[TimedBlocks, ...], Field(min_length=1, max_length=MOST_NETWORKS)]
    size: tuple[Side, Side]
    repeats: int = Field(ge=1, le=MOST_REPEATS)

    @property
    def identity(self) -> dict[str, Any]:
        """The whole specification."""
        return {"kind": self.kind, **self.model_dump(mode="json")}

    @property
    def label(self) -> RunLabel:
        """Backbone, and how many networks and turns."""
        details: dict[str, Detail] = {
            "backbone": self.networks[0].backbone.name, "networks": len(self.networks), "repeats": self.repeats,
        }  # fmt: skip
        return RunLabel(self.kind, details=details)

    @property
    def settings(self) -> TrainingSettings:
        """Where it runs: on the processor, with one thread, as an application would."""
        return TrainingSettings()

    def work(self, backbone: Backbone) -> float:
        """Return its size: each turn runs every network once."""
        return self.repeats * len(self.networks) * max(backbone.macs, 1) / GIGA

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of the blocks of the run, and that its quartiles rise.

        Raises:
            StudyError: It does not, or they don't.
        """
        if not result.is_done:
            return
        found = self.payload_of(result, LatencyPayload).seconds
        if [len(blocks) for blocks in found] != [network.backbone.blocks for network in self.networks]:
            raise StudyError(f'The result of "{self.label}" is of other blocks than the run. Measure again.')
        if any((np.diff(blocks, axis=1) < 0).any() for blocks in found):
            raise StudyError(f'The quartiles in the result of "{self.label}" do not rise. Measure again.')


def expand(study: StudySpecification) -> list[Run]:
    """Return the measurement that a study requests; none where it requests none."""
    request, size = study.requested(LatencyRequest), picture_size(study.dataset)
    if request is None or size is None:
        return []
    own = TimedBlocks(backbone=study.backbone.without_weights)
    others = [network for family in families() for network in family.timed(study)]
    return [LatencyRun(networks=(own, *others), size=size, repeats=request.repeats)]


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the requested measurement, as a sentence; None if there is none."""
    if study.requested(LatencyRequest) is not None and picture_size(study.dataset) is None:
        return "[latency] needs pictures of a known size. Write size below [dataset], or leave [latency] out"
    return None
