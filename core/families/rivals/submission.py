"""Published methods of a study that are requested at once."""

from dataclasses import dataclass

from core.families.rivals.method import ALL_METHODS, Method
from core.families.rivals.request import RivalRequest
from core.families.rivals.runs import method_runs
from core.families.single.runs import single_run
from core.runs.run import Run
from core.studies.fields import union
from core.studies.specification import StudySpecification


@dataclass(frozen=True, slots=True)
class RivalSubmission:
    """Train published methods with the single-task networks that they are compared with.

    Args:
        methods: Names of methods; those that the study requests already keep their options, others have the usual ones.
        seeds: One training of each from each.
    """

    methods: tuple[str, ...]
    seeds: tuple[int, ...]

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these methods and seeds among its rivals.

        Raises:
            StudyError: A method does not fit the study, or there would be too many runs.
        """
        before = study.requested(RivalRequest)
        usual = tuple(method for method in ALL_METHODS if method.name in self.methods)
        if before is None:
            return study.with_request(RivalRequest(seeds=self.seeds, methods=usual))
        known = {method.name for method in before.methods}
        methods = (*before.methods, *(method for method in usual if method.name not in known))
        return study.with_request(RivalRequest(seeds=union(before.seeds, self.seeds), methods=methods))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the runs of these methods and seeds: seed by seed single-task networks, then methods."""
        found: list[Run] = []
        for seed in self.seeds:
            found += [single_run(study, task, seed) for task in range(len(study.tasks))]
            found += [run for run in method_runs(study, seed) if run.method.name in self.methods]
        return found


def fitting_methods(study: StudySpecification) -> tuple[Method, ...]:
    """Return the methods that a study requests, each name once, then the usual ones that it doesn't."""
    request = study.requested(RivalRequest)
    found = {method.name: method for method in (request.methods if request is not None else ())}
    return (*found.values(), *(method for method in ALL_METHODS if method.name not in found))
