"""A whole family of networks in one file, installed beside Branchwise: gradient descent on one number per task."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.backbones import Backbone
from core.costs import CostQuestion, Unit
from core.plane.point import GainOrigin, PlanePoint
from core.runs.frozen import Frozen
from core.runs.label import RunLabel
from core.runs.result import CurvePoint, Environment, RunResult, RunState
from core.runs.run import Payload, Run
from core.runs.settings import TrainingSettings
from core.studies.export_request import Exported, ExportRequest
from core.studies.family import Family
from core.studies.fields import Names, Seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task

STEPS = 20


class ToyRequest(Frozen):
    """What a study file may say in ``[toy]``."""

    seeds: Seeds = (0,)
    rate: float = 0.1


class ToyPayload(Payload):
    """Where each task ended."""

    ends: dict[str, float]


class ToyRun(Run):
    """One descent."""

    kind: ClassVar[str] = "toy"
    carried_out_by: ClassVar[str] = "toy_family:carry_out"
    payload_type: ClassVar[type[Payload] | None] = ToyPayload

    tasks: Names
    rate: float
    seed: int
    training: TrainingSettings

    @property
    def identity(self) -> dict[str, Any]:
        return {"kind": self.kind, "tasks": self.tasks, "rate": self.rate, "seed": self.seed}

    @property
    def label(self) -> RunLabel:
        return RunLabel(self.kind, self.tasks, self.seed, {"rate": str(self.rate)})

    @property
    def settings(self) -> TrainingSettings:
        return self.training

    @property
    def measured_tasks(self) -> tuple[str, ...]:
        return ()

    def work(self, backbone: Backbone) -> float:
        return backbone.params / 1e9


def carry_out(run: ToyRun, place: Any) -> tuple[RunResult, None]:
    """Halve the distance to zero, slowly enough to be watched."""
    value, curve = 1.0 + run.seed, []
    for step in range(1, STEPS + 1):
        value -= run.rate * value
        losses = dict.fromkeys(run.tasks, value * value)
        curve.append(CurvePoint(step=step, losses=losses))
        if place.progress is not None:
            place.progress(step, STEPS, losses)
        time.sleep(0.05)
    return RunResult(
        state=RunState.DONE,
        curve=tuple(curve),
        steps=STEPS,
        seconds=0.1,
        params=len(run.tasks),
        environment=Environment(device="cpu", machine="a toy", threads=1, versions={}),
        payload=ToyPayload(ends=dict.fromkeys(run.tasks, value)).model_dump(),
    ), None


@dataclass(frozen=True)
class ToyResults:
    """Ends of all finished runs, ``[n_finished]``."""

    ends: tuple[float, ...]


class Toy(Family):
    name = "toy"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"toy": ToyRequest}
    runs: ClassVar[tuple[type[Run], ...]] = (ToyRun,)
    written_by = "toy_family:write_ends"

    def expand(self, study: StudySpecification) -> list[Run]:
        request = study.requested(ToyRequest)
        if request is None:
            return []
        return [
            ToyRun(tasks=study.tasks, rate=request.rate, seed=seed, training=study.training) for seed in request.seeds
        ]

    def results(
        self,
        study: StudySpecification,
        tasks: Sequence[Task],  # noqa: ARG002
        finished: Mapping[str, RunResult],
    ) -> ToyResults | None:
        done = [(run, finished[run.key]) for run in self.expand(study) if run.key in finished]
        return ToyResults(tuple(run.payload_of(result, ToyPayload).ends[study.tasks[0]] for run, result in done))

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        results = study.result(ToyResults)
        if results is None or not results.ends or unit not in question.units:
            return []
        gain = -sum(results.ends) / len(results.ends)
        return [
            PlanePoint(
                family=self.name,
                label="descent",
                tasks=study.task_names,
                costs={(question, unit): 1.0},
                gains=(gain,) * study.n_tasks,
                gain=gain,
                interval=None,
                n_seeds=len(results.ends),
                origin=GainOrigin.MEASURED,
            )
        ]


def write_ends(request: ExportRequest) -> Exported:
    """Write where the descents of a study ended."""
    request.check_chosen_by(why="A study has one descent")
    results = request.database.study(request.study).result(ToyResults)
    request.folder.mkdir(parents=True)
    (request.folder / "ends.txt").write_text("\n".join(map(str, results.ends if results else ())), encoding="utf-8")
    return Exported({"ends": 0 if results is None else len(results.ends)}, ("ends.txt",))


FAMILY = Toy()
