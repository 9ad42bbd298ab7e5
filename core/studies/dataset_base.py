"""What every data set of a study may say: the base of their specifications and the types of their fields."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from core.runs.frozen import Extended, as_tuple, shown_path
from core.value_fault import register

MAX_PATH: Final = 1000
_HASH: Final = register(r"^([0-9a-f]{32}|[0-9a-f]{64})?$", "32 or 64 hexadecimal digits")
# Training samples of a data set that says how many only once it is read.
UNKNOWN_SAMPLES: Final = 1000


DatasetPath = Annotated[str, Field(min_length=1, max_length=MAX_PATH), AfterValidator(shown_path)]
# 32 digits in studies of earlier versions.
Fingerprint = Annotated[str, Field(pattern=_HASH)]
PictureSize = Annotated[int, Field(ge=16, le=256)]
# Of pictures that are read from files.
ReadSize = Annotated[int, Field(ge=16, le=512)]
Fit = Literal["stretch", "pad", "crop"]
MOST_PICTURES: Final = 1_000_000
Share = Annotated[float, Field(gt=0.0, le=0.25)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Part = Annotated[
    tuple[Annotated[int, Field(ge=0, lt=40, strict=True)], Annotated[int, Field(ge=2, le=40, strict=True)]],
    BeforeValidator(as_tuple),
]


class Dataset(Extended):
    """What every data set's specification has; the keys named here mean the same in all that have them.

    Args:
        name: Which data set; says which other keys there are.
        path: Folder or file on the machine that trains, absolute or from the study file's folder.
        n_train: Training pictures; in data that are read, at most so many.
        n_validation: Validation pictures; in data that are read, at most so many.
        n_test: Test pictures; in data that are read, at most so many.
        validation: Share of the pictures for validation, where the data do not say which.
        test: Share of the pictures for test, where the data do not say which.
        size: Height and width that pictures have or are brought to, in pixels.
        noise: Standard deviation of the noise added to every channel, on a range of 0 to 1.
        seed: Decides the generated pictures, or which picture is in which split.
        part: Which part of the training pictures is used, from 0, and of how many: they are drawn into as many parts
            that share none. All of them where left out; validation and test pictures stay.

    Class attributes:
        in_folder: Whether it lies in a folder of this machine.
        revised: Task → version of its targets, where they are no longer the first ones.
        made_to_size: Whether every split has exactly as many pictures as are requested.
        generated: Whether its pictures are drawn by a program; others are read.
    """

    added: ClassVar[frozenset[str]] = frozenset({"part"})

    in_folder: ClassVar[bool] = False
    made_to_size: ClassVar[bool] = False
    generated: ClassVar[bool] = False
    revised: ClassVar[Mapping[str, int]] = MappingProxyType({})

    part: Part | None = None

    @model_validator(mode="after")
    def _check_part(self) -> Self:
        part, parts = self.part or (0, 1)
        if part >= parts:
            raise ValueError(f"there is no part {part} of {parts}: parts count from 0. Write part = [0, {parts}]")
        return self

    @property
    def not_hashed(self) -> frozenset[str]:
        """Fields that say where the data are and not what they are, so that keys leave them out."""
        return frozenset()

    def revisions(self, tasks: Iterable[str]) -> dict[str, Any]:
        """Return what a key says of revised targets; nothing where all targets are the first ones.

        Args:
            tasks: Names of the tasks of the run.
        """
        found = {task: self.revised[task] for task in tasks if task in self.revised}
        return {"revised": found} if found else {}

    def for_seed(self, seed: int) -> Self:  # noqa: ARG002  # the same for all seeds, unless a set says otherwise
        """Return the data that a run of some seed is trained on."""
        return self

    def passes(self, epochs: int) -> float:
        """Return how many training samples some epochs go through; 1,000 each where only reading the data tells."""
        whole = float(epochs * (getattr(self, "n_train", None) or UNKNOWN_SAMPLES))
        return whole if self.part is None else whole / self.part[1]
