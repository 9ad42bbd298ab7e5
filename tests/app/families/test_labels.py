"""Runs in words, without Streamlit."""

import pytest

from app.families.labels import run_words, words_and_seed
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.recombined.request import AffinityRequest
from core.runs.label import RunLabel
from core.studies.expand import expand
from core.studies.family import families, kinds
from core.studies.specification import StudySpecification


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("0,1 | 0,1 | 0,1", "a and b sharing 3 of 3 blocks · seed 1"),
        ("0,1 | 0;1", "a and b sharing 1 of 2 blocks · seed 1"),
        ("0,1,2 | 0,1,2", "a, b and c sharing all blocks · seed 1"),
    ],
)
def test_networks_of_several_tasks_say_what_they_share(layout, words):
    tasks = ("a", "b", "c") if "2" in layout else ("a", "b")
    assert run_words(RunLabel("layout", tasks, 1, {"layout": layout})) == words


def test_a_label_that_no_page_knows_is_shown_by_its_fields():
    assert run_words(RunLabel("of tomorrow", ("a",), 4, {"step": 2})) == "a (of tomorrow, step 2) · seed 4"
    damaged = RunLabel("layout", ("x", ""), 1, {"layout": "x,,|"})
    assert run_words(damaged)


def test_every_run_of_a_study_can_be_said_and_no_two_are_called_the_same():
    asked = StudySpecification(
        name="small",
        tasks=("a", "b", "c"),
        table=TableRequest(seeds=(0, 1)),
        oracle=OracleRequest(seeds=(100, 101)),
        affinity=AffinityRequest(seeds=(0,)),
    )
    said = [words_and_seed(run.label) for run in expand(asked)]
    assert all(words and seed == str(run.label.seed) for (words, seed), run in zip(said, expand(asked), strict=True))
    assert not any("|" in words for words, _ in said)
    assert len(set(said)) == len(said)


def test_every_kind_of_run_that_comes_with_it_has_words():
    from app.families.labels import _words

    kinds = [run.kind for family in families() for run in family.runs if type(family).__module__.startswith("core.")]
    assert kinds
    assert all(_words(kind) for kind in kinds)


@pytest.mark.parametrize("kind", [*sorted(kinds()), "unheard", ""])
@pytest.mark.parametrize("tasks", [(), ("a",), ("a", "b", "c")])
@pytest.mark.parametrize("details", [{}, {"layout": "0,1,2,3 | 0;1;2;3"}, {"depth": "x", "source": "a"}])
def test_a_label_that_lacks_something_still_has_words(kind, tasks, details):
    assert isinstance(run_words(RunLabel(kind, tasks, None, details)), str)
