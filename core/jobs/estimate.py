"""Estimated time of runs: from past runs on this machine, or from a short measurement before the first one."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from core.backbones import Backbone
from core.data.catalogue import source_of
from core.errors import BranchwiseError
from core.jobs.lease import current_host
from core.runs.run import Run
from core.runs.settings import BackboneSpecification
from core.studies.calibration import CalibrationRequest, stored_calibration
from core.studies.cells import number
from core.studies.database import Database
from core.studies.dataset_specification import OneDataset
from core.studies.family import training_kinds
from core.studies.record import StudyRecord
from core.studies.schema import marks
from core.studies.several_specification import DatasetSpecification, SeveralSpecification
from core.studies.specification import StudySpecification

# The speed is estimated from so many of the last trainings on this machine.
_MOST_RUNS = 400
# So few runs of a backbone say less than a measurement of it, and so do runs of so few seconds by the measurement: what
# a tiny run takes is loading and evaluating.
_FEW_RUNS = 3
_FEW_SECONDS = 2.0
# Median over the 160 trainings of the bundled study, on one core of the machine that measured it.
REFERENCE_SECONDS = 0.3


class Basis(StrEnum):
    """What an estimate rests on."""

    RUNS = "past runs of the same backbone"
    MEASUREMENT = "a short measurement of this backbone"
    OTHER_RUNS = "past runs of other backbones"
    GUESS = "a guess"


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds a unit of work takes.

    Args:
        seconds: Per unit of work; median over the work of past runs.
        n_runs: Number of past runs behind it.
        basis: What it rests on.
        work: Work of these runs together.
    """

    seconds: float
    n_runs: int
    basis: Basis = Basis.RUNS
    work: float = field(default=0.0, compare=False)

    def of(self, runs: Sequence[float], workers: int) -> float:
        """Return the seconds that runs of these sizes take on so many workers."""
        return self.seconds * longest_or_shared(runs, workers)


def longest_or_shared(runs: Sequence[float], workers: int) -> float:
    """Return how long runs take on so many workers: at least as long as the longest of them."""
    return max(sum(runs) / max(workers, 1), max(runs, default=0.0))


def about(seconds: float) -> str:
    """Return an estimated time as roughly as it is known, in the same words wherever it is said.

    A page that knows the backbone's cost only roughly, and one that has it traced, then say the same.

    >>> about(0.2), about(43), about(130), about(4560), about(4620), about(40000)
    ('1 s', '45 s', '2 min', '75 min', '75 min', '11 h')
    """
    minutes, hours = seconds / 60, seconds / 3600
    if seconds < 87.5:
        return f"{max(_nearest(seconds, 1 if seconds < 20 else 5), 1):g} s"
    if minutes < 87.5:
        return f"{_nearest(minutes, 0.5 if minutes < 10 else 1 if minutes < 20 else 5):g} min"
    return f"{_nearest(hours, 0.5 if hours < 10 else 1):g} h"


def _nearest(value: float, step: float) -> float:
    return round(value / step) * step


REFERENCE = Speed(REFERENCE_SECONDS, 0, Basis.GUESS)


def work_of(backbone: Backbone, dataset: DatasetSpecification | None = None) -> Callable[[Run], float]:
    """Return the function that computes the size of a run on a backbone, in 10⁹ multiply-accumulates.

    Args:
        backbone: Profile with the study's blocks.
        dataset: The study's data; where only reading them tells how many pictures there are, they are counted.
    """
    share = 1.0 if dataset is None else _samples_share(dataset)

    def work(run: Run) -> float:
        return share * run.work(backbone)

    return work


def study_work(record: StudyRecord) -> Callable[[Run], float]:
    """Return the function that computes the size of a run of a study, in 10⁹ multiply-accumulates."""
    return work_of(record.backbone, None if record.specification is None else record.specification.dataset)


@lru_cache(maxsize=64)
def _samples_share(dataset: DatasetSpecification) -> float:
    """Return the number of training pictures over the number that specifications assume."""
    parts = [each.dataset for each in dataset.sets] if isinstance(dataset, SeveralSpecification) else [dataset]
    assumed = sum(part.passes(1) for part in parts)
    return sum(_n_train(part) for part in parts) / assumed


def _n_train(dataset: OneDataset) -> float:
    if not dataset.in_folder and getattr(dataset, "n_train", None):
        return dataset.passes(1)
    try:
        return float(len(source_of(dataset).rows["train"]))  # type: ignore[arg-type]
    except BranchwiseError:
        return dataset.passes(1)  # the data are elsewhere


def workers_here(database: Database) -> int:
    """Return how many runs are trained at once: workers of the host, or one per core where none is running."""
    host = current_host(database)
    report = host.report if host is not None and host.alive else {}
    return len(report.get("workers", ())) or max(os.cpu_count() or 1, 1)


def calibration_of(specification: StudySpecification, record: StudyRecord) -> CalibrationRequest:
    """Return what decides the speed of a study's networks."""
    shape = record.backbone.input_shape
    size = (shape[-2], shape[-1]) if len(shape) >= 2 else (32, 32)
    return CalibrationRequest.of(specification.backbone, size, record.tasks, specification.training)


def study_speed(database: Database, request: CalibrationRequest) -> Speed:
    """Return the speed of this machine for a study, from the best that is known.

    Args:
        database: Holds past runs; measurements are kept next to it.
        request: What decides the speed.
    """
    same = speed(database, request.backbone)
    measured = stored_calibration(database.path.parent, request)
    least = 0.0 if measured is None else _FEW_SECONDS / measured.seconds
    if same is not None and same.n_runs >= _FEW_RUNS and same.work >= least:
        return same
    if measured is not None:
        return Speed(measured.seconds, 0, Basis.MEASUREMENT)
    if same is not None:
        return same
    other = speed(database)
    return REFERENCE if other is None else Speed(other.seconds, other.n_runs, Basis.OTHER_RUNS)


def speed_of_study(database: Database, name: str) -> Speed:
    """Return the speed of this machine for a stored study by name, as its plan says; a guess where it is gone."""
    try:
        record = database.record(name)
    except BranchwiseError:
        record = None
    if record is None or record.specification is None:
        return speed(database) or REFERENCE
    return study_speed(database, calibration_of(record.specification, record))


def speed(database: Database, backbone: BackboneSpecification | None = None) -> Speed | None:
    """Return the speed of the last trainings on this machine, or None where there were none.

    Half of the work was done faster, half of it slower: many tiny runs say little of a long one. Measurements of
    loading are not counted.

    Args:
        database: Holds the runs.
        backbone: Only trainings of it, with whatever weights it began; or None.
    """
    kinds = training_kinds()
    text = None if backbone is None else backbone.without_weights.model_dump_json()
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT CASE WHEN json_valid(result) THEN json_extract(result, '$.seconds') END, work FROM runs "
            f"WHERE state = 'done' AND work > 0 AND attempt > 0 AND kind IN ({marks(kinds)}) AND (? IS NULL OR "
            "CASE WHEN json_valid(specification) THEN "
            "json_remove(json_extract(specification, '$.backbone'), '$.weights') END = json(?)) "
            "ORDER BY finished DESC LIMIT ?",
            (*kinds, text, text, _MOST_RUNS),
        ).fetchall()
    found = [(time, work) for row in rows if (time := number(row[0])) and (work := number(row[1])) and time * work > 0]
    if not found:
        return None
    whole = math.fsum(work for _, work in found)
    return Speed(_median([(time / work, work) for time, work in found]), len(found), work=whole)


def _median(weighted: Sequence[tuple[float, float]]) -> float:
    """Return the middle of values that weigh differently, between two of them where both halves weigh the same.

    >>> _median([(1.0, 1.0), (2.0, 1.0)]), _median([(1.0, 1.0), (9.0, 1.0), (2.0, 5.0)])
    (1.5, 2.0)
    """
    ordered = sorted(weighted)
    half, below = math.fsum(weight for _, weight in ordered) / 2, 0.0
    for place, (value, weight) in enumerate(ordered):
        below += weight
        if math.isclose(below, half) and place + 1 < len(ordered):
            return (value + ordered[place + 1][0]) / 2
        if below > half:
            return value
    return ordered[-1][0]
