import itertools

import numpy as np
import pytest
import torch

from core.data import store
from core.errors import DataError, JobError, StudyError
from core.studies.claims import Claims
from core.studies.database import Database
from core.studies.specification import DatasetSpecification, OracleRequest, StudySpecification, TableRequest
from core.studies.specification import TrainingSettings as Settings
from core.training.study_runs import run_study

DATASET = DatasetSpecification(n_train=16, n_validation=8, n_test=8, size=16)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return store.load(DATASET, folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def specification():
    return StudySpecification(
        name="tiny",
        dataset=DATASET,
        # Normals this little trained have "within 11.25°" at zero, against which no Δ can be said.
        tasks=("depth", "edges"),
        training=Settings(batch_size=8, epochs=1),
        table=TableRequest(seeds=(0,)),
        oracle=OracleRequest(seeds=(5,), layouts=("0,1|0,1|0,1|0,1|0;1", "0;1|0;1|0;1|0;1|0;1")),
    )


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "studies.sqlite")


def stop_after(n):
    """Give a question that is answered yes from the n-th time on."""
    counter = itertools.count(1)
    return lambda: next(counter) > n


def test_a_study_is_measured_kept_and_never_measured_again(specification, database, data):
    seen = []
    first = run_study(specification, database, data=data, progress=seen.append, command="here")
    n = len(specification.runs())
    assert (first.n_runs, first.n_done, first.n_failed, first.n_trained) == (n, n, 0, n)
    study = database.study("tiny")
    assert not study.table.holes.any()
    assert np.isfinite(study.oracle.test).all()
    assert study.oracle.test[0, 1].tolist() == [0.0, 0.0]
    assert study.gallery.targets.keys() == {"depth", "edges"}
    assert study.provenance.command == "here"
    assert study.provenance.n_done == n
    assert [p.n_done for p in seen if not p.title] == list(range(1, n + 1))
    assert seen[0].seconds_left is None
    assert seen[-2].seconds_left is not None
    assert first.similarity
    assert study.similarity.values.shape == (5, 2, 2)
    assert study.similarity.seed == 0
    assert "how alike" in seen[-1].title
    before = database.results("tiny")
    again = run_study(specification, database, data=data, progress=seen.clear)
    assert again.n_trained == 0
    assert again.similarity
    assert database.results("tiny") == before


def test_a_stopped_study_goes_on_where_it_was(specification, database, data):
    stopped = run_study(specification, database, data=data, should_stop=stop_after(4))
    assert 0 < stopped.n_done < stopped.n_runs
    assert "running" not in {line.state for line in database.runs("tiny")}
    kept = database.results("tiny")
    resumed = run_study(specification, database, data=data)
    assert resumed.n_done == resumed.n_runs
    assert resumed.n_trained == resumed.n_runs - len(kept)
    assert all(database.results("tiny")[key] == result for key, result in kept.items())


def test_an_interrupted_and_resumed_study_equals_one_in_a_single_go(specification, tmp_path, data):
    def interrupt(progress):
        if progress.n_done == 2 and progress.title:
            raise KeyboardInterrupt

    broken, whole = Database(tmp_path / "a" / "x.sqlite"), Database(tmp_path / "b" / "x.sqlite")
    with pytest.raises(KeyboardInterrupt):
        run_study(specification, broken, data=data, progress=interrupt)
    states = [line.state for line in broken.runs("tiny")]
    assert states[:4] == ["done", "done", "interrupted", "queued"]
    run_study(specification, broken, data=data)
    run_study(specification, whole, data=data)
    one, other = broken.study("tiny"), whole.study("tiny")
    np.testing.assert_array_equal(one.table.values, other.table.values)
    np.testing.assert_array_equal(one.oracle.test, other.oracle.test)


def test_a_failed_run_is_told_and_the_others_go_on(specification, database, data):
    hot = Settings(batch_size=8, epochs=40, learning_rate=10.0, optimizer="sgd", schedule="step", average=0.0)
    diverging = specification.model_copy(update={"training": hot, "oracle": None})
    summary = run_study(diverging, database, data=data)
    assert summary.n_failed > 0
    assert summary.n_done + summary.n_failed == summary.n_runs == summary.n_trained
    assert all("not-a-number" in sentence for sentence in summary.faults.values())
    assert run_study(diverging, database, data=data).n_trained == 0
    assert run_study(diverging, database, data=data, retry_failed=True).n_trained == summary.n_failed
    assert not summary.similarity


def test_a_task_the_data_set_lacks_gets_a_sentence_and_nothing_is_stored(specification, database, data):
    wrong = specification.model_copy(update={"tasks": ("depth", "nothing"), "oracle": None})
    with pytest.raises(DataError, match='no task "nothing"'):
        run_study(wrong, database, data=data)
    assert database.studies() == ()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_a_missing_graphics_card_ends_the_study_and_gives_the_run_back(specification, database, data):
    asked = specification.model_copy(update={"training": Settings(device="cuda")})
    with pytest.raises(JobError, match="no CUDA device"):
        run_study(asked, database, data=data)
    assert {line.state for line in database.runs("tiny")} == {"interrupted", "queued"}


def test_what_another_process_trains_is_left_to_it(specification, database, data):
    run_study(specification, database, data=data, should_stop=stop_after(0))
    elsewhere = Claims(database, "elsewhere/1/x")
    claimed = elsewhere.claim("tiny")
    summary = run_study(specification, database, data=data)
    assert (summary.n_done, summary.n_elsewhere) == (summary.n_runs - 1, 1)
    assert {line.state for line in database.runs("tiny") if line.key == claimed.key} == {"running"}


def test_parts_add_up_to_the_study(specification, database, data):
    n = len(specification.runs())
    one = run_study(specification, database, data=data, part=(1, 2))
    assert one.n_done == one.n_runs == len(range(0, n, 2))
    other = run_study(specification, database, data=data, part=(2, 2))
    assert other.n_done == other.n_runs == len(range(1, n, 2))
    assert database.studies()[0].n_done == n


def test_the_first_part_alone_measures_how_alike_the_tasks_are(specification, database, data):
    asked = specification.model_copy(update={"oracle": None})
    other = run_study(asked, database, data=data, part=(2, 2))
    assert not other.similarity
    assert run_study(asked, database, data=data, part=(1, 2)).similarity
    assert run_study(asked, database, data=data, part=(2, 2)).similarity


def test_it_is_not_measured_before_the_runs_are_over_nor_after_a_stop(specification, database, data):
    def stop_in_the_end(progress):
        if "how alike" in progress.title:
            raise KeyboardInterrupt

    stopped = run_study(specification, database, data=data, should_stop=stop_after(4))
    assert not stopped.similarity
    with pytest.raises(KeyboardInterrupt):
        run_study(specification, database, data=data, progress=stop_in_the_end)
    assert database.studies()[0].n_done == len(specification.runs())
    assert database.record("tiny").similarity is None
    resumed = run_study(specification, database, data=data)
    assert (resumed.n_trained, resumed.similarity) == (0, True)


@pytest.mark.parametrize("part", [(0, 2), (3, 2), (1, 0)])
def test_a_part_that_is_none_is_refused(specification, database, data, part):
    with pytest.raises(StudyError, match="write K/N"):
        run_study(specification, database, data=data, part=part)
