"""What a study file may request of recombined networks."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from core.runs.frozen import Extended
from core.studies.fields import Seeds, as_tuple
from core.studies.specification import StudySpecification


class AffinityRequest(Extended):
    """Recombined networks: every task on the frozen bottom blocks of every task, at every depth, from ``seeds``.

    ``epochs`` has one number per depth where networks that are split deep, and so have little to
    learn, should be trained for less long than the study's others. Depths before ``first_depth``
    are left out: where all trees that are kept have one group at a depth, those before it say nothing more.

    Args:
        seeds: One training of everything for each.
        first_depth: Depths before it are left out, counted from 0.
        epochs: One number per depth; those of the study where left out.
        fine_tune: Whether what lies above the frozen blocks starts from the trained network of its task; else from
            the weights that this network started from.

    Reference:
        Branched Multi-Task Networks, §3.2, and §4.4 for the depths left out.
    """

    added: ClassVar[frozenset[str]] = frozenset({"fine_tune"})

    words: ClassVar[str] = "the affinity"

    seeds: Seeds = (0,)
    first_depth: Annotated[int, Field(ge=0, le=200)] = 0
    epochs: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], BeforeValidator(as_tuple)] | None = None
    fine_tune: bool = False


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the affinity that a study requests, as a sentence; None if there is none."""
    request, n_blocks = study.requested(AffinityRequest), study.backbone.blocks
    if request is None:
        return None
    if request.epochs and len(request.epochs) != n_blocks:
        return (
            f"affinity gives epochs for {len(request.epochs)} depths, the backbone has {n_blocks} blocks. "
            "Give one number for each"
        )
    if request.first_depth >= n_blocks:
        return (
            f"affinity starts at depth {request.first_depth}, the backbone has the depths 0 to {n_blocks - 1}. "
            "Start at one of these"
        )
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many runs are requested: a single-task network of every task and one run for every depth."""
    request = study.requested(AffinityRequest)
    return len(request.seeds) * len(study.tasks) * (study.backbone.blocks + 1) if request else 0
