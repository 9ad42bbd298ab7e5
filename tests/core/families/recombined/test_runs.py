import json

import pytest
from pydantic import ValidationError

from core.errors import StudyError
from core.families.layouts.runs import pair_run
from core.families.recombined.runs import SimilarityRun, similarity_run
from core.families.single.runs import single_run
from core.studies.family import read_run


def test_it_is_measured_on_the_first_seed_of_the_table_or_else_of_the_oracle(specification):
    assert similarity_run(specification).sources == tuple(single_run(specification, task, 0) for task in range(3))
    other = specification.model_copy(update={"requests": {"oracle": specification.requests["oracle"]}})
    assert similarity_run(other).sources == tuple(single_run(specification, task, 7) for task in range(3))
    assert similarity_run(other.model_copy(update={"requests": {}})) is None


def test_every_kind_of_run_comes_back_from_its_text(specification):
    for run in (single_run(specification, 1, 0), pair_run(specification, 0, 2, 1, 0), similarity_run(specification)):
        again = read_run(run.kind, run.model_dump_json())
        assert again == run
        assert again.key == run.key


def test_the_key_is_that_of_the_networks(specification):
    first, second = similarity_run(specification), similarity_run(specification.model_copy(update={"title": "New"}))
    assert first.key == second.key
    other = SimilarityRun(sources=first.sources[::-1])
    assert other.key != first.key


def test_what_is_no_run_gets_a_sentence(specification):
    with pytest.raises(StudyError, match='kind "dream"'):
        read_run("dream", "{}")
    with pytest.raises(StudyError, match="damaged"):
        read_run("layout", "{}")
    with pytest.raises(ValidationError, match="single-task networks"):
        SimilarityRun(sources=(pair_run(specification, 0, 1, 1, 0),) * 2)


def test_a_specification_of_an_earlier_version_repeats_its_kind(specification):
    run = similarity_run(specification)
    text = json.dumps({"kind": run.kind, **json.loads(run.model_dump_json())})
    assert read_run(run.kind, text).key == run.key
    with pytest.raises(StudyError, match="damaged"):
        read_run(run.kind, text.replace('"kind": "similarity"', '"kind": "layout"'))
