"""What the runs have in common that train one network on tasks of one data set."""

from typing import Any

from pydantic import Field

from core.backbones import Backbone
from core.runs.bounds import ResultBounds
from core.runs.result import SPLITS
from core.runs.run import RECIPE, Run
from core.runs.settings import WHERE_TRAINED, BackboneSpecification, TrainingSettings
from core.studies.fields import Names
from core.studies.several_specification import DatasetSpecification
from core.studies.split_size import picture_size, split_size


class OneSetRun(Run):
    """Base of the runs that train one network on tasks of one data set.

    Args:
        dataset: What is learned from.
        tasks: Names in index order.
        backbone: Its blocks.
        training: How it is trained.
        seed: Of initial weights and orders.
    """

    dataset: DatasetSpecification
    tasks: Names
    backbone: BackboneSpecification
    training: TrainingSettings
    seed: int = Field(ge=0, lt=2**31)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie."""
        outside = {"training": {*WHERE_TRAINED}, "dataset": {*self.dataset.not_hashed}}
        plain = self.model_dump(mode="json", exclude=outside)
        return {"recipe": RECIPE, "kind": self.kind, **plain, **self.dataset.revisions(self.tasks)}

    @property
    def settings(self) -> TrainingSettings:
        """How it is trained."""
        return self.training

    def bounds(self, backbone: Backbone) -> ResultBounds:  # noqa: ARG002  # kinds that know more say more
        """Return what data and settings say about the result."""
        measured = self.measured_tasks
        n_train = split_size(self.dataset, "train").most
        return ResultBounds(
            data=dict.fromkeys(measured, self.dataset),
            samples={split: dict.fromkeys(measured, split_size(self.dataset, split)) for split in SPLITS},
            most_steps=max(n_train // self.training.batch_size, 1) * self.training.epochs,
            size=picture_size(self.dataset),
        )
