"""The run of one task's level trained alone."""

from dataclasses import replace
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.backbones.division import MOST_UNITS, Division
from core.errors import StudyError
from core.families.single.one_set import OneSetRun
from core.families.virtual.payload import NarrowPayload
from core.families.virtual.totals import densities
from core.runs.bounds import ResultBounds
from core.runs.label import Detail, RunLabel
from core.runs.result import RunResult
from core.runs.run import GIGA, HEAD_SHARE, Payload, block_macs


class NarrowRun(OneSetRun):
    """The network of one task's level trained alone: the layers of its units, and nothing shared with anybody.

    Which units of a level makes no difference to a network that is trained alone, so it is one run for all orders.

    Args:
        dataset: Of the task.
        tasks: The task as the study calls it, alone.
        task: What its data set calls it, where the study has several data sets; empty otherwise.
        size: Height and width that pictures are brought to, in that case; 0 otherwise.
        units: Into how many units channels are divided.
        base: Share of the channels that every level has.
        level: Which level, from 0; the last one is the single-task network, which is no run of this kind.
    """

    kind: ClassVar[str] = "narrow-network"
    carried_out_by: ClassVar[str] = "core.families.virtual.narrow_train:train_narrow"
    payload_type: ClassVar[type[Payload] | None] = NarrowPayload
    can_keep_weights: ClassVar[bool] = True

    task: str = Field(default="", max_length=64)
    size: int = Field(default=0, ge=0, le=4096)
    units: int = Field(ge=2, le=MOST_UNITS)
    base: float = Field(default=0.0, ge=0.0, lt=1.0)
    level: int = Field(ge=0, lt=MOST_UNITS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.tasks) != 1 or self.level >= self.units - 1:
            raise ValueError("a network that is trained alone has one task, and a level below the last")
        return self

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie."""
        found = super().identity
        return {**found, **self.dataset.revisions([self.task])} if self.task else found

    @property
    def division(self) -> Division:
        """How channels are divided."""
        return Division(self.units, self.base)

    @property
    def label(self) -> RunLabel:
        """Task, level and seed."""
        details: dict[str, Detail] = {"units": self.units, "level": self.level}
        if self.base:
            details["base"] = f"{self.base:g}"
        return RunLabel(self.kind, self.tasks, self.seed, details)

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data, settings and blocks say about the result: fewer parameters than the whole network."""
        found = replace(super().bounds(backbone), most_block_params=backbone.params)
        return replace(found, size=(self.size, self.size)) if self.size else found

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates over all training samples, in 10⁹."""
        whole = sum(block_macs(backbone)) * float(densities(self.units, self.base)[self.level])
        return whole * (1 + HEAD_SHARE) * self.dataset.passes(self.training.epochs) / GIGA

    def check(self, result: RunResult) -> None:
        """Check that a result counts the parameters of one network.

        Raises:
            StudyError: It contradicts itself.
        """
        if not result.is_done:
            return
        record = self.payload_of(result, NarrowPayload).record
        if (result.params, result.head_params) != (record.params, record.head_params):
            raise StudyError(f'The result of "{self.label}" counts its parameters in two ways. Train it again.')
