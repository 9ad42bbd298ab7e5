"""The runs of multi-path networks: tasks at assigned exits, and every task at every exit."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.errors import StudyError
from core.families.multipath.distillation import Distillation
from core.families.multipath.payload import MatrixPayload, MultiPathPayload
from core.families.multipath.request import ExitNames, MultiPathRequest
from core.families.single.runs import single_run
from core.families.single.tasks_run import TasksRun
from core.runs.label import Detail, RunLabel
from core.runs.result import Metrics, RunResult
from core.runs.run import GIGA, HEAD_SHARE, Payload, Run, block_macs
from core.studies.specification import StudySpecification

# A forward pass costs about a third of a step.
_FORWARD = 1 / 3


class PathRun(TasksRun):
    """Base of the runs of multi-path networks: of tasks of one data set, or of several data sets, a task each.

    Args:
        exits: Names of the exits, from the input.
        weighting: Whether losses of tasks count equally, or by their share of labelled training pictures.
    """

    exits: ExitNames
    weighting: Literal["equal", "labels"]

    def _details(self) -> dict[str, Detail]:
        return {"exits": ",".join(self.exits), **({"weighting": "labels"} if self.weighting == "labels" else {})}


class MultiPathRun(PathRun):
    """A multi-path network whose tasks leave at assigned exits.

    Args:
        assign: Number of the exit of each task.
        loss: What it learns from labels and teachers.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, Algorithm 1.
    """

    kind: ClassVar[str] = "multipath"
    carried_out_by: ClassVar[str] = "core.families.multipath.train:train_multipath"
    payload_type: ClassVar[type[Payload] | None] = MultiPathPayload
    needs_weights: ClassVar[bool] = True

    assign: Annotated[tuple[Annotated[int, Field(ge=0, lt=40)], ...], Field(max_length=40)]
    loss: Distillation

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.assign) != len(self.tasks) or any(exit_ >= len(self.exits) for exit_ in self.assign):
            raise ValueError("every task should be assigned one of the exits")
        return self

    @property
    def starts_from_parents(self) -> bool:
        """Whether single-task networks teach it; without teachers it is only compared with them."""
        return self.loss.has_teachers

    @property
    def label(self) -> RunLabel:
        """Tasks, exits, loss and seed."""
        loss: dict[str, Detail] = {"mix": self.loss.mix}
        if self.loss.has_teachers:
            loss |= {"alpha": f"{self.loss.alpha:g}", "temperature": f"{self.loss.temperature:g}"}
            loss |= {"direction": "teacher"} if self.loss.direction == "teacher" else {}
            loss |= {"squared": 1} if self.loss.squared else {}
        assign = ",".join(map(str, self.assign))
        return RunLabel(self.kind, self.tasks, self.seed, {**self._details(), "assign": assign, **loss})

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the losses of its curve are called: each task, then each task's teacher."""
        return (*self.tasks, *(f"{task}, teacher" for task in self.tasks if self.loss.has_teachers))

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of backbone and heads over all training samples, in 10⁹.

        The teachers' outputs are computed once.
        """
        whole = sum(block_macs(backbone))
        steps = whole * (1 + HEAD_SHARE * len(self.tasks)) * self.passes(self.training.epochs)
        teachers = _FORWARD * whole * len(self.tasks) * self.passes(1) if self.loss.has_teachers else 0.0
        return (steps + teachers) / GIGA

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of the exits and tasks of the run.

        Raises:
            StudyError: It speaks of others.
        """
        if not result.is_done:
            return
        payload = self.payload_of(result, MultiPathPayload)
        derived = [
            name for tasks in payload.derived.values() for coarse, fine in tasks.items() for name in (coarse, *fine)
        ]
        above = [name for coarse, fine in payload.above.items() for name in (coarse, *fine)]
        strange = {*payload.teachers, *derived, *above} - {*self.tasks}
        if len(payload.exits) != len(self.exits) or len(payload.head_params) != len(self.tasks) or strange:
            raise _other(self)


class PathMatrixRun(PathRun):
    """A network with a head of every task at every exit: how good each task is where.

    It is trained once for all of them, so it says little about a network whose tasks have one exit each: heads
    compete for the early blocks.
    """

    kind: ClassVar[str] = "path-matrix"
    carried_out_by: ClassVar[str] = "core.families.multipath.train:train_matrix"
    payload_type: ClassVar[type[Payload] | None] = MatrixPayload

    @property
    def label(self) -> RunLabel:
        """Tasks, exits and seed."""
        return RunLabel(self.kind, self.tasks, self.seed, self._details())

    @property
    def measured_tasks(self) -> tuple[str, ...]:
        """No task: the metrics are those of every exit, in the payload."""
        return ()

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the losses of its curve are called: each task at each exit, task by task."""
        return tuple(f"{task}, exit {exit_}" for task in self.tasks for exit_ in self.exits)

    def payload_metrics(self, result: RunResult) -> list[tuple[str, str, Metrics]]:
        """Return task, where, and metrics that the payload holds."""
        if not result.is_done:
            return []
        return [
            (task, f"exit {name} {split}", metrics)
            for split, tasks in self.payload_of(result, MatrixPayload).metrics.items()
            for task, found in tasks.items()
            for name, metrics in zip(self.exits, found, strict=False)
        ]

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of backbone and all heads over all training samples, in 10⁹."""
        heads = HEAD_SHARE * len(self.tasks) * len(self.exits)
        return sum(block_macs(backbone)) * (1 + heads) * self.passes(self.training.epochs) / GIGA

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of the exits and tasks of the run.

        Raises:
            StudyError: It speaks of others.
        """
        if not result.is_done:
            return
        payload = self.payload_of(result, MatrixPayload)
        n_exits, tasks = len(self.exits), {*self.tasks}
        shapes = {len(payload.exits), *map(len, payload.head_params)}
        for metrics in payload.metrics.values():
            if metrics.keys() != tasks or any(len(found) != n_exits for found in metrics.values()):
                raise _other(self)
        leaves = {len(point.shares) for points in payload.leaving.values() for point in points}
        complete = payload.metrics.keys() == {"validation", "test"}
        if shapes != {n_exits} or len(payload.head_params) != len(tasks) or not leaves <= {n_exits} or not complete:
            raise _other(self)
        if payload.leaving.keys() - tasks:
            raise _other(self)


def _other(run: Run) -> StudyError:
    return StudyError(f'The result of "{run.label}" is of other exits or tasks than the run. Train it again.')


def network_runs(study: StudySpecification, seed: int) -> list[MultiPathRun]:
    """Return the run of each network that a study requests, in their order, from one seed."""
    # Assembling a study needs the same runs again and again, and a key takes a hash of the whole document.
    if (MultiPathRun, seed) in study.derived:
        return list(study.derived[MultiPathRun, seed])
    request = study.requested(MultiPathRequest)
    assert request is not None
    exits = request.exit_names(study.backbone.blocks)
    found = [
        MultiPathRun(
            dataset=study.dataset.for_seed(seed),
            tasks=study.tasks,
            backbone=study.backbone,
            exits=exits,
            weighting=network.weighting,
            training=study.training,
            seed=seed,
            assign=network.exits_of(len(study.tasks), len(exits)),
            loss=network.distillation,
        )
        for network in request.networks
    ]
    study.derived[MultiPathRun, seed] = found
    return list(found)


def matrix_run(study: StudySpecification, seed: int) -> PathMatrixRun:
    """Return the run of the matrix network of a study, from one seed.

    Losses count as in the study's first network.
    """
    if (PathMatrixRun, seed) in study.derived:
        known: PathMatrixRun = study.derived[PathMatrixRun, seed]
        return known
    request = study.requested(MultiPathRequest)
    assert request is not None
    found = PathMatrixRun(
        dataset=study.dataset.for_seed(seed),
        tasks=study.tasks,
        backbone=study.backbone,
        exits=request.exit_names(study.backbone.blocks),
        weighting=request.networks[0].weighting,
        training=study.training,
        seed=seed,
    )
    study.derived[PathMatrixRun, seed] = found
    return found


def expand(study: StudySpecification) -> list[Run]:
    """Return the runs that a study requests: seed by seed its teachers, its networks, and its matrix."""
    request = study.requested(MultiPathRequest)
    if request is None:
        return []
    found: list[Run] = []
    for seed in request.seeds:
        networks = network_runs(study, seed)
        if study.has_several:
            found += networks[0].singles
        else:
            found += [single_run(study, task, seed) for task in range(len(study.tasks))]
        found += networks
        found += [matrix_run(study, seed)] if request.matrix else []
    return found
