"""Which seeds runs take: the study's own first, then the next ones."""

from collections.abc import Sequence

from core.runs.frozen import Frozen
from core.studies.specification import StudySpecification


def own_seeds(specification: StudySpecification, kind: type[Frozen]) -> tuple[int, ...]:
    """Return the seeds that a study requests of a kind; none where it requests nothing of it."""
    seeds: tuple[int, ...] = getattr(specification.requested(kind), "seeds", ())
    return seeds


def next_seeds(own: Sequence[int], taken: Sequence[int], n: int, first: int = 0) -> tuple[int, ...]:
    """Return n seeds: the study's own first, then the next that are not taken.

    Args:
        own: Seeds of what is trained already.
        taken: Seeds with another use.
        n: How many.
        first: First seed if there are none yet.

    >>> next_seeds((0, 1), (2,), 4)
    (0, 1, 3, 4)
    """
    found = [*own][:n]
    fresh = max([first - 1, *own]) + 1
    while len(found) < n:
        if fresh not in taken:
            found.append(fresh)
        fresh += 1
    return tuple(found)
