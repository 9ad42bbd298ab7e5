"""Time estimates of new studies, and presets that fit a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from core.backbones import Backbone, Block
from core.backbones.catalogue import bundled_backbones, load_backbone
from core.families.layouts.request import OracleRequest, TableRequest
from core.jobs.estimate import Speed, work_of
from core.runs.frozen import Frozen
from core.studies.dataset_base import UNKNOWN_SAMPLES
from core.studies.expand import expand
from core.studies.specification import BackboneSpecification, StudySpecification

ONE_MINUTE, TEN_MINUTES, THOROUGH, OWN = "one minute", "ten minutes", "thorough", "own"
_Request = TypeVar("_Request", TableRequest, OracleRequest)
TARGETS: Mapping[str, float] = {ONE_MINUTE: 60.0, TEN_MINUTES: 600.0}
UNKNOWN_PICTURES = UNKNOWN_SAMPLES
_SMALL = "small_residual_8"
_SMALL_WIDTH = 8
_USUAL = "resnet18"
# A first convolution and a pooling that keep the size leave pictures four times as wide and high.
_SMALL_STEM = 16


@dataclass(frozen=True, slots=True)
class Recipe:
    """Amount of training of a study.

    Args:
        n_train: Training pictures; None where the data set fixes them.
        epochs: Passes over them.
        n_seeds: How often the table is trained.
    """

    n_train: int | None
    epochs: int
    n_seeds: int


# Least first; what reduces uncertainty most is added first.
_RUNGS = (
    Recipe(200, 2, 1),
    Recipe(300, 3, 1),
    Recipe(500, 3, 1),
    Recipe(1000, 3, 1),
    Recipe(1000, 5, 1),
    Recipe(2000, 5, 1),
    Recipe(2000, 10, 1),
    Recipe(4000, 10, 1),
    Recipe(4000, 10, 2),
    Recipe(4000, 10, 3),
    Recipe(4000, 15, 3),
    Recipe(4000, 20, 3),
    Recipe(4000, 20, 5),
)


def torchvision_backbones() -> tuple[str, ...]:
    """Return the bundled profiles of torchvision's classification networks that can be trained here."""
    others = ("deeplabv3", "small_residual", "thin_vgg16")
    return tuple(name for name in bundled_backbones() if not name.startswith(others))


def rough_backbone(specification: BackboneSpecification, size: tuple[int, int]) -> Backbone:
    """Return the approximate cost of a backbone before it is traced: a bundled profile scaled to the pictures.

    Args:
        specification: Which backbone.
        size: Height and width of the pictures.

    Raises:
        BackboneError: There is no profile of that name, or it has fewer blocks.
    """
    stem = _SMALL_STEM if specification.stem == "small" else 1.0
    if not specification.is_traced:
        small = load_backbone(_SMALL)
        merged = small.n_blocks - specification.blocks
        starts = [0, *range(max(merged, 0) + 1, small.n_blocks)]
        return _scaled(small.merged(starts), size, (specification.width / _SMALL_WIDTH) ** 2)
    if not specification.torchvision_name or specification.cuts:
        return _scaled(_of_unknown(specification.blocks), size, stem)
    profile = load_backbone(specification.torchvision_name)
    return _scaled(profile.merged_to(specification.blocks), size, stem)


def _of_unknown(n_blocks: int) -> Backbone:
    """Return a network of the size of ResNet-18 in equal blocks: others are known only when they are traced."""
    usual = load_backbone(_USUAL)
    block = Block("block", usual.params // n_blocks, usual.macs // n_blocks)
    return replace(usual, blocks=(block,) * n_blocks)


def _scaled(profile: Backbone, size: tuple[int, int], factor: float) -> Backbone:
    _, height, width = profile.input_shape
    by = factor * size[0] * size[1] / (height * width)
    return replace(profile, blocks=tuple(replace(block, macs=round(block.macs * by)) for block in profile.blocks))


@dataclass(frozen=True, slots=True)
class Price:
    """Work of the trainings of a study, in the unit of ``core.jobs.estimate``.

    Args:
        table: Sizes of the trainings of one seed of the table, per picture and epoch.
        oracle: Sizes of those of one seed of the oracle.
        once: Sizes of measurements, which are made from one seed only.
    """

    table: tuple[float, ...]
    oracle: tuple[float, ...]
    once: tuple[float, ...] = ()

    @classmethod
    def of(cls, study: StudySpecification, backbone: Backbone) -> "Price":
        """Return the price of a study.

        Args:
            study: The study.
            backbone: Its approximate costs.
        """
        size, samples = work_of(backbone), study.dataset.passes(study.training.epochs)
        table, oracle = study.requested(TableRequest), study.requested(OracleRequest)

        def sizes(*, training: bool, **requests: Frozen | None) -> tuple[float, ...]:
            alone = study.model_copy(
                update={"requests": {name: request for name, request in requests.items() if request is not None}}
            )
            return tuple(size(run) / samples for run in expand(alone) if run.is_training == training)

        return cls(
            sizes(training=True, table=_one_seed(table)),
            sizes(training=True, oracle=_one_seed(oracle)) if oracle else (),
            sizes(training=False, table=_one_seed(table)),
        )

    def seconds(
        self, recipe: Recipe, speed: Speed, workers: int, *, n_pictures: int = UNKNOWN_PICTURES, n_oracle_seeds: int = 0
    ) -> float:
        """Return the estimated seconds.

        Args:
            recipe: How much is trained.
            speed: Of a machine.
            workers: Number of trainings at once.
            n_pictures: Training pictures, where the data set fixes them.
            n_oracle_seeds: How often the oracle is trained.
        """
        samples = (recipe.n_train or n_pictures) * recipe.epochs
        whole = samples * (recipe.n_seeds * sum(self.table) + n_oracle_seeds * sum(self.oracle) + sum(self.once))
        longest = samples * max((*self.table, *self.oracle, *self.once), default=0.0)
        return speed.seconds * max(whole / max(workers, 1), longest)


def _one_seed(request: _Request | None) -> _Request | None:
    return None if request is None else request.model_copy(update={"seeds": request.seeds[:1]})


def recipe_for(
    preset: str,
    price: Price,
    speed: Speed,
    workers: int,
    *,
    n_pictures: int | None = None,
    n_oracle_seeds: int = 0,
) -> Recipe:
    """Return the largest recipe within the time of a preset; the smallest one where even that takes longer.

    Args:
        preset: *one minute*, *ten minutes* or *thorough*.
        price: Of the study.
        speed: Of a machine.
        workers: Number of trainings at once.
        n_pictures: Training pictures where the data set fixes them; None where they can be chosen.
        n_oracle_seeds: How often the oracle is trained.
    """
    rungs = _rungs(n_pictures)
    if preset not in TARGETS:
        return rungs[-1]
    fitting = [
        rung
        for rung in rungs
        if price.seconds(rung, speed, workers, n_pictures=n_pictures or UNKNOWN_PICTURES, n_oracle_seeds=n_oracle_seeds)
        <= TARGETS[preset]
    ]
    return fitting[-1] if fitting else rungs[0]


def usual_recipe(preset: str, *, n_pictures: int | None = None) -> Recipe:
    """Return what a preset trains where nothing tells how long that takes.

    Args:
        preset: *one minute*, *ten minutes* or *thorough*.
        n_pictures: Training pictures where the data set fixes them; None where they can be chosen.
    """
    rungs = _rungs(n_pictures)
    share = {ONE_MINUTE: 1 / 3, TEN_MINUTES: 2 / 3}.get(preset, 1.0)
    return rungs[round(share * (len(rungs) - 1))]


def _rungs(n_pictures: int | None) -> Sequence[Recipe]:
    if n_pictures is None:
        return _RUNGS
    # A small data set gets more epochs, for about as many steps.
    more = min(max(4000 / max(n_pictures, 1), 1.0), 4.0)
    found = {(1, 1), (2, 1), (3, 1), *((round(rung.epochs * more), rung.n_seeds) for rung in _RUNGS)}
    return [Recipe(None, epochs, n_seeds) for epochs, n_seeds in sorted(found, key=lambda both: both[0] * both[1])]
