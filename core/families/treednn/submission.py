"""From what a study requests of a TreeDNN to its runs."""

from dataclasses import dataclass

from core.errors import StudyError
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.request import MOST_ALIKE, TreeRequest
from core.families.treednn.runs import GeneralisedRun, SpecialisedRun, dedicated_of
from core.families.treednn.specification import branch_of, branch_sets, trees_of
from core.runs.run import Run
from core.studies.fields import union
from core.studies.specification import StudySpecification


def expand(study: StudySpecification) -> list[Run]:
    """Return the runs of the trees that a study requests: seed by seed, each after those it starts from."""
    request = study.requested(TreeRequest)
    if request is None:
        return []
    found: list[Run] = []
    for tree in trees_of(study):
        joint, sets = [branch.name for branch in tree.branches], branch_sets(study, tree.seed)
        found.append(GeneralisedRun(tree=tree))
        found += [
            SpecialisedRun(tree=tree, branch=name, epochs=request.epochs, learning_rate=request.learning_rate)
            for name in joint
        ]
        if request.dedicated:
            found += [dedicated_of(tree, each, request.epochs, joint=each.name in joint) for each in sets]
        for each in sets:
            if each.name in request.grafts:
                graft = GraftedRun(
                    tree=tree,
                    epochs=request.epochs,
                    learning_rate=request.learning_rate,
                    graft=branch_of(study, each),
                    like=request.grafts[each.name],
                )
                # All its other sources are there.
                found += [graft.dedicated] if graft.like == MOST_ALIKE and not request.dedicated else []
                found.append(graft)
    return found


@dataclass(frozen=True, slots=True)
class TreeSubmission:
    """Train the TreeDNN that a study requests, with all its runs.

    Args:
        seeds: One TreeDNN from each.
    """

    seeds: tuple[int, ...]

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds in its TreeDNN.

        Raises:
            StudyError: The study requests no TreeDNN.
        """
        request = study.requested(TreeRequest)
        if request is None:
            raise StudyError(f'"{study.name}" requests no TreeDNN. Add [treednn] to its file.')
        return study.with_request(request.model_copy(update={"seeds": union(request.seeds, self.seeds)}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the runs of these seeds."""
        return [run for run in expand(study) if run.label.seed in self.seeds]
