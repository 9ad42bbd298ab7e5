"""The run of one network on a backbone of another width."""

from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from pydantic import Field

from core.backbones import Backbone
from core.errors import StudyError
from core.families.single.runs import NetworkRun, single_runs
from core.families.widened.payload import WidenedPayload
from core.families.widened.request import WidenedRequest, width_name
from core.runs.bounds import ResultBounds
from core.runs.label import Detail, RunLabel
from core.runs.result import RunResult
from core.runs.run import Payload, Run
from core.studies.latencies import TimedBlocks
from core.studies.specification import StudySpecification


class WidenedRun(NetworkRun):
    """One tree network on some tasks; like that of a layout, but its blocks have another width.

    Args:
        width: Channels of its first block; ``backbone`` is that of the study, which the baselines have.
    """

    kind: ClassVar[str] = "widened"
    carried_out_by: ClassVar[str] = "core.families.widened.train:train_widened"
    payload_type: ClassVar[type[Payload] | None] = WidenedPayload
    compact: ClassVar[bool] = False

    width: int = Field(ge=2, le=256)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie."""
        return {**super().identity, "kind": self.kind}

    @property
    def label(self) -> RunLabel:
        """Tasks, seed, layout and width."""
        details: dict[str, Detail] = {"layout": self.tree.to_text(), "width": self.width}
        return RunLabel(self.kind, self.tasks, self.seed, details)

    @property
    def parents(self) -> tuple[Run, ...]:
        """The single-task networks of the study's own width that it is compared with."""
        return self.singles

    @cached_property
    def singles(self) -> tuple[NetworkRun, ...]:
        """The single-task network of each of its tasks."""
        return single_runs(self.dataset, self.tasks, self.backbone, self.training, self.seed)

    @property
    def network(self) -> NetworkRun:
        """The training itself: the same layout on the wider backbone."""
        wide = self.backbone.model_copy(update={"width": self.width})
        fields = {name: getattr(self, name) for name in NetworkRun.model_fields}
        return NetworkRun(**{**fields, "backbone": wide})

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data and settings say about the result; its blocks are not those of the study."""
        return replace(super().bounds(backbone), block_params=None)

    def check(self, result: RunResult) -> None:
        """Check that the parameters of a result are those of its blocks.

        Raises:
            StudyError: They are not, or it has another number of blocks.
        """
        if not result.is_done:
            return
        payload = self.payload_of(result, WidenedPayload)
        if {len(payload.params), len(payload.macs)} != {self.backbone.blocks} or (
            sum(n * len(groups) for n, groups in zip(payload.params, self.layout, strict=True))
            != result.params - result.head_params
        ):
            raise StudyError(f'The run "{self.label}" has other blocks than it says. Export the study again.')

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates over all training samples, in 10⁹: they grow with the square of the width."""
        return super().work(backbone) * (self.width / self.backbone.width) ** 2


def width_runs(study: StudySpecification, width: int, seed: int) -> list[WidenedRun]:
    """Return the runs of a study's layout at one width: one for each separate network in it."""
    request = study.requested(WidenedRequest)
    assert request is not None
    return [
        WidenedRun(
            dataset=study.dataset.for_seed(seed),
            tasks=tuple(study.tasks[task] for task in tasks),
            backbone=study.backbone,
            layout=layout.partitions,
            training=study.training,
            seed=seed,
            width=width,
        )
        for tasks, layout in request.sharing(study).components()
    ]


def expand(study: StudySpecification) -> list[Run]:
    """Return the runs that a study requests, seed by seed: single-task networks, then widths."""
    request = study.requested(WidenedRequest)
    found: list[Run] = []
    for seed in request.seeds if request else ():
        runs = [run for width in request.widths for run in width_runs(study, width, seed)] if request else []
        singles = {single.key: single for run in runs for single in run.singles}
        found += [*singles.values(), *runs]
    return found


def timed_widths(study: StudySpecification) -> list[TimedBlocks]:
    """Return the blocks of each width."""
    request = study.requested(WidenedRequest)
    return [
        TimedBlocks(
            family="widened", name=width_name(width), backbone=study.backbone.model_copy(update={"width": width})
        )
        for width in (() if request is None else request.widths)
    ]
