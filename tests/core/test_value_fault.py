"""Faults of values that users write, in words: no pattern, no class name of ours, bounded."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from core.errors import StudyError
from core.studies.specification import parse_study
from core.value_fault import MOST_LETTERS, fault_words

STUDY = 'name = "{name}"\ntasks = ["depth", "edges"]\n'


class _Inner(BaseModel):
    n: int


class _Values(BaseModel, extra="forbid"):
    whole: Annotated[int, Field(ge=1, lt=9)] = 1
    real: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    yes: bool = True
    text: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    some: Annotated[tuple[int, ...], Field(min_length=1, max_length=2)] = (1,)
    one: Literal["a", "b"] = "a"
    inner: _Inner = _Inner(n=1)
    strange: Annotated[str, Field(pattern="^q[^Q]$")] = "q1"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"whole": "x"}, "should be a whole number"),
        ({"whole": 1.5}, "should be a whole number"),
        ({"whole": 0}, "should be 1 or more"),
        ({"whole": 9}, "should be below 9"),
        ({"real": "x"}, "should be a number"),
        ({"real": float("inf")}, "should be a finite number"),
        ({"real": float("nan")}, "should be a finite number"),
        ({"real": 2}, "should be 1 or less"),
        ({"real": 0}, "should be above 0"),
        ({"yes": "perhaps"}, "should be true or false"),
        ({"text": 3}, "should be text"),
        ({"text": "a"}, "should have at least 2 letters"),
        ({"text": "abcd"}, "should have at most 3 letters"),
        ({"some": 3}, "should be a list"),
        ({"some": []}, "should have at least 1 entry, has 0"),
        ({"some": [1, 2, 3]}, "should have at most 2 entries, has 3"),
        ({"one": "c"}, "should be 'a' or 'b'"),
        ({"inner": 3}, "should be a section, or { key = value }"),
        ({"inner": {}}, "is missing"),
        ({"more": 3}, "is no key here"),
        ({"strange": "x"}, "has letters that are not allowed here"),
    ],
)
def test_every_kind_of_fault_has_words(value, words):
    with pytest.raises(ValidationError) as caught:
        _Values.model_validate(value)
    assert fault_words(caught.value.errors()[0]) == words


def test_a_sentence_of_ours_is_kept_and_bounded():
    def fault(message):
        return {"type": "value_error", "msg": f"Value error, {message}", "loc": (), "input": 0}

    assert fault_words(fault("The layout is odd.")) == "the layout is odd"
    assert len(fault_words(fault("x" * 10_000))) == MOST_LETTERS


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("My Study", "my-study"), ("Ünder", "nder"), ("__a", "a"), ("x" * 60, "x" * 41), ("!!", None), ("", None)],
)
def test_the_name_of_a_study_is_refused_in_plain_words(name, suggested):
    with pytest.raises(StudyError) as caught:
        parse_study(STUDY.format(name=name))
    said = str(caught.value)
    assert "lower-case letters, digits, - and _" in said
    assert "^" not in said
    assert "pattern" not in said
    assert said.endswith(f"such as {suggested}." if suggested else "a letter or digit.")
