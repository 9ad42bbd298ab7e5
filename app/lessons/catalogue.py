"""All lessons, with what is computed for each of them; once per process."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from app.lessons.document import Lesson, LessonError, read_lesson
from app.lessons.figure import Figure
from app.ui.paths import ASSETS

FOLDER = ASSETS / "lessons"


@cache
def lessons() -> tuple[Lesson, ...]:
    """Return the lessons by number.

    Raises:
        LessonError: One lacks a part, or two have one number.
    """
    found = tuple(sorted((read_lesson(path) for path in FOLDER.glob("*.md")), key=lambda each: each.head.number))
    numbers = [each.head.number for each in found]
    if len(set(numbers)) < len(numbers):
        raise LessonError(f"Two lessons have one number. Found {', '.join(map(str, numbers))}.")
    return found


def lesson(number: int) -> Lesson | None:
    """Return the lesson of a number, or None where there is none."""
    return next((each for each in lessons() if each.head.number == number), None)


def values_of(each: Lesson) -> Mapping[str, str]:
    """Return placeholder → words of a lesson, computed from its studies."""
    return {"minutes": str(each.head.minutes), **_values(each.module)}


def figures_of(each: Lesson) -> Mapping[str, Figure]:
    """Return name → figure of a lesson, computed from its studies."""
    return _figures(each.module)


def figure(each: Lesson, name: str) -> Figure:
    """Return a figure of a lesson.

    Raises:
        LessonError: The lesson's module has none of that name.
    """
    found = figures_of(each)
    if name not in found:
        raise LessonError(f'{each.slug}.md shows a figure "{name}", which its module does not make. Make it there.')
    return found[name]


@cache
def _values(module: str) -> Mapping[str, str]:
    found: Mapping[str, str] = import_module(f"app.lessons.values.{module}").values()
    return found


@cache
def _figures(module: str) -> Mapping[str, Figure]:
    found: Mapping[str, Figure] = import_module(f"app.lessons.figures.{module}").figures()
    return found
