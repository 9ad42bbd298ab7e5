"""Several data sets as a study asks for them, and any data set: one or several."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from core.runs.frozen import Frozen
from core.studies.dataset_base import Dataset, ReadSize
from core.studies.dataset_specification import OneDataset, named
from core.studies.fields import as_tuple


class SetSpecification(Frozen):
    """One data set of several, and what is asked of it.

    Args:
        name: What its branch is called.
        task: One of the tasks of the data set.
        dataset: Which data set.
    """

    name: str = Field(max_length=64)
    task: str = Field(max_length=64)
    dataset: Annotated[OneDataset, Field(discriminator="name"), BeforeValidator(named)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.dataset.for_seed(0) is not self.dataset:
            raise ValueError("several data sets keep their splits for all seeds. Leave redrawn out")
        return self

    @property
    def identity(self) -> dict[str, Any]:
        """Return the plain values that say what is learned, without where the data lie."""
        outside = {"dataset": {*self.dataset.not_hashed}}
        return self.model_dump(mode="json", exclude=outside) | self.dataset.revisions([self.task])


class SeveralSpecification(Dataset):
    """Several data sets, each with its own pictures and labels: what families with federated batches are trained on.

    Args:
        sets: One for every branch.
        size: Height and width that all pictures are brought to.
    """

    name: Literal["several"]
    sets: Annotated[tuple[SetSpecification, ...], BeforeValidator(as_tuple), Field(min_length=2, max_length=40)]
    size: ReadSize = 32

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.part is not None:
            raise ValueError("parts are of the pictures of one data set. Write part below the dataset of a set")
        return self


DatasetSpecification = Annotated[OneDataset | SeveralSpecification, Field(discriminator="name"), BeforeValidator(named)]
