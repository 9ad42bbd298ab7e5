"""Speed of this machine with one backbone, measured for seconds before any run of it and kept in the home folder."""

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from core.backbones import Backbone
from core.backbones.profile_file import profile_document
from core.errors import BackboneError
from core.runs.frozen import Frozen
from core.runs.settings import BackboneSpecification, TrainingSettings
from core.studies.documents import read_backbone
from core.studies.home import write_whole
from core.tasks import Task

CALIBRATIONS = "calibration"
_Side = Annotated[int, Field(ge=1, le=4096)]


class CalibrationRequest(Frozen):
    """What decides how fast a network of a study is trained.

    Args:
        backbone: Its blocks.
        size: Height and width of the pictures.
        dense: Whether its heads predict maps.
        batch_size: Pictures per step.
        device: Where it is trained.
        threads: Threads per run.
    """

    backbone: BackboneSpecification
    size: tuple[_Side, _Side]
    dense: bool
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    device: str
    threads: Annotated[int, Field(ge=1, le=256)]

    @classmethod
    def of(
        cls, backbone: BackboneSpecification, size: tuple[int, int], tasks: tuple[Task, ...], training: TrainingSettings
    ) -> "CalibrationRequest":
        """Return what decides the speed of a study's networks."""
        dense = any(task.kind.is_map for task in tasks)
        return cls(
            backbone=backbone.without_weights,
            size=size,
            dense=dense,
            batch_size=training.batch_size,
            device=training.device,
            threads=training.threads,
        )

    def file(self, home: Path) -> Path:
        """Return the file of the measurement, which need not exist; another machine has another."""
        machine = f"{platform.node()} {platform.machine()} {os.cpu_count()}"
        text = json.dumps([machine, self.model_dump(mode="json")], sort_keys=True)
        return home / CALIBRATIONS / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured.

    Args:
        seconds: Of training per 10⁹ multiply-accumulates of a run's ``work``.
        backbone: Profile with the blocks, as a stored study has it.
    """

    seconds: float
    backbone: Backbone


class _Document(Frozen):
    seconds: Annotated[float, Field(gt=0, lt=1e6, allow_inf_nan=False)]
    backbone: dict[str, Any]


def stored_calibration(home: Path, request: CalibrationRequest) -> Calibration | None:
    """Return what was measured on this machine; None where nothing was, or the file is damaged."""
    try:
        document = _Document.model_validate_json(request.file(home).read_bytes())
        return Calibration(document.seconds, read_backbone(document.backbone))
    except (OSError, ValidationError, BackboneError):
        return None


def store_calibration(home: Path, request: CalibrationRequest, found: Calibration) -> None:
    """Keep what was measured.

    Raises:
        StudyError: The folder can't be written to.
    """
    document = {"seconds": found.seconds, "backbone": profile_document(found.backbone)}
    write_whole(request.file(home), json.dumps(document).encode())
