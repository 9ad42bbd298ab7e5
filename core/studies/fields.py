"""Field types that requests of several families share."""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from core.runs.frozen import as_tuple as as_tuple
from core.value_fault import register

# Control characters, and others that nobody sees or that turn the direction of what follows.
_HIDDEN: Final = r"\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
# Of a network within a study: it is written in tables, addresses and lists.
NETWORK_NAME: Final = register(
    rf"^[^\s{_HIDDEN}|,;<>](?:[^{_HIDDEN}|,;<>]{{0,38}}[^\s{_HIDDEN}|,;<>])?$",
    "1 to 40 visible characters without | , ; < >",
)


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
