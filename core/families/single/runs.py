"""The run that trains one network: of one task, or of some tasks that share blocks in one tree."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

from pydantic import model_validator

from core.backbones import Backbone
from core.bounded_number import TaskIndex
from core.errors import StudyError
from core.families.single.one_set import OneSetRun
from core.layouts import Layout
from core.runs.bounds import ResultBounds
from core.runs.label import RunLabel
from core.runs.run import GIGA, HEAD_SHARE, Run, block_macs
from core.runs.settings import BackboneSpecification, TrainingSettings
from core.studies.several_specification import DatasetSpecification
from core.studies.specification import StudySpecification


class NetworkRun(OneSetRun):
    """One training: one tree network on some tasks from one seed.

    ``layout`` is in indices of ``tasks``. Its first partition has one group: tasks that
    share nothing are separate runs.
    """

    kind: ClassVar[str] = "layout"
    carried_out_by: ClassVar[str] = "core.families.single.train:train_run"
    can_keep_weights: ClassVar[bool] = True
    compact: ClassVar[bool] = True

    layout: tuple[tuple[tuple[TaskIndex, ...], ...], ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        layout = self.tree
        if layout.n_tasks != len(self.tasks) or layout.n_blocks != self.backbone.blocks:
            raise ValueError("the layout does not match the tasks and blocks of the run")
        return self

    @property
    def tree(self) -> Layout:
        """The layout as a value."""
        return Layout(self.layout)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie; its keys are older than kinds."""
        return {name: value for name, value in super().identity.items() if name != "kind"}

    @property
    def label(self) -> RunLabel:
        """Tasks and seed; the layout where there are several tasks."""
        details = {"layout": self.tree.to_text()} if len(self.tasks) > 1 else {}
        return RunLabel(self.kind, self.tasks, self.seed, details)

    @property
    def parents(self) -> tuple[Run, ...]:
        """The single-task networks that a network of several tasks is compared with."""
        if len(self.tasks) == 1:
            return ()
        alone = Layout.all_shared(1, self.backbone.blocks).partitions
        return tuple(self.model_copy(update={"tasks": (task,), "layout": alone}) for task in self.tasks)

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data, settings and layout say about the result."""
        return replace(
            super().bounds(backbone),
            block_params=sum(
                block.params * len(groups) for block, groups in zip(backbone.blocks, self.layout, strict=True)
            ),
        )

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of all copies of blocks and of heads, over all training samples, in 10⁹."""
        macs = block_macs(backbone)
        copies = sum(cost * len(groups) for cost, groups in zip(macs, self.layout, strict=True))
        return (copies + HEAD_SHARE * sum(macs) * len(self.tasks)) * self.dataset.passes(self.training.epochs) / GIGA


def network_run(study: StudySpecification, tasks: Sequence[int], layout: Layout, seed: int) -> NetworkRun:
    """Return the run of one connected tree over some tasks of a study.

    Args:
        study: Data set, backbone and training settings.
        tasks: Indices of the tasks.
        layout: In local indices of these tasks.
        seed: Of the run.

    Raises:
        StudyError: The layout has other numbers of tasks or blocks.
    """
    wanted = (NetworkRun, tuple(tasks), layout, seed)
    # Assembling a study needs the same runs again and again, and a key takes a hash of the whole document.
    if wanted in study.derived:
        known: NetworkRun = study.derived[wanted]
        return known
    if (layout.n_tasks, layout.n_blocks) != (len(tasks), study.backbone.blocks):
        raise StudyError(
            f"A layout of {layout.n_tasks} tasks and {layout.n_blocks} blocks was requested of {len(tasks)} tasks "
            f"and {study.backbone.blocks} blocks. They should match."
        )
    # Every part was validated when created; a study with trained layouts makes thousands of these.
    run = NetworkRun.model_construct(
        dataset=study.dataset.for_seed(seed),
        tasks=tuple(study.tasks[task] for task in tasks),
        backbone=study.backbone,
        layout=layout.partitions,
        training=study.training,
        seed=seed,
    )
    study.derived[wanted] = run
    return run


def single_run(study: StudySpecification, task: int, seed: int) -> NetworkRun:
    """Return the run of a single-task network of a study.

    Args:
        study: Data set, backbone and training settings.
        task: Index of the task.
        seed: Of the run.
    """
    return network_run(study, [task], Layout.all_shared(1, study.backbone.blocks), seed)


def single_runs(
    dataset: DatasetSpecification,
    tasks: Sequence[str],
    backbone: BackboneSpecification,
    training: TrainingSettings,
    seed: int,
) -> tuple[NetworkRun, ...]:
    """Return the run of the single-task network of each task that another network is compared with.

    Args:
        dataset: What is learned from.
        tasks: Names.
        backbone: Its blocks.
        training: How it is trained.
        seed: Of initial weights and orders.
    """
    alone = Layout.all_shared(1, backbone.blocks).partitions
    return tuple(
        NetworkRun(dataset=dataset, tasks=(task,), backbone=backbone, layout=alone, training=training, seed=seed)
        for task in tasks
    )
