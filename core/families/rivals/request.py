"""What a study file may request of rivals."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from core.families.rivals.method import (
    ALL_METHODS,
    LEAST_EPOCHS,
    TITLES,
    Method,
    NestedNetMethod,
    PackNetMethod,
)
from core.runs.frozen import Frozen
from core.studies.fields import Seeds, as_tuple
from core.studies.specification import StudySpecification


class RivalRequest(Frozen):
    """Published methods to compare with: each trains one network of all tasks, as long as every other network.

    Args:
        seeds: One training of everything for each.
        methods: Names of methods, or tables of a name and options.
    """

    words: ClassVar[str] = "the rivals"

    seeds: Seeds = (0,)
    methods: Annotated[tuple[Method, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=40)] = ALL_METHODS


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the rivals that a study requests, as a sentence; None if there is none."""
    request = study.requested(RivalRequest)
    if request is None:
        return None
    n_tasks, epochs = len(study.tasks), study.training.epochs
    for place, method in enumerate(request.methods):
        title = TITLES[method.name]
        if method in request.methods[:place]:
            return f"rivals name {title} twice with the same options. Name it once, or change an option"
        if epochs < LEAST_EPOCHS[method.name]:
            return (
                f"the parts of {title} need at least {LEAST_EPOCHS[method.name]} epochs, one each, and the study has "
                f"{epochs}. Write more epochs, or leave {method.name} out"
            )
        if isinstance(method, PackNetMethod | NestedNetMethod) and method.shares and len(method.shares) != n_tasks:
            return (
                f"the method {title} has {len(method.shares)} shares and the study {n_tasks} tasks. "
                "Write a share for each task, or leave shares out"
            )
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many runs are requested: single-task networks and methods for each seed."""
    request = study.requested(RivalRequest)
    return 0 if request is None else len(request.seeds) * (len(study.tasks) + len(request.methods))
