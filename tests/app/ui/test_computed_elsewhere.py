import pytest

from app.ui.computed_elsewhere import computed_words, elsewhere_sentences
from core.runs.arithmetic import Arithmetic
from core.studies.study import Provenance


def arithmetic(torch="2.14.1", sets="AVX2", device="cpu"):
    return Arithmetic(device, torch, (("torch", sets), ("oneDNN", sets)) if sets else ())


HERE = arithmetic()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, []),
        ({HERE: 105}, []),
        (
            {arithmetic("2.9.1"): 105},
            ["105 of 105 results were measured elsewhere: torch 2.9.1, AVX2.",
             "Runs here compute with torch 2.14.1, AVX2; where that differs, results differ as much as between seeds."],
        ),
        ({HERE: 4, arithmetic(sets="AVX512"): 1}, ["1 of 5 results was measured elsewhere: torch 2.14.1, AVX512."]),
        ({arithmetic(device="H100", sets=""): 2}, ["2 of 2 results were measured elsewhere: torch 2.14.1, H100."]),
        (
            {arithmetic(sets=""): 3, HERE: 2},
            ["3 of 5 results were measured in an environment that is not fully recorded, perhaps another one "
             "than this: torch 2.14.1, CPU instructions not recorded."],
        ),
    ],
)  # fmt: skip
def test_results_that_this_machine_would_compute_otherwise_are_counted(found, said):
    sentences = elsewhere_sentences(found, HERE)
    assert sentences[: len(said)] == said
    assert bool(sentences) == bool(said)


def test_what_is_elsewhere_and_what_is_unknown_are_two_sentences():
    sentences = elsewhere_sentences({arithmetic("2.9.1"): 3, arithmetic(sets=""): 2}, HERE)
    assert [sentence[:6] for sentence in sentences[:2]] == ["3 of 5", "2 of 5"]


def test_many_environments_are_summed_up():
    found = {arithmetic(f"1.{n}"): 100 - n for n in range(50)}
    (sentence, _) = elsewhere_sentences(found, HERE)
    assert sentence.endswith(" with others.")
    assert len(sentence) < 250


def test_what_all_results_were_computed_with():
    assert computed_words(Provenance()) == ""
    assert computed_words(Provenance(arithmetics={HERE: 7})) == "torch 2.14.1, AVX2"
    found = Provenance(arithmetics={HERE: 7, arithmetic("2.9.1"): 2})
    assert computed_words(found) == "7 with torch 2.14.1, AVX2 and 2 with torch 2.9.1, AVX2"
