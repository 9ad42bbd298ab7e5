"""Where runs that nobody has begun are trained: no part of what they ask, so it may change."""

from collections.abc import Sequence
from dataclasses import replace

from core.families.recombined.runs import LAYOUT, RECOMBINED, AnyRun
from core.families.treednn.runs import DEDICATED, GENERALISED, GRAFTED, SPECIALISED
from core.studies.database import Database
from core.studies.record import StudyRecord

# Kind of a run → where its specification says the device.
_PLACES = {
    LAYOUT: "$.training.device",
    RECOMBINED: "$.source.training.device",
    GENERALISED: "$.tree.training.device",
    SPECIALISED: "$.tree.training.device",
    GRAFTED: "$.tree.training.device",
    DEDICATED: "$.training.device",
}


def on_device(record: StudyRecord, device: str) -> StudyRecord:
    """Give a study whose runs are trained on a device; their keys stay the same.

    Args:
        record: A measured study.
        device: ``auto``, ``cpu`` or ``cuda``.
    """
    asked = record.specification
    assert asked is not None
    settings = asked.training.model_copy(update={"device": device})
    return replace(record, specification=asked.model_copy(update={"training": settings}))


def move(database: Database, runs: Sequence[AnyRun], device: str) -> int:
    """Make runs that are stored and not at work train on a device, and give how many.

    Args:
        database: Where the runs are.
        runs: Any runs; a comparison of features follows the trainings it looks at.
        device: ``auto``, ``cpu`` or ``cuda``.
    """
    n = 0
    with database.writing() as connection:
        for run in runs:
            for kind, place in _PLACES.items():
                n += connection.execute(
                    "UPDATE runs SET specification = json_set(specification, :place, :device) "
                    "WHERE key = :key AND kind = :kind AND owner IS NULL "
                    "AND json_extract(specification, :place) != :device",
                    {"device": device, "key": run.key, "kind": kind, "place": place},
                ).rowcount
    return n
