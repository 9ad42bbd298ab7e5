"""Lessons as HTML files that open offline: their figures still move, and the answer waits for a guess."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from app.components.standalone import Placed, page, stand
from app.lessons.catalogue import figure, values_of
from app.lessons.document import GO_ON, FigureMark, Lesson, Link, Section, Step
from app.lessons.figure import Interactive, Rows, Still
from app.lessons.prose import inline_html, plain, prose_html
from app.lessons.table import table_html
from app.ui.formatting import plural

_STYLE = Path(__file__).parent / "lesson.css"
_SCRIPT = "lesson_page.js"
INDEX = "index.html"
# Without scripts nothing can be guessed, so nothing waits.
_ALL_SHOWN = "<noscript><p>Scripts are off: answers are shown at once, and figures do not move.</p></noscript>"


def file_name(lesson: Lesson) -> str:
    """Return how the page of a lesson is called."""
    return f"{lesson.slug}.html"


def notes_name(lesson: Lesson) -> str:
    """Return how a lesson's notes for teachers are called."""
    return f"{lesson.slug}-notes.md"


def lesson_html(lesson: Lesson, others: Sequence[Lesson] = ()) -> str:
    """Return a lesson as the text of an HTML file.

    Args:
        lesson: The lesson.
        others: All lessons beside it, by number; the page links to the one before and the one after.

    Raises:
        LessonError: A placeholder or a figure is not computed.
    """
    head, values = lesson.head, values_of(lesson)
    placed: list[Placed] = []
    body = (
        f'<nav class="bar" aria-label="Lessons"><a href="{INDEX}">All lessons</a>'
        f"<span>Lesson {head.number} · {plural(head.minutes, 'minute')}</span></nav>\n"
        f'<header><h1>{escape(head.title)}</h1><p class="teaser">{escape(head.teaser)}</p></header>\n'
        f"<main>{_ALL_SHOWN}\n{''.join(_steps(lesson, values, placed))}\n{_turn(lesson, others)}</main>"
    )
    return page(f"{head.number} · {head.title}", body, _STYLE.read_text(encoding="utf-8"), placed, (_SCRIPT,))


def index_html(lessons: Sequence[Lesson]) -> str:
    """Return the list of lessons as the text of an HTML file.

    Args:
        lessons: By number.
    """
    cards = "".join(
        f'<li><a href="{file_name(each)}"><b>{each.head.number} · {escape(each.head.title)}</b>'
        f'<p>{escape(each.head.teaser)}</p><span class="quiet">{plural(each.head.minutes, "minute")}</span></a></li>'
        for each in lessons
    )
    notes = ", ".join(f'<a href="{notes_name(each)}">{each.head.number}</a>' for each in lessons)
    body = (
        '<header><h1>Multi-task learning: what to share</h1><p class="teaser">Lessons with figures to play with, made '
        "with Branchwise from networks that it trained.</p></header>\n"
        f'<main><ul class="cards">{cards}</ul>\n<p class="quiet">Notes for teachers, as Markdown: {notes}.</p></main>'
    )
    return page("Multi-task learning: what to share", body, _STYLE.read_text(encoding="utf-8"))


def notes_markdown(lesson: Lesson) -> str:
    """Return the notes for teachers as a Markdown file.

    Args:
        lesson: The lesson.
    """
    head = lesson.head
    return f"# {head.number} · {head.title}: notes for teachers\n\n{plain(lesson.notes.prose, values_of(lesson))}\n"


def _steps(lesson: Lesson, values: Mapping[str, str], placed: list[Placed]) -> list[str]:
    found, waits_for = [], ""
    for place, step in enumerate(lesson.steps):
        asked = f"{place}"
        for section in step.sections:
            # What follows the first question is shown when it is answered; the exercise hides its solution only.
            choice = _choice(step, asked, values) if step.choice and section is step.sections[-1] else ""
            found.append(_section(lesson, section, values, placed, after=waits_for, more=choice))
        found += [_section(lesson, section, values, placed, after=asked) for section in step.hidden]
        if place == 0 and step.choice:
            waits_for = asked
    return found


def _section(
    lesson: Lesson,
    section: Section,
    values: Mapping[str, str],
    placed: list[Placed],
    *,
    after: str,
    more: str = "",
) -> str:
    body = "\n".join(
        _figure(lesson, part.name, placed) if isinstance(part, FigureMark) else prose_html(part, values)
        for part in section.parts
    )
    if section.title == GO_ON:
        body += f"<ul>{''.join(map(_link, lesson.head.go_on))}</ul>"
    hidden = f' hidden data-after="{after}"' if after else ""
    return f"<section{hidden}><h2>{escape(section.title)}</h2>\n{body}{more}</section>\n"


def _link(link: Link) -> str:
    """Return where to go on in a dashboard: its address is not known here, only the page and its state."""
    query = "&".join(f"{name}={value}" for name, value in link.query.items())
    path = f"/{'' if link.page == 'overview' else link.page}{'?' if query else ''}{query}"
    return f"<li>{escape(link.label)}: start <code>branchwise</code> and open <code>{escape(path)}</code></li>"


def _choice(step: Step, group: str, values: Mapping[str, str]) -> str:
    assert step.choice is not None
    options = "".join(
        f'<button type="button" class="option" data-option="{number}" aria-pressed="false">'
        f"{inline_html(option, values)}</button>"
        for number, option in enumerate(step.choice.options, start=1)
    )
    return (
        f'<div class="choice" data-answer="{step.choice.answer}" data-group="{group}">{options}'
        '<button type="button" class="show">Show the answer</button>'
        '<p class="told" tabindex="-1" aria-live="polite"></p></div>'
    )


def _figure(lesson: Lesson, name: str, placed: list[Placed]) -> str:
    found = figure(lesson, name)
    caption = f"<figcaption>{escape(found.caption)}</figcaption>" if found.caption else ""
    match found:
        case Interactive(component, data):
            place = f"figure-{name}"
            placed.append(Placed(place, component, data))
            return f"<figure>{stand(place)}{caption}</figure>"
        case Still(svg):
            return f'<figure><div class="scroll" tabindex="0">{svg}</div>{caption}</figure>'
        case Rows():
            return f"<figure>{table_html(found)}{caption}</figure>"


def _turn(lesson: Lesson, others: Sequence[Lesson]) -> str:
    def link(number: int, words: str) -> str:
        other = next((each for each in others if each.head.number == number), None)
        if other is None:
            return "<span></span>"
        return f'<a href="{file_name(other)}">{words} {number}: {escape(other.head.title)}</a>'

    number = lesson.head.number
    return (
        f'<nav class="turn" aria-label="Other lessons">{link(number - 1, "← Lesson")}'
        f"{link(number + 1, 'Next: lesson')}</nav>"
    )
