"""What a study file may request of rivals."""

from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from core.families.rivals.method import (
    LEAST_EPOCHS,
    USUAL_METHODS,
    LwfMethod,
    Method,
    NestedNetMethod,
    PackNetMethod,
    title_of,
    unit_counts,
    units_of,
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

    words: ClassVar[str] = "the published methods"

    seeds: Seeds = (0,)
    methods: Annotated[tuple[Method, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=40)] = (
        USUAL_METHODS
    )


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the rivals that a study requests, as a sentence; None if there is none."""
    request = study.requested(RivalRequest)
    if request is None:
        return None
    if study.backbone.weights is not None and not study.backbone.weights.all_learn_alike:
        return (
            "published methods train all blocks alike, without frozen ones or a rate of their own. "
            "Leave weights.freeze and weights.rate out, or [rivals]"
        )
    n_tasks, epochs = len(study.tasks), study.training.epochs
    for place, method in enumerate(request.methods):
        title = title_of(method)
        if study.training.augment and isinstance(method, LwfMethod) and method.weight:
            return (
                f"{title} holds the answers to pictures as they are, and augment changes them in every step. Leave "
                "augment or lwf out"
            )
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
        if fault := _units_fault(method, n_tasks) or _held_fault(method):
            return fault
    return None


def _units_fault(method: Method, n_tasks: int) -> str | None:
    """Return why the units of a method can't be given to tasks, as a sentence; None if they can, or there are none."""
    units = units_of(method)
    if not isinstance(method, PackNetMethod | NestedNetMethod) or not units:
        return None
    counts = (0, *unit_counts(method.shares, n_tasks, units))
    if all(one < other for one, other in pairwise(counts)):
        return None
    if units < n_tasks:
        return (
            f"the method {title_of(method)} gives every task at least one unit of its own, and {units} units don't "
            f"suffice for {n_tasks} tasks. Write units of at least {n_tasks}"
        )
    found = ", ".join(map(str, counts[1:]))
    return (
        f"the shares of {title_of(method)} are {found} of {units} units, and every task needs one more than the one "
        "before it. Write shares that are further apart, or more units"
    )


def _held_fault(method: Method) -> str | None:
    """Return what is wrong with the loss that holds answers, as a sentence; None if nothing is."""
    if isinstance(method, LwfMethod) and not method.weight and method.temperature != LwfMethod().temperature:
        return "LwF sets temperature, and with weight 0 nothing has one. Leave it out"
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many runs are requested: single-task networks and methods for each seed."""
    request = study.requested(RivalRequest)
    return 0 if request is None else len(request.seeds) * (len(study.tasks) + len(request.methods))
