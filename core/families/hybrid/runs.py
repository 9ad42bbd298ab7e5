"""The run of a hybrid: one connected tree whose tasks leave behind certain blocks."""

from dataclasses import replace
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.bounded_number import TaskIndex
from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.request import HybridRequest
from core.families.single.one_set import OneSetRun
from core.families.single.runs import NetworkRun, network_run, single_run, single_runs
from core.layouts import Group, Layout
from core.runs.bounds import ResultBounds
from core.runs.label import RunLabel
from core.runs.run import GIGA, HEAD_SHARE, Run, block_macs
from core.studies.specification import StudySpecification


class HybridRun(OneSetRun):
    """One training: one hybrid on some tasks from one seed.

    Args:
        layout: Which tasks share each block, in indices of ``tasks``; they share the first one.
        exits: Last block of each task.
    """

    kind: ClassVar[str] = "hybrid"
    carried_out_by: ClassVar[str] = "core.families.hybrid.train:train_hybrid"

    layout: tuple[tuple[tuple[TaskIndex, ...], ...], ...]
    exits: Annotated[tuple[Annotated[int, Field(ge=0, lt=40)], ...], Field(max_length=40)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        hybrid = self.hybrid
        if hybrid.layout.n_tasks != len(self.tasks) or hybrid.n_blocks != self.backbone.blocks:
            raise ValueError("the hybrid does not match the tasks and blocks of the run")
        return self

    @property
    def hybrid(self) -> Hybrid:
        """The network as a value."""
        return Hybrid(Layout(self.layout), self.exits)

    @property
    def label(self) -> RunLabel:
        """Tasks, tree, exits and seed."""
        hybrid = self.hybrid
        details = {"layout": hybrid.layout.to_text(), "exits": ",".join(map(str, hybrid.exits))}
        return RunLabel(self.kind, self.tasks, self.seed, details)

    @property
    def singles(self) -> tuple[NetworkRun, ...]:
        """The single-task networks of its seed."""
        return single_runs(self.dataset, self.tasks, self.backbone, self.training, self.seed)

    @property
    def parents(self) -> tuple[Run, ...]:
        """The single-task networks that it is compared with."""
        return self.singles

    @property
    def _copies(self) -> list[int]:
        hybrid = self.hybrid
        return [len(hybrid.groups(block)) for block in range(hybrid.n_blocks)]

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data, settings and network say about the result."""
        held = sum(block.params * n for block, n in zip(backbone.blocks, self._copies, strict=True))
        return replace(super().bounds(backbone), block_params=held)

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of all copies of blocks and of heads, over all training samples, in 10⁹."""
        macs = block_macs(backbone)
        copies = sum(cost * n for cost, n in zip(macs, self._copies, strict=True))
        return (copies + HEAD_SHARE * sum(macs) * len(self.tasks)) * self.dataset.passes(self.training.epochs) / GIGA


def component_runs(study: StudySpecification, hybrid: Hybrid, seed: int) -> list[tuple[Group, NetworkRun | HybridRun]]:
    """Return the separate networks of a hybrid: their tasks and runs; one that no task leaves early is a layout's.

    Args:
        study: Data set, backbone and training settings.
        hybrid: In indices of its tasks.
        seed: Of the runs.
    """
    wanted = (HybridRun, hybrid, seed)
    # Assembling a study needs the same runs again and again, and a key takes a hash of the whole document.
    if wanted not in study.derived:
        study.derived[wanted] = [(group, _run(study, group, part, seed)) for group, part in hybrid.components()]
    found: list[tuple[Group, NetworkRun | HybridRun]] = study.derived[wanted]
    return found


def _run(study: StudySpecification, group: Group, part: Hybrid, seed: int) -> NetworkRun | HybridRun:
    if part.is_layout:
        return network_run(study, group, part.layout, seed)
    return HybridRun(
        dataset=study.dataset.for_seed(seed),
        tasks=tuple(study.tasks[task] for task in group),
        backbone=study.backbone,
        layout=part.layout.partitions,
        exits=part.exits,
        training=study.training,
        seed=seed,
    )


def expand(study: StudySpecification) -> list[Run]:
    """Return every network once: seed by seed single-task networks, then the separate networks of hybrids."""
    request = study.requested(HybridRequest)
    if request is None:
        return []
    hybrids = request.hybrids(study.tasks)
    found: list[Run] = []
    for seed in request.seeds:
        found += [single_run(study, task, seed) for task in range(len(study.tasks))]
        found += [run for hybrid in hybrids for _, run in component_runs(study, hybrid, seed)]
    return list({run.key: run for run in found}.values())
