"""The methods and their options, as values."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from core.backbones.division import MOST_UNITS
from core.runs.frozen import Frozen
from core.studies.fields import as_tuple

# What the multi-path paper gives each task in its comparison (Tables 2 and 3), by the number of tasks.
PUBLISHED_SHARES: Final[Mapping[int, tuple[float, ...]]] = MappingProxyType(
    {3: (0.5, 0.8, 1.0), 5: (0.4, 0.6, 0.7, 0.8, 1.0)}
)


def _rising(shares: tuple[float, ...]) -> tuple[float, ...]:
    if any(other <= one for one, other in pairwise(shares)):
        raise ValueError("each task has the weights of the one before it and some more, so shares rise")
    if shares and shares[-1] != 1.0:
        raise ValueError(f"the last task has all weights, so the last share is 1, not {shares[-1]:g}")
    return shares


Shares = Annotated[
    tuple[Annotated[float, Field(gt=0.0, le=1.0)], ...],
    BeforeValidator(as_tuple),
    AfterValidator(_rising),
    Field(max_length=40),
]


def _no_single_unit(units: int) -> int:
    if units == 1:
        raise ValueError("one unit is the whole network. Write 2 or more, or leave units out")
    return units


# 0 for single weights.
Units = Annotated[int, Field(ge=0, le=MOST_UNITS), AfterValidator(_no_single_unit)]


class _Options(Frozen):
    """Base of the options of a method, which are written with its name, also where all others are as by default."""

    name: str

    @model_serializer(mode="wrap")
    def _with_name(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"name": self.name, **handler(self)}


class PackNetMethod(_Options):
    """Options of PackNet, and with ``units`` of PackNet⁺, which keeps whole channels.

    Args:
        name: Which method.
        shares: Share of the weights, or of the units, that each task may use, its own and those of the tasks before
            it; left out, as the multi-path paper has them for 3 and 5 tasks of single weights, else equal steps.
        retrain: Share of a task's epochs that are trained after its weights were pruned.
        units: Into how many units the channels of every layer are divided, of which tasks keep whole ones; 0 where
            they keep single weights.
    """

    name: Literal["packnet"] = "packnet"
    shares: Shares = ()
    retrain: float = Field(default=0.3, gt=0.0, lt=1.0)
    units: Units = 0

    def epochs(self, epochs: int) -> tuple[int, int]:
        """Return how many of some epochs are trained before and after pruning; at least one each of two.

        >>> PackNetMethod().epochs(10), PackNetMethod().epochs(2), PackNetMethod(retrain=0.9).epochs(3)
        ((7, 3), (1, 1), (1, 2))
        """
        after = min(max(round(self.retrain * epochs), 1), epochs - 1)
        return epochs - after, after


class NestedNetMethod(_Options):
    """Options of NestedNet.

    Args:
        name: Which method.
        shares: Share of the weights, or of the units, in each level, one level for each task; as those of PackNet.
        units: As that of PackNet: levels nest whole channels instead of single weights.
    """

    name: Literal["nestednet"] = "nestednet"
    shares: Shares = ()
    units: Units = 0


class MtanMethod(_Options):
    """MTAN, which has no options here.

    Args:
        name: Which method.
    """

    name: Literal["mtan"] = "mtan"


class AdaShareMethod(_Options):
    """Options of AdaShare.

    Args:
        name: Which method.
        temperature: Of the Gumbel softmax when the search begins.
        end_temperature: Of the Gumbel softmax when the search ends; it falls by the same factor with each step.
        sparsity: Weight of the loss that asks for few blocks.
        sharing: Weight of the loss that asks tasks for the same blocks.
        warm_up: Share of the epochs in which every task runs all blocks, before the search.
        retrain: Share of the epochs in which the network is trained with the policy that was found.
    """

    name: Literal["adashare"] = "adashare"
    temperature: float = Field(default=5.0, ge=0.01, le=100.0)
    end_temperature: float = Field(default=0.02, ge=0.01, le=100.0)
    sparsity: float = Field(default=0.001, ge=0.0, le=100.0)
    sharing: float = Field(default=0.05, ge=0.0, le=100.0)
    warm_up: float = Field(default=0.1, gt=0.0, lt=1.0)
    retrain: float = Field(default=0.5, gt=0.0, lt=1.0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.warm_up + self.retrain >= 1.0:
            raise ValueError(
                f"warm_up {self.warm_up:g} and retrain {self.retrain:g} of the epochs leave nothing for the search. "
                "Let them add up to less than 1"
            )
        if self.end_temperature > self.temperature:
            raise ValueError(
                f"the temperature falls, and end_temperature {self.end_temperature:g} is above temperature "
                f"{self.temperature:g}. Exchange them"
            )
        return self

    def epochs(self, epochs: int) -> tuple[int, int, int]:
        """Return how many of some epochs warm up, search and train again; at least one each of three.

        >>> AdaShareMethod().epochs(30), AdaShareMethod().epochs(10), AdaShareMethod().epochs(3)
        ((3, 12, 15), (1, 4, 5), (1, 1, 1))
        """
        first = min(max(round(self.warm_up * epochs), 1), epochs - 2)
        last = min(max(round(self.retrain * epochs), 1), epochs - first - 1)
        return first, epochs - first - last, last


class FeatureExtractionMethod(_Options):
    """Feature extraction, which has no options here.

    Args:
        name: Which method.
    """

    name: Literal["feature-extraction"] = "feature-extraction"


class LwfMethod(_Options):
    """Options of Learning without Forgetting.

    Args:
        name: Which method.
        weight: Of the loss that holds what earlier tasks answer; 0 holds nothing, which is fine-tuning.
        temperature: T of this loss, by which scores are divided before they are compared.
    """

    name: Literal["lwf"] = "lwf"
    weight: float = Field(default=1.0, ge=0.0, le=1e3)
    temperature: float = Field(default=2.0, ge=0.01, le=100.0)


def _named(value: Any) -> Any:  # noqa: ANN401  # any decoded value
    return {"name": value} if isinstance(value, str) else value


Method = Annotated[
    Annotated[
        PackNetMethod | NestedNetMethod | MtanMethod | AdaShareMethod | FeatureExtractionMethod | LwfMethod,
        Field(discriminator="name"),
    ],
    BeforeValidator(_named),
]
# Trained where a study names none: each as its paper has it.
USUAL_METHODS: Final[tuple[Method, ...]] = (PackNetMethod(), NestedNetMethod(), MtanMethod(), AdaShareMethod())
# What pages call them, as their papers do; "units" marks those of whole channels.
TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "packnet": "PackNet",
        "nestednet": "NestedNet",
        "mtan": "MTAN",
        "adashare": "AdaShare",
        "packnetunits": "PackNet⁺",
        "nestednetunits": "NestedNet with channels",
        "featureextraction": "Feature extraction",
        "lwf": "LwF",
    }
)
# A method with several parts needs an epoch for each.
LEAST_EPOCHS: Final[Mapping[str, int]] = MappingProxyType(
    {"packnet": 2, "nestednet": 1, "mtan": 1, "adashare": 3, "feature-extraction": 1, "lwf": 1}
)
# They train one task after another; those in ``STAGED`` without the labels of the tasks before it, each of which is
# measured after every task.
SEQUENTIAL: Final = ("packnet", "feature-extraction", "lwf")
STAGED: Final = ("feature-extraction", "lwf")


def code_of(name: str, units: int = 0) -> str:
    """Return the code of a method in links, and its place among ``TITLES``.

    Args:
        name: Of the method.
        units: Into which channels are divided; 0 for none.
    """
    return f"{name.replace('-', '')}{'units' if units else ''}"


def offered_methods(units: int = 0) -> tuple[Method, ...]:
    """Return a method of each code, with the usual options.

    Args:
        units: Into which channels are divided; 0 leaves out the methods with units.
    """
    with_units = (PackNetMethod(units=units), NestedNetMethod(units=units)) if units else ()
    return (*USUAL_METHODS, *with_units, FeatureExtractionMethod(), LwfMethod())


def usual_units(n_tasks: int, channels: Sequence[int]) -> int:
    """Return the fewest units that give each task one and divide all layers; 0 where there are none.

    Args:
        n_tasks: Number of tasks.
        channels: Of the layers.

    >>> usual_units(3, (8, 16)), usual_units(2, (6, 9)), usual_units(9, (8, 16))
    (4, 3, 0)
    """
    return next((k for k in range(max(n_tasks, 2), MOST_UNITS + 1) if not any(c % k for c in channels)), 0)


def units_of(method: Method) -> int:
    """Return into how many units a method divides channels; 0 for none."""
    return method.units if isinstance(method, PackNetMethod | NestedNetMethod) else 0


def method_code(method: Method) -> str:
    """Return the code of a method in links; methods that differ in options only have one."""
    return code_of(method.name, units_of(method))


def title_of(method: Method) -> str:
    """Return what pages call a method.

    >>> title_of(PackNetMethod()), title_of(PackNetMethod(units=4)), title_of(LwfMethod(weight=0.0))
    ('PackNet', 'PackNet⁺', 'Fine-tuning')
    """
    if isinstance(method, LwfMethod) and not method.weight:
        return "Fine-tuning"
    return TITLES[method_code(method)]


def unit_counts(shares: tuple[float, ...], n_tasks: int, units: int) -> tuple[int, ...]:
    """Return how many units each task may use, its own and those of the tasks before it.

    Args:
        shares: As requested; empty for equal steps.
        n_tasks: Number of tasks.
        units: Number of units.

    >>> unit_counts((), 2, 4), unit_counts((0.25, 0.5, 1.0), 3, 4), unit_counts((), 3, 2)
    ((2, 4), (1, 2, 4), (1, 1, 2))
    """
    wanted = shares or tuple((task + 1) / n_tasks for task in range(n_tasks))
    return tuple(round(share * units) for share in wanted)


def shares_of(shares: tuple[float, ...], n_tasks: int) -> tuple[float, ...]:
    """Return the share of the weights that each task may use.

    Args:
        shares: As requested; empty for the usual ones.
        n_tasks: Number of tasks.

    >>> shares_of((), 3), shares_of((), 4), shares_of((0.25, 1.0), 2)
    ((0.5, 0.8, 1.0), (0.25, 0.5, 0.75, 1.0), (0.25, 1.0))
    """
    if shares:
        return shares
    return PUBLISHED_SHARES.get(n_tasks) or tuple((task + 1) / n_tasks for task in range(n_tasks))


def counts_of(shares: tuple[float, ...], n_weights: int) -> tuple[int, ...]:
    """Return how many of a layer's weights each task may use, its own and those of the tasks before it.

    >>> counts_of((0.5, 0.8, 1.0), 9)
    (4, 7, 9)
    """
    return tuple(round(share * n_weights) for share in shares)


def mask_bits(n_tasks: int, n_weights: int) -> int:
    """Return the bits that say for each weight from which task on it is used.

    >>> mask_bits(2, 10), mask_bits(5, 10)
    (10, 30)
    """
    return max(n_tasks - 1, 0).bit_length() * n_weights


def runs_together(runs: tuple[tuple[bool, ...], ...]) -> tuple[int, ...]:
    """Return how often each block runs for all tasks on one input, where equal beginnings are computed once.

    Args:
        runs: Whether a task runs a block, ``[n_tasks][n_blocks]``.

    >>> runs_together(((True, False, True), (True, False, True), (True, True, True)))
    (1, 1, 2)
    """
    n_blocks = len(runs[0])
    return tuple(len({row[: place + 1] for row in runs if row[place]}) for place in range(n_blocks))
