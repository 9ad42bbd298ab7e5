"""Parts of a study's deep virtual networks that are requested at once."""

from dataclasses import dataclass, field

from core.errors import StudyError
from core.families.virtual.orders import Orders
from core.families.virtual.request import VirtualNetworkRequest, VirtualRequest
from core.families.virtual.runs import expand, network_runs
from core.runs.run import Run
from core.studies.fields import union
from core.studies.specification import StudySpecification

LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class VirtualSubmission:
    """Train the deep virtual networks that a study requests, with its single-task networks and levels alone.

    Args:
        seeds: One training of everything from each.
        usual: What is requested of a study that requests nothing yet.
    """

    seeds: tuple[int, ...]
    usual: VirtualRequest = field(default_factory=VirtualRequest)

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds in its deep virtual networks; with the usual ones where it has none.

        Raises:
            StudyError: The usual networks do not fit the study, or there would be too many runs.
        """
        before = study.requested(VirtualRequest)
        seeds = self.seeds if before is None else union(before.seeds, self.seeds)
        return study.with_request((before or self.usual).model_copy(update={"seeds": seeds}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the runs of these seeds."""
        return [run for run in expand(study) if run.label.seed in self.seeds]


@dataclass(frozen=True, slots=True)
class VirtualNetworkSubmission:
    """Train one more deep virtual network, such as one with orders that were put together by hand.

    Args:
        network: Its orders and how it learns; it takes the seeds of the study's others.
    """

    network: VirtualNetworkRequest

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with this network; as it is where it has the same one.

        Raises:
            StudyError: The study requests no deep virtual networks, has another one of this name, or it doesn't fit.
        """
        request = _requested(study)
        if self.network in request.networks:
            return study
        return study.with_request(request.model_copy(update={"networks": (*request.networks, self.network)}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the network's run from every seed."""
        request = _requested(study)
        place = request.networks.index(self.network)
        return [network_runs(study, seed)[place] for seed in request.seeds]


def ordered_network(
    study: StudySpecification, orders: Orders, like: VirtualNetworkRequest | None = None
) -> VirtualNetworkRequest:
    """Return the network of a study that has certain orders; a new one, with a name of its own, where it has none.

    Args:
        study: With deep virtual networks.
        orders: Units in the order in which each task takes them.
        like: The network that it learns like; the study's first one by default.

    Raises:
        StudyError: The study requests no deep virtual networks.
        FamilyError: An order is no permutation of the units.
    """
    request = _requested(study)
    like = request.networks[0] if like is None else like
    given = like.model_copy(update={"order": orders})
    learns = ("training", "levels", "distillation", "temperature")
    for network in request.networks:
        same = network.orders(len(study.tasks), request.units, request.alike) == given.orders(
            len(study.tasks), request.units, request.alike
        )
        if same and all(getattr(network, name) == getattr(like, name) for name in learns):
            return network
    taken = {network.name for network in request.networks}
    # The first units say most; names stay short.
    name = f"orders {' '.join(''.join(_digit(unit) for unit in order) for order in orders)}"[: LONGEST_NAME - 4].strip()
    fresh = next(each for each in (name, *(f"{name} {number}" for number in range(2, 1000))) if each not in taken)
    return given.model_copy(update={"name": fresh})


def _digit(unit: int) -> str:
    return str(unit + 1) if unit < 9 else f"({unit + 1})"


def _requested(study: StudySpecification) -> VirtualRequest:
    request = study.requested(VirtualRequest)
    if request is None:
        raise StudyError(f'"{study.name}" requests no deep virtual networks. Request them first.')
    return request
