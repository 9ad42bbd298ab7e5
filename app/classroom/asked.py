"""What a class can be asked: a question of a lesson, under the name by which its guesses are counted."""

from dataclasses import dataclass


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
