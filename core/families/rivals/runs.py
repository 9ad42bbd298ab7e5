"""The run of a rival: one network of all tasks, trained by a published method."""

from dataclasses import replace
from typing import Any, ClassVar

from core.backbones import Backbone
from core.errors import StudyError
from core.families.rivals.method import (
    SEQUENTIAL,
    STAGED,
    AdaShareMethod,
    LwfMethod,
    Method,
    NestedNetMethod,
    PackNetMethod,
    shares_of,
    unit_counts,
    units_of,
)
from core.families.rivals.payload import RivalPayload
from core.families.rivals.request import RivalRequest
from core.families.single.one_set import OneSetRun
from core.families.single.runs import NetworkRun, single_run, single_runs
from core.runs.bounds import ResultBounds
from core.runs.label import Detail, RunLabel
from core.runs.result import Metrics, RunResult
from core.runs.run import GIGA, HEAD_SHARE, Payload, Run, block_macs
from core.studies.specification import StudySpecification

# Attention of one task costs about as much as this many backbones.
_ATTENTION = 1.0


class RivalRun(OneSetRun):
    """One network of all tasks.

    Args:
        method: How tasks share the blocks, with its options.
    """

    kind: ClassVar[str] = "rival"
    carried_out_by: ClassVar[str] = "core.families.rivals.train:train_rival"
    payload_type: ClassVar[type[Payload] | None] = RivalPayload
    can_keep_weights: ClassVar[bool] = True

    method: Method

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie; shares as they are, said or not."""
        found = super().identity
        if self.shares:
            found["method"]["shares"] = list(self.shares)
        if not units_of(self.method):
            # The keys of single weights are older than units.
            found["method"].pop("units", None)
        if isinstance(self.method, LwfMethod) and not self.method.weight:
            found["method"].pop("temperature")
        return found

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of the weights or units that each task may use; empty for methods that share all of them."""
        if self.unit_counts:
            return tuple(count / units_of(self.method) for count in self.unit_counts)
        if isinstance(self.method, PackNetMethod | NestedNetMethod):
            return shares_of(self.method.shares, len(self.tasks))
        return ()

    @property
    def unit_counts(self) -> tuple[int, ...]:
        """How many units each task may use; empty for methods without units."""
        if isinstance(self.method, PackNetMethod | NestedNetMethod) and self.method.units:
            return unit_counts(self.method.shares, len(self.tasks), self.method.units)
        return ()

    @property
    def n_trained(self) -> int:
        """How many trainings of the study's length follow each other."""
        return len(self.tasks) if self.method.name in SEQUENTIAL else 1

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the losses of its curve are called: tasks, then what holds the answers of all but the last."""
        held = isinstance(self.method, LwfMethod) and self.method.weight > 0
        return (*self.tasks, *(held_name(task) for task in self.tasks[:-1] if held))

    @property
    def label(self) -> RunLabel:
        """Tasks, method and seed, and what distinguishes it from others of its method."""
        details: dict[str, Detail] = {"method": self.method.name}
        if self.shares:
            details["shares"] = ",".join(f"{share:g}" for share in self.shares)
        usual = type(self.method)()
        for name in type(self.method).model_fields:
            if name != "shares" and getattr(self.method, name) != getattr(usual, name):
                details[name] = f"{getattr(self.method, name):g}"
        return RunLabel(self.kind, self.tasks, self.seed, details)

    @property
    def parents(self) -> tuple[Run, ...]:
        """The single-task networks that it is compared with."""
        return self.singles

    @property
    def singles(self) -> tuple[NetworkRun, ...]:
        """The single-task network of each task: the same blocks, data, training and seed."""
        return single_runs(self.dataset, self.tasks, self.backbone, self.training, self.seed)

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of all passes over all training samples, in 10⁹."""
        n_tasks = len(self.tasks)
        passes: float = n_tasks
        if self.method.name == "mtan":
            passes = 1 + _ATTENTION * n_tasks
        elif self.method.name == "feature-extraction":
            # Later tasks train heads, on features that are computed once.
            passes = 1
        elif isinstance(self.method, AdaShareMethod):
            first, *_ = self.method.epochs(max(self.training.epochs, 3))
            passes = n_tasks - (n_tasks - 1) * first / max(self.training.epochs, 3)
        if self.method.name == "nestednet" and self.shares and units_of(self.method):
            passes = sum(share**2 for share in self.shares)
        whole = sum(block_macs(backbone))
        return whole * (passes + HEAD_SHARE * n_tasks) * self.dataset.passes(self.training.epochs) / GIGA

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data and settings say about the result; masks and attention change parameters."""
        found = super().bounds(backbone)
        assert found.most_steps is not None
        found = replace(found, most_steps=found.most_steps * self.n_trained, losses=frozenset(self.loss_names))
        return replace(found, block_params=backbone.params) if self.method.name in STAGED else found

    def payload_metrics(self, result: RunResult) -> list[tuple[str, str, Metrics]]:
        """Return task, where, and metrics of earlier stages that the payload holds."""
        if not result.is_done:
            return []
        return [
            (task, f"{split} after task {number}", metrics)
            for split, stages in self.payload_of(result, RivalPayload).stages.items()
            for number, tasks in enumerate(stages)
            for task, metrics in tasks.items()
        ]

    def check(self, result: RunResult) -> None:
        """Check that a result speaks of a network of the run's method, tasks and blocks.

        Raises:
            StudyError: It speaks of another one, or its counts contradict each other.
        """
        if not result.is_done:
            return
        payload, n_tasks = self.payload_of(result, RivalPayload), len(self.tasks)
        heads = sum(payload.head_params)
        counted = (heads, payload.stored_params + heads) == (result.head_params, result.params)
        fits = payload.fits(self.method, n_tasks, self.backbone.blocks) and self._has_stages(payload, result)
        if not counted or not fits:
            raise StudyError(
                f'The result of "{self.label}" counts what no network of its method, tasks and blocks has. '
                "Train it again."
            )

    def _has_stages(self, payload: RivalPayload, result: RunResult) -> bool:
        """Return whether tasks are measured after each of them, where that is so; the last time is the result's own."""
        if self.method.name not in STAGED:
            return not payload.stages
        known = [{*self.tasks[: number + 1]} for number in range(len(self.tasks))]
        return payload.stages.keys() == result.metrics.keys() and all(
            [tasks.keys() for tasks in stages] == known and stages[-1] == result.metrics[split]
            for split, stages in payload.stages.items()
        )


def held_name(task: str) -> str:
    """Return what the loss is called that holds what a task answers."""
    return f"{task}, held"


def method_runs(study: StudySpecification, seed: int) -> list[RivalRun]:
    """Return the run of each method that a study requests, in their order, from one seed."""
    request = study.requested(RivalRequest)
    assert request is not None
    return [
        RivalRun(
            dataset=study.dataset.for_seed(seed),
            tasks=study.tasks,
            backbone=study.backbone,
            method=method,
            training=study.training,
            seed=seed,
        )
        for method in request.methods
    ]


def expand(study: StudySpecification) -> list[Run]:
    """Return the runs that a study requests: seed by seed single-task networks, then methods."""
    request = study.requested(RivalRequest)
    if request is None:
        return []
    found: list[Run] = []
    for seed in request.seeds:
        found += [single_run(study, task, seed) for task in range(len(study.tasks))]
        found += method_runs(study, seed)
    return found
