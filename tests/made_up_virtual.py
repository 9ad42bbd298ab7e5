"""A made-up study of deep virtual networks: what levels hold follows from its units, what they reach is drawn."""

from collections.abc import Callable

import numpy as np

from core.backbones import Backbone
from core.families.virtual.narrow_run import NarrowRun
from core.families.virtual.orders import Orders
from core.families.virtual.payload import LevelRecord, NarrowPayload, VirtualPayload
from core.families.virtual.request import VirtualNetworkRequest, VirtualRequest
from core.families.virtual.runs import SequenceRun, VirtualRun
from core.runs.result import Environment, RunResult, RunState, Split
from core.runs.run import Payload, Run
from core.studies.database import Database
from core.studies.expand import trainings
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task

NAMES = ("upright", "*turned*", "tiles")
TASKS = tuple(Task(name, Kind.CLASSIFICATION, (Metric("accuracy", True),), 10) for name in NAMES)
N_LEVELS = 4
STEPS = 80
_SPLITS: tuple[Split, Split] = ("validation", "test")
AFFINITY = ((1.0, 0.8, 0.2), (0.8, 1.0, 0.3), (0.2, 0.3, 1.0))
NETWORKS = (
    VirtualNetworkRequest(),
    VirtualNetworkRequest(name="cyclic", order="cyclic"),
    VirtualNetworkRequest(name="searched", order="searched"),
    VirtualNetworkRequest(name="common", order="common"),
    VirtualNetworkRequest(name="in sequence", training="sequence"),
    VirtualNetworkRequest(name="without distillation", training="sequence", distillation=0.0),
)
SPECIFICATION = StudySpecification(
    name="virtual",
    title="Made-up virtual networks",
    tasks=NAMES,
    backbone=BackboneSpecification(blocks=4),
    requests={"virtual": VirtualRequest(seeds=(0, 1, 2), units=N_LEVELS, affinity=AFFINITY, networks=NETWORKS)},
)


def store_virtual(database: Database, backbone: Backbone, keep: Callable[[Run], bool] = lambda _: True) -> None:
    """Store the study with the results of some runs.

    Args:
        database: Where.
        backbone: Its blocks.
        keep: Whether a run has finished.
    """
    record = StudyRecord("virtual", NAMES, backbone, SPECIFICATION, TASKS, title=SPECIFICATION.title)
    database.put(record, {run.key: result_of(run) for run in trainings(SPECIFICATION) if keep(run)})


def result_of(run: Run) -> RunResult:
    """Return what a run of the study "reached"."""
    payload: Payload | None = None
    params, head_params, steps = 500, 9, 0
    level = N_LEVELS - 1
    if isinstance(run, VirtualRun | SequenceRun):
        payload = _payload(run)
        heads = sum(record.head_params for levels in payload.records for record in levels)
        own = sum(record.own_params for levels in payload.records for record in levels)
        params, head_params = payload.shared_params + own + heads, heads
        # All tasks in a step, or one task after the other.
        steps = STEPS if isinstance(run, VirtualRun) else STEPS * len(NAMES)
    elif isinstance(run, NarrowRun):
        level = run.level
        record = _record(((0, 1, 2, 3),), 0, level)
        payload, params, head_params = NarrowPayload(record=record), record.params, record.head_params
    metrics = {
        split: {name: _metrics(run, NAMES.index(name), level, split) for name in run.measured_tasks}
        for split in _SPLITS
    }
    where = Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"})
    return RunResult(
        state=RunState.DONE, metrics=metrics, seconds=1.5, params=params, head_params=head_params, environment=where,
        steps=steps, payload=None if payload is None else payload.model_dump(mode="json"),
    )  # fmt: skip


# Weights of the pieces between units: those within a unit are 144, so each level has a square of them.
PIECES = ((144,) * N_LEVELS,) * N_LEVELS
PICTURE = (27,) * N_LEVELS + (0,)


def _record(orders: Orders, task: int, level: int) -> LevelRecord:
    active = orders[task][: level + 1]
    shared = sum(PIECES[i][j] for i in active for j in active) + sum(PICTURE[unit] for unit in active)
    return LevelRecord(
        shared_params=shared, own_params=16 * (level + 1), head_params=40 * (level + 1), macs=1000 * (level + 1) ** 2
    )


def _payload(run: VirtualRun | SequenceRun) -> VirtualPayload:
    stages = {}
    if isinstance(run, SequenceRun):
        stages = {
            split: tuple(
                {
                    name: tuple(
                        {"accuracy": _reached(run, task, level, split) - _forgotten(run, stage - task)}
                        for level in range(N_LEVELS)
                    )
                    for task, name in enumerate(NAMES[: stage + 1])
                }
                for stage in range(len(NAMES))
            )
            for split in _SPLITS
        }
    return VirtualPayload(
        records=tuple(
            tuple(_record(run.orders, task, level) for level in range(N_LEVELS)) for task in range(len(NAMES))
        ),
        pieces=PIECES,
        common_params=0,
        edges=(0,) * N_LEVELS,
        picture_params=PICTURE,
        steps=((STEPS,) * N_LEVELS,) * len(NAMES),
        metrics={
            split: {
                name: tuple(_metrics(run, task, level, split) for level in range(N_LEVELS))
                for task, name in enumerate(NAMES)
            }
            for split in _SPLITS
        },
        stages=stages,
    )


def _metrics(run: Run, task: int, level: int, split: Split) -> dict[str, float]:
    lost = _forgotten(run, len(NAMES) - 1 - task) if isinstance(run, SequenceRun) else 0.0
    return {"accuracy": _reached(run, task, level, split) - lost}


def _reached(run: Run, task: int, level: int, split: Split) -> float:
    """Return an accuracy: lower levels reach less, one common order least on the first."""
    rng = np.random.default_rng([int(run.key[:8], 16), task, level, split == "test"])
    mean = 0.92 - 0.02 * task - 0.03 * (N_LEVELS - 1 - level) ** 1.5
    if isinstance(run, VirtualRun | SequenceRun):
        mean -= 0.01
        mean -= 0.08 * (len({order[0] for order in run.orders}) == 1) * (level == 0)
    return float(mean + rng.normal(0, 0.004))


def _forgotten(run: SequenceRun | Run, n_later: int) -> float:
    held = isinstance(run, SequenceRun) and run.distillation > 0
    return (0.002 if held else 0.25) * n_later
