"""Every lesson: its numbers are computed, its figures exist, its links lead somewhere."""

import json
import re

import pytest

from app.components.served import BROWSER
from app.lessons.catalogue import figures_of, lessons, values_of
from app.lessons.figure import Interactive
from app.lessons.prose import bare_digits, markdown, placeholders
from app.lessons.static_page import index_html, lesson_html
from app.ui.paths import PAGES
from core.studies.bundled import bundled_studies

LESSONS = {lesson.slug: lesson for lesson in lessons()}


def prose(lesson):
    head = lesson.head
    options = [*head.question.options, *head.spot.options]
    links = [link.label for link in head.go_on]
    return "\n\n".join([head.title, head.teaser, *options, *links, *(section.prose for section in lesson.sections)])


@pytest.mark.parametrize("slug", LESSONS)
def test_every_number_is_computed_and_every_computed_number_is_used(slug):
    lesson = LESSONS[slug]
    assert bare_digits(prose(lesson)) == []
    assert set(placeholders(prose(lesson))) | {"minutes"} == set(values_of(lesson))
    assert "{{" not in markdown(prose(lesson), values_of(lesson))


@pytest.mark.parametrize("slug", LESSONS)
def test_every_figure_is_made_and_every_made_figure_is_shown(slug):
    lesson = LESSONS[slug]
    shown = [name for section in lesson.sections for name in section.figures]
    assert sorted(shown) == sorted(figures_of(lesson))
    assert any(isinstance(figure, Interactive) for figure in figures_of(lesson).values())
    for figure in figures_of(lesson).values():
        if isinstance(figure, Interactive):
            assert (BROWSER / f"{figure.component}.js").is_file()
            json.dumps(figure.data)


@pytest.mark.parametrize("slug", LESSONS)
def test_a_page_without_a_server_holds_everything(slug):
    text = lesson_html(LESSONS[slug], tuple(LESSONS.values()))
    assert "{{" not in text.partition("<script")[0]
    assert re.findall(r'(?:src|href)="(?!data:|#)([^"]+)"', text.partition("<main")[0]) == ["index.html"]
    assert LESSONS[slug].head.title in index_html(tuple(LESSONS.values()))


@pytest.mark.parametrize("slug", LESSONS)
def test_links_and_studies_exist(slug):
    head = LESSONS[slug].head
    assert head.study in bundled_studies()
    for link in head.go_on:
        assert (PAGES / f"{link.page}.py").is_file()
        assert link.query.get("study", head.study) in bundled_studies()
