"""The methods and their options, as values."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

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


class PackNetMethod(Frozen):
    """Options of PackNet.

    Args:
        name: Which method.
        shares: Share of the weights that each task may use, its own and those of the tasks before it; left out, as
            the multi-path paper has them for 3 and 5 tasks, and equal steps otherwise.
        retrain: Share of a task's epochs that are trained after its weights were pruned.
    """

    name: Literal["packnet"] = "packnet"
    shares: Shares = ()
    retrain: float = Field(default=0.3, gt=0.0, lt=1.0)

    def epochs(self, epochs: int) -> tuple[int, int]:
        """Return how many of some epochs are trained before and after pruning; at least one each of two.

        >>> PackNetMethod().epochs(10), PackNetMethod().epochs(2), PackNetMethod(retrain=0.9).epochs(3)
        ((7, 3), (1, 1), (1, 2))
        """
        after = min(max(round(self.retrain * epochs), 1), epochs - 1)
        return epochs - after, after


class NestedNetMethod(Frozen):
    """Options of NestedNet.

    Args:
        name: Which method.
        shares: Share of the weights in each level, one level for each task; as those of PackNet.
    """

    name: Literal["nestednet"] = "nestednet"
    shares: Shares = ()


class MtanMethod(Frozen):
    """MTAN, which has no options here.

    Args:
        name: Which method.
    """

    name: Literal["mtan"] = "mtan"


class AdaShareMethod(Frozen):
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
    temperature: float = Field(default=5.0, gt=0.0, le=100.0)
    end_temperature: float = Field(default=0.02, gt=0.0, le=100.0)
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


def _named(value: Any) -> Any:  # noqa: ANN401  # any decoded value
    return {"name": value} if isinstance(value, str) else value


Method = Annotated[
    Annotated[PackNetMethod | NestedNetMethod | MtanMethod | AdaShareMethod, Field(discriminator="name")],
    BeforeValidator(_named),
]
ALL_METHODS: Final[tuple[Method, ...]] = (PackNetMethod(), NestedNetMethod(), MtanMethod(), AdaShareMethod())
# What pages call them, as their papers do.
TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {"packnet": "PackNet", "nestednet": "NestedNet", "mtan": "MTAN", "adashare": "AdaShare"}
)
# A method with several parts needs an epoch for each.
LEAST_EPOCHS: Final[Mapping[str, int]] = MappingProxyType({"packnet": 2, "nestednet": 1, "mtan": 1, "adashare": 3})


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
