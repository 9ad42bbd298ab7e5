"""Recombined networks and compared features as a family: what is requested, run and measured."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.affinity import Similarity
from core.families.recombined.losses import LOSSES, losses_npz, losses_of, read_losses_npz, with_losses
from core.families.recombined.payloads import SimilarityPayload
from core.families.recombined.request import AffinityRequest, count_trainings, request_fault
from core.families.recombined.runs import RecombinedRun, SimilarityRun, expand, similarity_run
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.documents import read_similarity
from core.studies.family import Family
from core.studies.specification import StudySpecification
from core.tasks import Task


class Recombined(Family):
    """Affinity tensors from recombined networks, and similarity from compared features."""

    name = "recombined"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"affinity": AffinityRequest}
    runs: ClassVar[tuple[type[Run], ...]] = (RecombinedRun, SimilarityRun)
    members: ClassVar[Mapping[str, int]] = {LOSSES: 50_000_000}

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested the affinity, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the recombined networks, then the comparison of features."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> Similarity | None:
        """Return similarity of the features of the tasks; losses of samples are read apart, with ``losses_of``."""
        run = similarity_run(study)
        result = None if run is None else finished.get(run.key)
        if run is None or result is None or not result.is_done or result.payload is None:
            return None
        document = run.payload_of(result, SimilarityPayload).similarity
        return read_similarity(document, len(tasks), study.backbone.blocks)

    def write_members(self, study: StudySpecification, finished: Mapping[str, RunResult]) -> dict[str, bytes]:
        """Return the losses of samples as a member of the study's archive."""
        losses = losses_of(study, finished)
        return {} if losses is None else {LOSSES: losses_npz(losses)}

    def read_members(
        self, study: StudySpecification, members: Mapping[str, bytes], finished: Mapping[str, RunResult]
    ) -> dict[str, RunResult]:
        """Return finished results with the losses of samples that a member holds.

        Raises:
            StudyError: The member is damaged, or about other runs.
        """
        if LOSSES not in members:
            return {}
        return with_losses(study, finished, read_losses_npz(members[LOSSES], study))


FAMILY: Final = Recombined()
