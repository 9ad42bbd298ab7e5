"""The runs of deep virtual networks: all tasks on all levels, learned jointly or in sequence."""

from dataclasses import replace
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.backbones.division import MOST_UNITS, Division
from core.errors import FamilyError, StudyError
from core.families.single.runs import single_run
from core.families.single.tasks_run import TasksRun
from core.families.virtual.narrow_run import NarrowRun
from core.families.virtual.orders import check_orders
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.request import GivenOrders, Levels, VirtualRequest
from core.families.virtual.totals import densities
from core.runs.bounds import ResultBounds
from core.runs.label import Detail, RunLabel
from core.runs.result import SPLITS, Metrics, RunResult
from core.runs.run import GIGA, HEAD_SHARE, Payload, Run, block_macs
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification


class _UnitsRun(TasksRun):
    """Base of the runs of deep virtual networks.

    Args:
        units: Into how many units channels are divided; a task has as many levels.
        base: Share of the channels that every level has.
        orders: Units in the order in which each task takes them.
    """

    payload_type: ClassVar[type[Payload] | None] = VirtualPayload

    units: int = Field(ge=2, le=MOST_UNITS)
    base: float = Field(default=0.0, ge=0.0, lt=1.0)
    orders: GivenOrders

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.orders) != len(self.tasks):
            raise ValueError("every task should have an order of units")
        try:
            check_orders(self.orders, self.units)
        except FamilyError as fault:
            raise ValueError(str(fault)) from None
        return self

    @property
    def division(self) -> Division:
        """How channels are divided."""
        return Division(self.units, self.base)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of tasks and levels."""
        return len(self.tasks), self.units

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data, settings and blocks say about the result.

        Beside the shared weights each task's level has norms and biases, which are fewer than all parameters.
        """
        n_tasks, n_levels = self.shape
        most = backbone.params * (1 + n_tasks * n_levels)
        return replace(super().bounds(backbone), block_params=None, most_block_params=most)

    def payload_metrics(self, result: RunResult) -> list[tuple[str, str, Metrics]]:
        """Return task, where, and metrics of every level, and of earlier stages, that the payload holds."""
        if not result.is_done:
            return []
        payload = self.payload_of(result, VirtualPayload)
        found = [(f"{split}", tasks) for split, tasks in payload.metrics.items()]
        for split, stages in payload.stages.items():
            found += [(f"{split} after task {number}", tasks) for number, tasks in enumerate(stages)]
        return [
            (task, f"level {level} {where}", metrics)
            for where, tasks in found
            for task, levels in tasks.items()
            for level, metrics in enumerate(levels)
        ]

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of the tasks, levels and units of the run.

        Raises:
            StudyError: It speaks of others, or its counts contradict each other.
        """
        if not result.is_done:
            return
        payload = self.payload_of(result, VirtualPayload)
        n_tasks, n_levels = self.shape
        tables: tuple[tuple[tuple[object, ...], ...], ...] = (payload.records, payload.steps)
        fits = all({*map(len, table)} == {n_levels} and len(table) == n_tasks for table in tables)
        fits &= {len(payload.pieces), *map(len, payload.pieces), len(payload.edges)} == {self.units}
        fits &= len(payload.picture_params) == self.units + 1 and payload.metrics.keys() == {"validation", "test"}
        for tasks in payload.metrics.values():
            fits &= tasks.keys() == {*self.tasks} and {*map(len, tasks.values())} == {n_levels}
        for stages in payload.stages.values():
            for number, tasks in enumerate(stages):
                fits &= tasks.keys() == {*self.tasks[: number + 1]} and {*map(len, tasks.values())} == {n_levels}
        if not fits or not self._has_stages(payload):
            raise StudyError(f'The result of "{self.label}" is of other tasks, levels or units. Train it again.')
        own = sum(record.own_params for levels in payload.records for record in levels)
        heads = sum(record.head_params for levels in payload.records for record in levels)
        shared = [[record.shared_params for record in levels] for levels in payload.records]
        counted = [[payload.params_of(order[: level + 1]) for level in range(n_levels)] for order in self.orders]
        if shared != counted or (result.params, result.head_params) != (payload.shared_params + own + heads, heads):
            raise StudyError(f'The result of "{self.label}" counts its parameters in two ways. Train it again.')
        if not self._has_steps(payload, result.steps):
            raise StudyError(f'The result of "{self.label}" has other steps than its settings make. Train it again.')
        last = {split: {name: levels[-1] for name, levels in of.items()} for split, of in payload.metrics.items()}
        if last != result.metrics:
            raise StudyError(f'The result of "{self.label}" has two metrics of its last levels. Train it again.')

    def _has_steps(self, payload: VirtualPayload, n_steps: int) -> bool:
        raise NotImplementedError

    def _has_stages(self, payload: VirtualPayload) -> bool:
        return not payload.stages

    def _passes_of_one(self) -> float:
        """Return what a pass of one task through all its levels costs, in passes through the whole network."""
        return float(densities(self.units, self.base).sum())

    def _details(self) -> dict[str, Detail]:
        found: dict[str, Detail] = {"units": self.units}
        if self.base:
            found["base"] = f"{self.base:g}"
        return {**found, "orders": ";".join(",".join(map(str, order)) for order in self.orders)}


class VirtualRun(_UnitsRun):
    """A deep virtual network whose tasks are learned jointly.

    Args:
        levels: Which levels of each task learn in a step.
    """

    kind: ClassVar[str] = "virtual"
    carried_out_by: ClassVar[str] = "core.families.virtual.train:train_virtual"

    levels: Levels = "all"

    @property
    def label(self) -> RunLabel:
        """Tasks, orders, levels and seed."""
        levels: dict[str, Detail] = {} if self.levels == "all" else {"levels": self.levels}
        return RunLabel(self.kind, self.tasks, self.seed, {**self._details(), **levels})

    def _has_steps(self, payload: VirtualPayload, n_steps: int) -> bool:
        n_drawn = {"all": self.units, "sandwich": min(3, self.units), "sampled": 1, "last": 1}[self.levels]
        always = {"all": range(self.units), "sandwich": (0, self.units - 1), "sampled": (), "last": (self.units - 1,)}
        return all(
            sum(levels) == n_drawn * n_steps and all(levels[place] == n_steps for place in always[self.levels])
            for levels in payload.steps
        )

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of all passes over all training samples, in 10⁹."""
        sizes = densities(self.units, self.base)
        match self.levels:
            case "all":
                each = float(sizes.sum())
            case "sandwich":
                each = float(sizes[0] + sizes[-1] + (sizes[1:-1].mean() if self.units > 2 else 0.0))
            case "sampled":
                each = float(sizes.mean())
            case "last":
                each = 1.0
        whole = sum(block_macs(backbone)) * len(self.tasks) * (each + HEAD_SHARE)
        return whole * self.passes(self.training.epochs) / GIGA


class SequenceRun(_UnitsRun):
    """A deep virtual network whose tasks are learned one after another, each without the data of those before it.

    Each task is learned for as many epochs as any network of the study. What earlier tasks answer to the new data
    is held by distillation.

    Args:
        distillation: Weight of the loss that holds it; 0 for none.
        temperature: By which scores are divided before they are compared.
    """

    kind: ClassVar[str] = "virtual-sequence"
    carried_out_by: ClassVar[str] = "core.families.virtual.sequence:train_sequence"

    distillation: float = Field(default=1.0, ge=0.0, le=1e3)
    temperature: float = Field(default=2.0, ge=0.01, le=100.0)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie; without distillation no temperature."""
        found = super().identity
        return found if self.distillation else {**found, "temperature": None}

    @property
    def label(self) -> RunLabel:
        """Tasks in their turn, orders, distillation and seed."""
        held: dict[str, Detail] = {"distillation": f"{self.distillation:g}"}
        if self.distillation:
            held["temperature"] = f"{self.temperature:g}"
        return RunLabel(self.kind, self.tasks, self.seed, {**self._details(), **held})

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the losses of its curve are called: each task, then what holds the answers of all but the last."""
        return (*self.tasks, *(f"{task}, held" for task in self.tasks[:-1] if self.distillation))

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data, settings and blocks say about the result: one training follows another."""
        found = super().bounds(backbone)
        assert found.most_steps is not None
        return replace(found, most_steps=found.most_steps * len(self.tasks))

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of all passes over all training samples, in 10⁹, at most."""
        n_tasks = len(self.tasks)
        turns = n_tasks + (n_tasks * (n_tasks - 1) / 2 if self.distillation else 0)
        whole = sum(block_macs(backbone)) * (self._passes_of_one() + HEAD_SHARE) * turns
        return whole * self.passes(self.training.epochs) / GIGA

    def _has_steps(self, payload: VirtualPayload, n_steps: int) -> bool:
        return all(len({*levels}) == 1 for levels in payload.steps) and n_steps == sum(
            levels[0] for levels in payload.steps
        )

    def _has_stages(self, payload: VirtualPayload) -> bool:
        whole = {split: len(stages) for split, stages in payload.stages.items()} == dict.fromkeys(
            SPLITS, len(self.tasks)
        )
        return whole and all(stages[-1] == payload.metrics[split] for split, stages in payload.stages.items())


def network_runs(study: StudySpecification, seed: int) -> list[VirtualRun | SequenceRun]:
    """Return the run of each network that a study requests, in their order, from one seed."""
    if (_UnitsRun, seed) in study.derived:
        return list(study.derived[_UnitsRun, seed])
    request = study.requested(VirtualRequest)
    assert request is not None
    found: list[VirtualRun | SequenceRun] = []
    for network in request.networks:
        shared: dict[str, Any] = {
            "dataset": study.dataset.for_seed(seed),
            "tasks": study.tasks,
            "backbone": study.backbone,
            "training": study.training,
            "seed": seed,
            "units": request.units,
            "base": request.base,
            "orders": network.orders(len(study.tasks), request.units, request.alike),
        }
        if network.training == "jointly":
            found.append(VirtualRun(**shared, levels=network.levels))
        else:
            found.append(SequenceRun(**shared, distillation=network.distillation, temperature=network.temperature))
    study.derived[_UnitsRun, seed] = found
    return list(found)


def narrow_runs(study: StudySpecification, seed: int) -> list[list[NarrowRun]]:
    """Return the run of each task's levels below the last, trained alone, ``[n_tasks][n_levels - 1]``."""
    if (NarrowRun, seed) in study.derived:
        return [list(levels) for levels in study.derived[NarrowRun, seed]]
    request = study.requested(VirtualRequest)
    assert request is not None
    found = []
    for place, name in enumerate(study.tasks):
        shared: dict[str, Any] = {
            "dataset": study.dataset.for_seed(seed),
            "tasks": (name,),
            "backbone": study.backbone,
            "training": study.training,
            "seed": seed,
            "units": request.units,
            "base": request.base,
        }
        if isinstance(study.dataset, SeveralSpecification):
            each = study.dataset.sets[place]
            shared |= {"dataset": each.dataset, "task": each.task, "size": study.dataset.size}
        found.append([NarrowRun(**shared, level=level) for level in range(request.units - 1)])
    study.derived[NarrowRun, seed] = found
    return [list(levels) for levels in found]


def expand(study: StudySpecification) -> list[Run]:
    """Return the runs that a study requests: seed by seed single-task networks, levels alone, and the networks."""
    request = study.requested(VirtualRequest)
    if request is None:
        return []
    found: list[Run] = []
    for seed in request.seeds:
        networks = network_runs(study, seed)
        if study.has_several:
            found += networks[0].singles
        else:
            found += [single_run(study, task, seed) for task in range(len(study.tasks))]
        if request.alone:
            found += [run for levels in narrow_runs(study, seed) for run in levels]
        found += networks
    return found
