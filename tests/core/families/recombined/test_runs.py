import json

import pytest
from pydantic import ValidationError

from core.errors import StudyError
from core.families.layouts.runs import pair_run
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import AffinitySubmission, SimilarityRun, recombined_runs, similarity_run
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


def test_fine_tuned_tops_are_other_runs_which_need_all_trained_networks(specification):
    asked = specification.with_request(AffinityRequest(seeds=(0,)))
    tuned = specification.with_request(AffinityRequest(seeds=(0,), fine_tune=True))
    before, after = recombined_runs(asked), recombined_runs(tuned)
    assert not {run.key for run in before} & {run.key for run in after}
    assert {run.label.details.get("tops") for run in after} == {"fine-tuned"}
    singles = {single_run(specification, task, 0).key for task in range(3)}
    for plain, run in zip(before, after, strict=True):
        assert {parent.key for parent in plain.parents} == {run.source.key}
        assert {parent.key for parent in run.parents} == singles
        assert run.parents[0].key == run.source.key
        assert read_run(run.kind, run.model_dump_json()).key == run.key


def test_a_request_that_says_nothing_of_tops_is_written_as_it_always_was():
    assert "fine_tune" not in AffinityRequest(seeds=(0,)).model_dump()
    assert AffinityRequest(seeds=(0,), fine_tune=True).model_dump()["fine_tune"] is True


def test_a_study_has_tops_of_one_kind(specification):
    asked = specification.with_request(AffinityRequest(seeds=(0,), fine_tune=True))
    assert AffinitySubmission((0, 1)).extend(asked).requested(AffinityRequest).fine_tune
    with pytest.raises(StudyError, match="start from trained networks"):
        AffinitySubmission((0, 1), fine_tune=False).extend(asked)
    bare = specification.model_copy(update={"requests": {}})
    assert AffinitySubmission((0,), fine_tune=True).extend(bare).requested(AffinityRequest).fine_tune
