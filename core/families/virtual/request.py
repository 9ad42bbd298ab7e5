"""What a study file may request of deep virtual networks."""

from typing import Annotated, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from core.backbones.division import MOST_UNITS, Division
from core.errors import FamilyError
from core.families.virtual.orders import Order, Orders, check_orders, orders_of
from core.families.virtual.search import searched_orders
from core.runs.frozen import Frozen
from core.studies.fields import NETWORK_NAME, Seeds, as_tuple
from core.studies.specification import StudySpecification

MOST_NETWORKS: Final = 100
# Tasks × levels: each is a network with norms and a head of its own.
MOST_PLACES: Final = 400

Levels = Literal["all", "sandwich", "sampled", "last"]
Unit = Annotated[int, Field(ge=0, lt=MOST_UNITS, strict=True)]


def _tuples(value: object) -> object:
    """Return nested lists of a decoded document as tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


GivenOrders = Annotated[
    tuple[Annotated[tuple[Unit, ...], Field(max_length=MOST_UNITS)], ...],
    BeforeValidator(_tuples),
    Field(max_length=40),
]
_Alike = Annotated[float, Field(ge=-1e3, le=1e3)]
Affinity = Annotated[
    tuple[Annotated[tuple[_Alike, ...], Field(max_length=40)], ...], BeforeValidator(_tuples), Field(max_length=40)
]


class VirtualNetworkRequest(Frozen):
    """One deep virtual network: in which order tasks take units, and how it learns.

    Args:
        name: What it is called.
        order: In which order tasks take units: "nearest", "cyclic", "affinity" or "searched", as ``branchwise virtual``
            has them; "common" gives all tasks the order 0, 1, 2, …, which is NestedNet with channels; or a list of
            units, from 0, for each task.
        training: Whether tasks are learned "jointly", or in "sequence", each without the data of those before it.
        levels: Which levels of a task learn in a step: "all"; a "sandwich" of the first, the last and one drawn from
            those between; one that is "sampled"; or the "last" alone, as a network without levels would. The last two
            are controls.
        distillation: In sequence, weight of the loss that holds what earlier tasks answer; 0 for none.
        temperature: T of this loss, by which scores are divided before they are compared.
    """

    name: str = Field(default="nearest", pattern=NETWORK_NAME)
    order: Literal["nearest", "cyclic", "affinity", "searched", "common"] | GivenOrders = "nearest"
    training: Literal["jointly", "sequence"] = "jointly"
    levels: Levels = "all"
    distillation: float = Field(default=1.0, ge=0.0, le=1e3)
    temperature: float = Field(default=2.0, ge=0.01, le=100.0)

    def orders(self, n_tasks: int, n_units: int, affinity: NDArray[np.float64] | None) -> Orders:
        """Return the order of each task.

        Args:
            n_tasks: Number of tasks.
            n_units: Number of units.
            affinity: Of the tasks, ``[n_tasks, n_tasks]``; None where not known.

        Raises:
            FamilyError: The affinity is needed and missing, or an order is no permutation.
        """
        match self.order:
            case "common":
                common: Order = tuple(range(n_units))
                return (common,) * n_tasks
            case "searched":
                if affinity is None:
                    raise FamilyError(
                        'The order "searched" needs the affinity of the tasks. Write affinity, or choose another order.'
                    )
                return searched_orders(affinity, n_units).orders
            case str(rule):
                return orders_of(rule, n_tasks, n_units, affinity)
            case given:
                if len(given) != n_tasks:
                    raise FamilyError(f"{len(given)} orders were given for {n_tasks} tasks. Write one for each.")
                return check_orders(given, n_units)


class VirtualRequest(Frozen):
    """Deep virtual networks: one set of weights, cut into units, in which each task has a network for each level.

    Args:
        seeds: One training of everything for each.
        units: Into how many units the channels of every layer are divided; a task has as many levels.
        base: Share of the channels that every level has; the rest is divided.
        affinity: How alike tasks are, a row for each task, for orders that depend on it; the diagonal is not read.
        networks: The networks to train, each from every seed.
        alone: Whether the network of each task's level is also trained alone, as an application with one network for
            each memory budget would have it.

    Reference:
        Kim, Ahn, Torr and Oh, Deep Virtual Networks for Memory Efficient Inference of Multiple Tasks, CVPR 2019.
    """

    words: ClassVar[str] = "the deep virtual networks"

    seeds: Seeds = (0,)
    units: int = Field(default=4, ge=2, le=MOST_UNITS)
    base: float = Field(default=0.0, ge=0.0, lt=1.0)
    affinity: Affinity = ()
    networks: Annotated[
        tuple[VirtualNetworkRequest, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=MOST_NETWORKS)
    ] = (VirtualNetworkRequest(),)
    alone: bool = True

    @property
    def division(self) -> Division:
        """How channels are divided."""
        return Division(self.units, self.base)

    @property
    def alike(self) -> NDArray[np.float64] | None:
        """How alike tasks are, ``[n_tasks, n_tasks]``; None where not written."""
        return np.array(self.affinity, dtype=np.float64) if self.affinity else None


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the deep virtual networks that a study requests, as a sentence; None if there is none."""
    request = study.requested(VirtualRequest)
    if request is None:
        return None
    if study.backbone.weights is not None and not study.backbone.weights.all_learn_alike:
        return (
            "deep virtual networks train all blocks alike, without frozen ones or a rate of their own. "
            "Leave weights.freeze and weights.rate out, or [virtual]"
        )
    if study.training.augment and any(each.training == "sequence" and each.distillation for each in request.networks):
        return (
            "distillation in sequence holds the answers to pictures as they are, and augment changes them in every "
            "step. Leave augment out, or write distillation = 0"
        )
    n_tasks, names = len(study.tasks), [network.name for network in request.networks]
    if twice := [name for place, name in enumerate(names) if name in names[:place]]:
        return f'two deep virtual networks are called "{twice[0]}". Give each its own name'
    if n_tasks * request.units > MOST_PLACES:
        return (
            f"{n_tasks} tasks on {request.units} levels are {n_tasks * request.units} networks in one, and at most "
            f"{MOST_PLACES} are allowed. Write fewer units"
        )
    return (
        _affinity_fault(request.affinity, n_tasks)
        or next((found for network in request.networks if (found := _network_fault(network, request, study))), None)
        or _several_fault(study)
    )


def _affinity_fault(affinity: Affinity, n_tasks: int) -> str | None:
    if affinity and {len(affinity), *map(len, affinity)} != {n_tasks}:
        return (
            f"the affinity of virtual has {len(affinity)} rows for {n_tasks} tasks. Write {n_tasks} rows of {n_tasks}"
        )
    for one in range(len(affinity)):
        for other in range(one):
            if affinity[one][other] != affinity[other][one]:
                return (
                    f"the affinity of the tasks {other} and {one} is {affinity[other][one]:g} one way and "
                    f"{affinity[one][other]:g} the other. Write the same number twice"
                )
    return None


def _network_fault(network: VirtualNetworkRequest, request: VirtualRequest, study: StudySpecification) -> str | None:
    try:
        network.orders(len(study.tasks), request.units, request.alike)
    except FamilyError as fault:
        return f'the orders of "{network.name}" are unusable: {str(fault).removesuffix(".")}'
    usual = VirtualNetworkRequest()
    if network.training == "jointly":
        for option in ("distillation", "temperature"):
            if getattr(network, option) != getattr(usual, option):
                return f'"{network.name}" sets {option}, which only training in sequence has. Leave it out'
    elif len(study.tasks) < 2:  # a sequence of one task is none
        return f'"{network.name}" is trained in sequence, and the study has one task. Train it jointly'
    elif network.levels != "all":
        return f'"{network.name}" is trained in sequence, where all levels learn. Leave levels out'
    elif network.temperature != usual.temperature and not network.distillation:
        return f'"{network.name}" sets temperature, and distillation 0 has none. Leave it out'
    return None


def _several_fault(study: StudySpecification) -> str | None:
    if study.has_several and study.training.batch_size < len(study.tasks):
        return (
            f"a batch of {study.training.batch_size} rows can't hold one of each of {len(study.tasks)} data sets. "
            f"Write a batch_size of at least {len(study.tasks)}"
        )
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many runs are requested: single-task networks, those of each level, and the networks."""
    request = study.requested(VirtualRequest)
    if request is None:
        return 0
    each = request.units if request.alone else 1
    return len(request.seeds) * (len(study.tasks) * each + len(request.networks))
