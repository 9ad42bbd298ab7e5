"""Parts of a study's multi-path networks that are requested at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import StudyError
from core.families.multipath.request import LONGEST_NAME, MultiPathRequest, PathNetworkRequest
from core.families.multipath.runs import expand, network_runs
from core.runs.run import Run
from core.studies.fields import union
from core.studies.specification import StudySpecification


@dataclass(frozen=True, slots=True)
class MultiPathSubmission:
    """Train the multi-path networks that a study requests, with their teachers and the matrix.

    Args:
        seeds: One training of everything from each.
    """

    seeds: tuple[int, ...]

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds in its multi-path networks; with the usual ones where it has none.

        Raises:
            StudyError: The usual networks do not fit the study, or there would be too many runs.
        """
        before = study.requested(MultiPathRequest) or MultiPathRequest(seeds=self.seeds)
        return study.with_request(before.model_copy(update={"seeds": union(before.seeds, self.seeds)}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the runs of these seeds."""
        return [run for run in expand(study) if run.label.seed in self.seeds]


@dataclass(frozen=True, slots=True)
class PathNetworkSubmission:
    """Train one more multi-path network, such as one with the exits that the matrix found best.

    Args:
        network: Its exits and loss; it takes the seeds of the study's others.
    """

    network: PathNetworkRequest

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with this network; as it is where it has the same one.

        Raises:
            StudyError: The study requests no multi-path networks, has another one of this name, or its exits don't fit.
        """
        request = study.requested(MultiPathRequest)
        if request is None:
            raise StudyError(f'"{study.name}" requests no multi-path networks. Request them first.')
        if self.network in request.networks:
            return study
        return study.with_request(request.model_copy(update={"networks": (*request.networks, self.network)}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the network's run from every seed."""
        request = study.requested(MultiPathRequest)
        assert request is not None
        place = request.networks.index(self.network)
        return [network_runs(study, seed)[place] for seed in request.seeds]


def assigned_network(
    study: StudySpecification, exits: Sequence[int], like: PathNetworkRequest | None = None
) -> PathNetworkRequest:
    """Return the network of a study that has certain exits; a new one, with a name of its own, where it has none.

    Args:
        study: With multi-path networks.
        exits: Number of the exit of each task.
        like: The network whose loss it has; the study's first one, whose weighting the matrix has, by default.

    Raises:
        StudyError: The study requests no multi-path networks.
    """
    request = study.requested(MultiPathRequest)
    if request is None:
        raise StudyError(f'"{study.name}" requests no multi-path networks. Request them first.')
    like = request.networks[0] if like is None else like
    n_exits = len(request.exit_names(study.backbone.blocks))
    for network in request.networks:
        same = network.exits_of(len(study.tasks), n_exits) == tuple(exits)
        if same and (network.distillation, network.weighting) == (like.distillation, like.weighting):
            return network
    taken = {network.name for network in request.networks}
    name = f"exits {'-'.join(str(exit_ + 1) for exit_ in exits)}"[: LONGEST_NAME - 4].rstrip("-")
    fresh = next(each for each in (name, *(f"{name} {number}" for number in range(2, 1000))) if each not in taken)
    return like.model_copy(update={"name": fresh, "assign": tuple(exits)})
