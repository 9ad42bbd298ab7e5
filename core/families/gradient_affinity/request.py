"""What a study file may request of gradient affinity."""

from typing import Annotated, ClassVar

from pydantic import Field

from core.runs.frozen import Frozen
from core.studies.fields import Seeds
from core.studies.specification import StudySpecification


class GradientAffinityRequest(Frozen):
    """The fully shared network, and what a step of each task does to each task's loss while it is trained.

    Args:
        seeds: One training for each.
        every: Effects are measured at every so many-th step.

    Reference:
        Fifty et al., Efficiently Identifying Task Groupings for Multi-Task Learning, NeurIPS 2021, §4: every tenth
        step tells as much as each.
    """

    words: ClassVar[str] = "the gradient affinity"

    seeds: Seeds = (0,)
    every: Annotated[int, Field(ge=1, le=1000)] = 10


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the gradient affinity that a study requests, as a sentence; None if there is none."""
    if study.requested(GradientAffinityRequest) is None:
        return None
    weights = study.backbone.weights
    if weights is not None and weights.freeze >= study.backbone.blocks:
        return (
            f"[gradient_affinity] measures steps of the blocks, and freeze = {weights.freeze} lets none of the "
            f"{study.backbone.blocks} learn. Freeze fewer, or leave it out"
        )
    return None
