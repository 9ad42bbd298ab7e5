"""Published methods of a study that are requested at once."""

from dataclasses import dataclass

from core.families.rivals.method import Method, method_code, offered_methods
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
        methods: What to train; those of which the study requests one already keep its options.
        seeds: One training of each from each.
    """

    methods: tuple[Method, ...]
    seeds: tuple[int, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the methods."""
        return tuple(map(method_code, self.methods))

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these methods and seeds among its rivals.

        Raises:
            StudyError: A method does not fit the study, or there would be too many runs.
        """
        before = study.requested(RivalRequest)
        if before is None:
            return study.with_request(RivalRequest(seeds=self.seeds, methods=self.methods))
        known = set(map(method_code, before.methods))
        methods = (*before.methods, *(method for method in self.methods if method_code(method) not in known))
        return study.with_request(RivalRequest(seeds=union(before.seeds, self.seeds), methods=methods))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the runs of these methods and seeds: seed by seed single-task networks, then methods."""
        found: list[Run] = []
        for seed in self.seeds:
            found += [single_run(study, task, seed) for task in range(len(study.tasks))]
            found += [run for run in method_runs(study, seed) if method_code(run.method) in self.codes]
        return found


def fitting_methods(study: StudySpecification, units: int = 0) -> dict[str, Method]:
    """Return code → method: those that a study requests, each code once, then the usual ones that it doesn't.

    Args:
        study: Whose methods.
        units: Into which channels are divided where the study doesn't say so; 0 for none.
    """
    request = study.requested(RivalRequest)
    found: dict[str, Method] = {}
    for method in (*(request.methods if request is not None else ()), *offered_methods(units)):
        found.setdefault(method_code(method), method)
    return found
