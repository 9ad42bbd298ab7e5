"""What a study file may request of hybrids."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from core.errors import BranchwiseError
from core.families.hybrid.hybrid import Hybrid
from core.runs.frozen import Frozen
from core.studies.fields import Names, Seeds
from core.studies.specification import StudySpecification

MOST_NETWORKS: Final = 100


class HybridRequest(Frozen):
    """Hybrids to train: trees of shared blocks whose tasks leave behind certain blocks.

    Args:
        seeds: One training of everything for each.
        networks: Layouts in the text form, each with ``@`` and the last block of every task, such as
            ``0,1,2 | 0,1;2 @ 1,1,0``.
    """

    words: ClassVar[str] = "the hybrids"

    seeds: Seeds = (0,)
    networks: Annotated[Names, Field(min_length=1, max_length=MOST_NETWORKS)]

    def hybrids(self, tasks: tuple[str, ...]) -> tuple[Hybrid, ...]:
        """Return the networks as values, in their order.

        Raises:
            LayoutError: One is not of the text form, or doesn't fit the tasks.
        """
        return tuple(Hybrid.parse(text, tasks) for text in self.networks)


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the hybrids that a study requests, as a sentence; None if there is none."""
    request = study.requested(HybridRequest)
    if request is None:
        return None
    known: set[Hybrid] = set()
    for text in request.networks:
        try:
            hybrid = Hybrid.parse(text, study.tasks)
        except BranchwiseError as fault:
            return f'hybrid "{text[:80]}": {fault}'
        if (hybrid.layout.n_tasks, hybrid.n_blocks) != (len(study.tasks), study.backbone.blocks):
            return (
                f'hybrid "{text[:80]}" has {hybrid.layout.n_tasks} tasks on {hybrid.n_blocks} blocks, and the study '
                f"{len(study.tasks)} on {study.backbone.blocks}. Write it for all of them"
            )
        if hybrid in known:
            return f'hybrid "{text[:80]}" is there twice. Name each network once'
        known.add(hybrid)
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many networks are requested at most: single-task networks, and the separate parts of hybrids."""
    request = study.requested(HybridRequest)
    if request is None:
        return 0
    parts = sum(len(hybrid.layout.partitions[0]) for hybrid in request.hybrids(study.tasks))
    return len(request.seeds) * (len(study.tasks) + parts)
