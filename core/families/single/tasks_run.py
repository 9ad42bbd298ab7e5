"""What the runs have in common that train one network on tasks of one data set, or of several, a task each."""

from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from core.backbones import Backbone
from core.data.federated import FederatedSampler
from core.families.single.one_set import OneSetRun
from core.families.single.runs import NetworkRun, single_runs
from core.families.single.set_network import SetNetworkRun
from core.runs.bounds import ResultBounds
from core.runs.result import SPLITS
from core.runs.run import RECIPE, Run
from core.runs.settings import WHERE_TRAINED
from core.studies.several_specification import SeveralSpecification
from core.studies.split_size import split_size


class TasksRun(OneSetRun):
    """Base of the runs of one network with weights that tasks share: of one data set, or of several, a task each.

    Whose tasks have several data sets trains on batches with rows of each.
    """

    can_keep_weights: ClassVar[bool] = True
    keeps_weights: ClassVar[bool] = True

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie."""
        if not isinstance(self.dataset, SeveralSpecification):
            return super().identity
        plain = self.model_dump(mode="json", exclude={"training": {*WHERE_TRAINED}, "dataset": True})
        sets = [each.identity for each in self.dataset.sets]
        return {"recipe": RECIPE, "kind": self.kind, **plain, "sets": sets, "size": self.dataset.size}

    @property
    def on_several(self) -> bool:
        """Whether every task has its own data set."""
        return isinstance(self.dataset, SeveralSpecification)

    @property
    def parents(self) -> tuple[Run, ...]:
        """The single-task networks that it is compared with, and may start from."""
        return self.singles

    @cached_property
    def singles(self) -> tuple[NetworkRun, ...]:
        """The single-task network of each task: the same blocks, data, training and seed."""
        if isinstance(self.dataset, SeveralSpecification):
            found = (self.dataset, self.backbone, self.training, self.seed)
            return tuple(SetNetworkRun.of(each, *found) for each in self.dataset.sets)
        return single_runs(self.dataset, self.tasks, self.backbone, self.training, self.seed)

    @property
    def loss_names(self) -> tuple[str, ...]:
        """What the losses of its curve are called."""
        return self.tasks

    def bounds(self, backbone: Backbone) -> ResultBounds:
        """Return what data, settings and blocks say about the result."""
        found = replace(super().bounds(backbone), block_params=backbone.params, losses=frozenset(self.loss_names))
        if not isinstance(self.dataset, SeveralSpecification):
            return found
        sets = {each.name: each.dataset for each in self.dataset.sets if each.name in self.measured_tasks}
        samples = {split: {name: split_size(one, split) for name, one in sets.items()} for split in SPLITS}
        sizes = tuple(split_size(each.dataset, "train").most for each in self.dataset.sets)
        steps = FederatedSampler(sizes, self.training.batch_size).steps
        return replace(found, data=sets, samples=samples, most_steps=steps * self.training.epochs)

    def passes(self, epochs: int) -> float:
        """Return how many training samples some epochs go through: as many of every set as of the longest."""
        if isinstance(self.dataset, SeveralSpecification):
            return len(self.dataset.sets) * max(each.dataset.passes(epochs) for each in self.dataset.sets)
        return self.dataset.passes(epochs)
