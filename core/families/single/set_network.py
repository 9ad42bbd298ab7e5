"""A single-task network on one of several data sets, as a run: what a multi-path network of these sets learns from."""

from dataclasses import replace
from typing import Any, ClassVar, Self

from pydantic import Field

from core.backbones import Backbone
from core.bounded_number import Side
from core.families.single.runs import NetworkRun
from core.layouts import Layout
from core.runs.bounds import ResultBounds
from core.runs.run import RECIPE, Run
from core.runs.settings import WHERE_TRAINED, BackboneSpecification, TrainingSettings
from core.studies.several_specification import SetSpecification, SeveralSpecification


class SetNetworkRun(NetworkRun):
    """One training of a single-task network on its own data set, with pictures of the size that all sets have.

    Args:
        dataset: The data set.
        tasks: What it is called in the study, alone.
        task: One of the tasks of the data set.
        size: Height and width that pictures are brought to.
    """

    kind: ClassVar[str] = "set-network"
    carried_out_by: ClassVar[str] = "core.families.single.set_train:train_set"
    compact: ClassVar[bool] = False

    task: str = Field(max_length=64)
    size: Side

    @classmethod
    def of(
        cls,
        each: SetSpecification,
        several: SeveralSpecification,
        backbone: BackboneSpecification,
        training: TrainingSettings,
        seed: int,
    ) -> Self:
        """Return the run of one of several data sets.

        Args:
            each: The data set and its task.
            several: It and the others.
            backbone: Its blocks.
            training: How it is trained.
            seed: Of initial weights and orders.
        """
        return cls(
            dataset=each.dataset,
            tasks=(each.name,),
            backbone=backbone,
            layout=Layout.all_shared(1, backbone.blocks).partitions,
            training=training,
            seed=seed,
            task=each.task,
            size=several.size,
        )

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie."""
        outside = {"training": {*WHERE_TRAINED}, "dataset": {*self.dataset.not_hashed}}
        plain = self.model_dump(mode="json", exclude=outside)
        return {"recipe": RECIPE, "kind": self.kind, **plain, **self.dataset.revisions([self.task])}

    @property
    def parents(self) -> tuple[Run, ...]:
        """None."""
        return ()

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data set, settings and blocks say about the result."""
        return replace(super().bounds(backbone), size=(self.size, self.size))
