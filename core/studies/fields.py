"""Field types that requests of several families share."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def as_tuple(value: object) -> object:
    """Return a list of a decoded document as a tuple; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def _all_different(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(seeds)) != len(seeds):
        raise ValueError("a seed appears twice; a repeated run says nothing new. Use different seeds")
    return seeds


Seeds = Annotated[
    tuple[Annotated[int, Field(ge=0, lt=2**31)], ...],
    BeforeValidator(as_tuple),
    AfterValidator(_all_different),
    Field(min_length=1, max_length=1000),
]
Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


def union(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Return the seeds of both, those of the first in front."""
    return tuple(dict.fromkeys([*one, *other]))
