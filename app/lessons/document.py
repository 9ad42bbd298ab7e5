"""A lesson as a document: its head in TOML, then Markdown in sections whose order is fixed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import BranchwiseError
from core.toml_text import TomlError, parse_toml

QUESTION, ANSWER = "Question", "Answer"
SPOT, SOLUTION = "Spot it", "Solution"
TAKEAWAYS, GO_ON, NOTES = "Takeaways", "Go on", "Teacher's notes"
# Before and after the sections whose titles a lesson chooses.
FIRST: Final = (QUESTION, ANSWER)
LAST: Final = (SPOT, SOLUTION, TAKEAWAYS, GO_ON, NOTES)
NOTE_PARTS: Final = ("Time", "What to ask", "Common misconceptions", "Answers")
N_TAKEAWAYS = 3
_NAME = re.compile(r"(\d)-([a-z0-9-]+)")
_FIGURE = re.compile(r"\[\[figure: ([a-z0-9_]+)\]\]")
# What follows, up to the next figure or section, is opened by a click on these words.
_FOLD = re.compile(r"\[\[open: ([^\[\]]+)\]\]")
_Line = Annotated[str, Field(min_length=1, max_length=300)]


class LessonError(BranchwiseError):
    """A lesson lacks a part, or says what can't be shown."""


class Choice(BaseModel):
    """A question with options.

    Args:
        options: From which to choose, in the words of the prose.
        answer: The right one, counted from 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    options: Annotated[tuple[_Line, ...], Field(min_length=2, max_length=5)]
    answer: int = Field(ge=1, le=5)


class Link(BaseModel):
    """Where to go on in the tool.

    Args:
        label: What one sees there.
        page: Name of the page's file in ``pages/``.
        query: What its address holds: the state that is kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: _Line
    page: _Line
    query: dict[str, str] = {}


class Head(BaseModel):
    """The head of a lesson.

    Args:
        number: From 1.
        title: Its title.
        minutes: How long it takes to read.
        study: The bundled study that it is about.
        teaser: The question that it answers.
        question: Guessed before anything is shown.
        spot: What is wrong in a published equation.
        go_on: Where to go on in the tool.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = Field(ge=1, le=9)
    title: _Line
    minutes: int = Field(ge=1, le=20)
    study: _Line
    teaser: _Line
    question: Choice
    spot: Choice
    go_on: Annotated[tuple[Link, ...], Field(min_length=1, max_length=4)]


@dataclass(frozen=True, slots=True)
class FigureMark:
    """Where a figure stands.

    Args:
        name: As the lesson's module of figures has it.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Folded:
    """Prose that is read after a decision of one's own: a click opens it.

    Args:
        label: What opens it.
        prose: Markdown with placeholders.
    """

    label: str
    prose: str


Part = str | FigureMark | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a lesson below one title.

    Args:
        title: Its title.
        parts: Markdown with placeholders, and figures, in their order.
    """

    title: str
    parts: tuple[Part, ...]

    @property
    def prose(self) -> str:
        """Its Markdown without the figures."""
        return "\n\n".join(map(_words, (part for part in self.parts if not isinstance(part, FigureMark))))

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of its figures."""
        return tuple(part.name for part in self.parts if isinstance(part, FigureMark))


@dataclass(frozen=True, slots=True)
class Step:
    """What is read at once.

    Args:
        title: Its title.
        sections: Shown from the start.
        choice: Asked after them, or None.
        hidden: Shown when one has answered.
    """

    title: str
    sections: tuple[Section, ...]
    choice: Choice | None = None
    hidden: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson.

    Args:
        head: What its file begins with.
        slug: Of its address and its files, as in ``1-why-share``.
        sections: In their order, notes for teachers last.

    Raises:
        LessonError: A section is missing or not in its place.
    """

    head: Head
    slug: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        titles = [section.title for section in self.sections]
        n_free = len(titles) - len(FIRST) - len(LAST)
        if n_free < 1 or tuple(titles[: len(FIRST)]) != FIRST or tuple(titles[-len(LAST) :]) != LAST:
            wanted = " · ".join((*FIRST, "(one or more of its own)", *LAST))
            raise LessonError(f"{self.slug}.md: its sections should be {wanted}. Found: {' · '.join(titles)}.")
        _check_takeaways(self.slug, self.section(TAKEAWAYS))
        _check_notes(self.slug, self.section(NOTES))
        for name, choice in (("question", self.head.question), ("spot", self.head.spot)):
            if choice.answer > len(choice.options):
                raise LessonError(
                    f"{self.slug}.md: the answer of [{name}] is option {choice.answer} of {len(choice.options)}."
                )

    @property
    def module(self) -> str:
        """Name of its modules of values and figures, as in ``why_share``."""
        return self.slug.partition("-")[2].replace("-", "_")

    def section(self, title: str) -> Section:
        """Return the section of a title."""
        return next(section for section in self.sections if section.title == title)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is read at once: the question, each section of its own, the exercise, what to remember."""
        own = self.sections[len(FIRST) : -len(LAST)]
        return (
            Step(QUESTION, (self.section(QUESTION),), self.head.question, (self.section(ANSWER),)),
            *(Step(section.title, (section,)) for section in own),
            Step(SPOT, (self.section(SPOT),), self.head.spot, (self.section(SOLUTION),)),
            Step(TAKEAWAYS, (self.section(TAKEAWAYS), self.section(GO_ON))),
        )

    @property
    def notes(self) -> Section:
        """Notes for teachers."""
        return self.section(NOTES)

    def question_id(self, step: int) -> str:
        """Return the name under which guesses at a step are counted.

        Args:
            step: Counted from 0.
        """
        return f"{self.slug}-{'question' if step == 0 else 'spot'}"


def read_lesson(path: Path) -> Lesson:
    """Return the lesson of a file.

    Raises:
        LessonError: A part is missing or wrong; the message names file and part.
    """
    return parse_lesson(path.read_text(encoding="utf-8"), path.stem)


def parse_lesson(text: str, slug: str) -> Lesson:
    """Return the lesson of a text.

    Args:
        text: Head between lines ``+++``, then Markdown.
        slug: As its file is called, without ending.

    Raises:
        LessonError: A part is missing or wrong; the message names file and part.
    """
    name = _NAME.fullmatch(slug)
    if name is None:
        raise LessonError(f'The file of a lesson is called like 1-why-share.md. Found "{slug[:60]}.md".')
    pieces = text.split("+++\n", 2)
    if len(pieces) != 3 or pieces[0].strip():
        raise LessonError(f"{slug}.md should begin with a head in TOML between two lines +++. Add it.")
    try:
        head = Head.model_validate(parse_toml(pieces[1]))
    except TomlError as fault:
        raise LessonError(f"The head of {slug}.md {fault}.") from None
    except ValidationError as fault:
        found = fault.errors()[0]
        where = ".".join(map(str, found["loc"]))
        raise LessonError(f"{slug}.md: {where} in its head: {found['msg']}.") from None
    if head.number != int(name[1]):
        raise LessonError(f"{slug}.md says that it is number {head.number}. Let name and number agree.")
    return Lesson(head, slug, _sections(pieces[2], slug))


def _sections(text: str, slug: str) -> tuple[Section, ...]:
    before, *pieces = re.split(r"^## +", text, flags=re.MULTILINE)
    if before.strip():
        raise LessonError(f'{slug}.md: "{before.strip()[:60]}" stands before the first section. Move it into one.')
    found = []
    for piece in pieces:
        title, _, body = piece.partition("\n")
        found.append(Section(title.strip(), tuple(_parts(body))))
    return tuple(found)


def _words(part: str | Folded) -> str:
    return part if isinstance(part, str) else f"{part.label}\n\n{part.prose}"


def _parts(body: str) -> list[Part]:
    parts: list[Part] = []
    lines: list[str] = []
    label = ""

    def close() -> None:
        prose = "\n".join(lines).strip()
        if prose:
            parts.append(Folded(label, prose) if label else prose)
        lines.clear()

    for line in body.splitlines():
        mark = _FIGURE.fullmatch(line.strip())
        if mark:
            close()
            label = ""
            parts.append(FigureMark(mark[1]))
        elif fold := _FOLD.fullmatch(line.strip()):
            close()
            label = fold[1]
        else:
            lines.append(line)
    close()
    return parts


def _check_takeaways(slug: str, section: Section) -> None:
    found = [line for line in section.prose.splitlines() if line.startswith("- ")]
    if len(found) != N_TAKEAWAYS:
        raise LessonError(f'{slug}.md: "{TAKEAWAYS}" should have {N_TAKEAWAYS} points. Found {len(found)}.')


def _check_notes(slug: str, section: Section) -> None:
    found: Sequence[str] = re.findall(r"^### +(.+?) *$", section.prose, flags=re.MULTILINE)
    if tuple(found) != NOTE_PARTS:
        raise LessonError(
            f'{slug}.md: "{NOTES}" should have the parts {", ".join(NOTE_PARTS)}. Found: {", ".join(found)}.'
        )
