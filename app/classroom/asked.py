"""What a class can be asked: the questions of the lessons, by the names under which guesses are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.lessons.catalogue import lessons


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a lesson.

    Args:
        lesson: Number and title of the lesson.
        step: Title of the step at which it is asked.
        n_options: How many answers it has.
    """

    lesson: str
    step: str
    n_options: int


@cache
def asked() -> Mapping[str, Asked]:
    """Return name → question, of all lessons in their order."""
    return {
        lesson.question_id(at): Asked(
            f"{lesson.head.number} · {lesson.head.title}", step.title, len(step.choice.options)
        )
        for lesson in lessons()
        for at, step in enumerate(lesson.steps)
        if step.choice is not None
    }
