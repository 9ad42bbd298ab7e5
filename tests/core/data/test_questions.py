import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.questions import DIGIT_QUESTIONS, DIGITS, grouped, parts

BY_NAME = {question.name: question for question in DIGIT_QUESTIONS}


@pytest.mark.parametrize(
    ("digit", "answers"),
    [
        (0, ("0", "even", "0 to 4", "has a loop", "rings", "0", None)),
        (7, ("7", "odd", "5 to 9", "has none", "strokes", None, "7")),
        (9, ("9", "odd", "5 to 9", "has a loop", "loop and tail", None, "9")),
    ],
)
def test_what_a_digit_answers(digit, answers):
    found = [(q.answers[t] if (t := int(q.target(np.array([digit]))[0])) >= 0 else None) for q in DIGIT_QUESTIONS]
    assert tuple(found) == answers


@pytest.mark.parametrize(("fine", "coarse"), [("class", "shape"), ("shape", "loop"), ("class", "parity")])
def test_the_hierarchy_refines(fine, coarse):
    pairs = set(zip(BY_NAME[fine].of_class, BY_NAME[coarse].of_class, strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len(BY_NAME[fine].answers)


@given(st.integers(5, 120), st.integers(2, 5))
def test_parts_share_out_the_classes(n_classes, n_parts):
    names = [f"c{i}" for i in range(n_classes)]
    found = parts(names, n_parts)
    assert [answer for question in found for answer in question.answers] == names
    asked = np.array([question.of_class for question in found])
    assert ((asked >= 0).sum(axis=0) == 1).all()
    for question in found:
        for name, number in zip(names, question.of_class, strict=True):
            assert number == -1 or question.answers[number] == name
    sizes = [len(question.answers) for question in found]
    assert max(sizes) - min(sizes) <= 1


def test_every_class_needs_a_group():
    with pytest.raises(KeyError):
        grouped("x", DIGITS, {"some": "0,1"})
