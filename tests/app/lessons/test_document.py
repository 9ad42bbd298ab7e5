import pytest

from app.lessons.document import Folded, LessonError, parse_lesson

HEAD = """+++
number = 1
title = "Why?"
minutes = 9
study = "scenes"
teaser = "Why?"
question = { options = ["a", "b"], answer = 1 }
spot = { options = ["a", "b"], answer = 2 }
go_on = [{ label = "Budget", page = "budget" }]
+++
"""
NOTES = "### Time\n\n### What to ask\n\n### Common misconceptions\n\n### Answers\n"
BODY = f"""
## Question

Why?

## Answer

So.

## A part of its own

Text {{{{n}}}}.

[[figure: tree]]

More.

## Spot it

What?

## Solution

That.

## Takeaways

- a
- b
- c

## Go on

There.

## Teacher's notes

{NOTES}"""


def test_a_lesson_is_read_step_by_step():
    lesson = parse_lesson(HEAD + BODY, "1-why")
    question, own, spot, end = lesson.steps
    assert [section.title for section in question.hidden] == ["Answer"]
    assert own.sections[0].parts[0] == "Text {{n}}."
    assert own.sections[0].figures == ("tree",)
    assert [lesson.question_id(0), lesson.question_id(2)] == ["1-why-question", "1-why-spot"]
    assert spot.choice == lesson.head.spot
    assert [section.title for section in end.sections] == ["Takeaways", "Go on"]
    assert lesson.notes.title == "Teacher's notes"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("## Solution", "## The end", "Solution"),
        ("## A part of its own", "### A part", "of its own"),
        ("- c", "", "Found 2"),
        ("### What to ask", "", "What to ask"),
        ("answer = 2", "answer = 3", "[spot]"),
        ("minutes = 9", "minutes = 900", "minutes"),
        ("number = 1", "number = 2", "number 2"),
        ('title = "Why?"', "title = Why?", "head"),
        ("+++\nnumber", "number", "+++"),
    ],
)
def test_a_lesson_without_a_part_is_refused_in_one_sentence(old, new, named):
    with pytest.raises(LessonError) as fault:
        parse_lesson((HEAD + BODY).replace(old, new), "1-why")
    assert named in str(fault.value)
    assert "1-why.md" in str(fault.value)


def test_what_is_folded_ends_with_the_next_figure_or_section():
    text = BODY.replace("More.", "[[open: What came out]]\n\nMore {{m}}.\n\nAnd more.")
    own, spot = parse_lesson(HEAD + text, "1-why").steps[1:3]
    (section,) = own.sections
    assert section.parts[-1] == Folded("What came out", "More {{m}}.\n\nAnd more.")
    assert "What came out" in section.prose
    assert "More {{m}}." in section.prose
    assert spot.sections[0].parts == ("What?",)
    early = parse_lesson(HEAD + BODY.replace("Text", "[[open: A]]\n\nText"), "1-why").steps[1].sections[0].parts
    assert [type(part) for part in early[::2]] == [Folded, str]
