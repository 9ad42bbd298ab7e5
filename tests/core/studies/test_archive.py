"""Studies come out of an archive as they went in, and keep their names apart."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import StudyError
from core.runs.result import CurvePoint, Preprocessing, RunState, SampleScores
from core.studies.archive import (
    export_study,
    import_archive,
    open_archive,
    read_archive,
    write_archive,
)
from tests.core.studies.archive_parts import assert_refused, changed
from tests.core.studies.sections import without


def test_a_study_survives_the_archive(content, record, results):
    there, here = read_archive(content), record.study(results)
    assert (there.name, there.title, there.task_names) == (here.name, here.title, here.task_names)
    assert (there.tasks, there.backbone, there.head_params) == (here.tasks, here.backbone, here.head_params)
    np.testing.assert_array_equal(there.table.samples, here.table.samples)
    np.testing.assert_array_equal(there.oracle.test, here.oracle.test)
    np.testing.assert_array_equal(there.gallery.inputs, here.gallery.inputs)
    assert there.baselines == here.baselines
    assert there.provenance == here.provenance


def test_results_survive_whole(content, results):
    assert open_archive(content).results == results
    assert all(result.curve == () for result in open_archive(content, lazy=True).results.values())


def test_exporting_an_imported_study_gives_the_same_file(database, content):
    assert import_archive(content, database) == "small"
    again = open_archive(export_study(database, "small"))
    first = open_archive(content)
    assert again.results == first.results
    assert replace(again.record, finished="", gallery=None).specification == first.record.specification
    assert export_study(database, "small") == export_study(database, "small")


def test_an_archive_may_be_a_path(tmp_path, content, record):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert read_archive(path).name == record.name
    with pytest.raises(StudyError, match="No such file"):
        read_archive(tmp_path / "none.zip")


def test_a_table_study_survives_the_archive(database, table_record):
    content = write_archive(table_record, {})
    name = import_archive(content, database)
    np.testing.assert_array_equal(database.study(name).table.values, table_record.table.values)
    assert import_archive(content, database) == "own"


def test_the_similarity_of_tasks_survives_the_archive(database, record, results, similarity):
    content = write_archive(replace(record, similarity=similarity), results)
    assert import_archive(content, database) == "small"
    for study in (read_archive(content), database.study("small"), read_archive(export_study(database, "small"))):
        np.testing.assert_array_equal(study.similarity.values, similarity.values)
        assert (study.similarity.seed, study.similarity.n_pictures) == (0, 200)


def test_an_archive_of_the_first_schema_has_no_similarity(content):
    def older(document):
        document["schema"] = 1
        del document["similarity"]

    assert read_archive(changed(content, "study.json", older)).similarity is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([[[1, 0], [0, 1]]] * 2, r"should have shape \[2, 3, 3\]"),
        ([[[1, 2, 0], [2, 1, 0], [0, 0, 1]]] * 2, "not between −1 and 1"),
        ([[[1, 0, 0], [0, 1, 0], [0, 0]]] * 2, "different lengths"),
        ([[["x"]]], "should be a number"),
        ([], "should have shape"),
        (1, "should be a list"),
    ],
)
def test_a_similarity_that_is_none_gets_a_sentence(content, database, values, sentence):
    document = {"seed": 0, "n_pictures": 200, "values": values}
    assert_refused(changed(content, "study.json", lambda d: d.update(similarity=document)), database, sentence)
    assert_refused(changed(content, "study.json", lambda d: d.update(similarity={})), database, "similarity")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(name="other"), 'called "other"'),
        (lambda d: d["specification"].update(zz=1), '"zz" is not a key'),
        (lambda d: d["task_names"].reverse(), "names .*in the same order"),
        (lambda d: d["backbone"].update(name=None), "found null"),
        (lambda d: d["specification"].update(description=None), "is null: it should be text"),
        (lambda d: d["specification"].update(tasks=["a"]), "Branchwise compares .* Found 1"),
    ],
)
def test_a_damaged_value_is_said_with_the_one_thing_to_do(content, database, change, sentence):
    assert_refused(changed(content, "study.json", change), database, f"{sentence}.* Export the study again")


def test_a_half_finished_study_keeps_its_holes(record, results):
    some = dict(list(results.items())[:4])
    study = read_archive(write_archive(record, some))
    assert study.provenance.n_done == 4
    assert study.table.holes.any()


def test_importing_twice_stores_once(database, record, results):
    content = write_archive(record, results)
    assert [import_archive(content, database) for _ in range(3)] == ["small"] * 3
    assert len(database.studies()) == 1


def test_an_import_adds_and_changes_no_study(database, record, results):
    half = dict(list(results.items())[::2])
    assert import_archive(write_archive(record, half), database) == "small"
    theirs = replace(record, title="Taken over", description="By somebody else.")
    assert import_archive(write_archive(theirs, results), database) == "small-2"
    assert database.results("small") == half
    assert (database.record("small").title, database.record("small-2").title) == (record.title, "Taken over")


def test_a_study_is_completed_where_that_is_asked_for(database, record, results):
    half = dict(list(results.items())[::2])
    import_archive(write_archive(record, half), database)
    assert import_archive(write_archive(replace(record, title="Other"), results), database, into="small") == "small"
    assert database.results("small") == results
    assert database.record("small").title == record.title
    with pytest.raises(StudyError, match="no study"):
        import_archive(write_archive(record, results), database, into="nowhere")


def test_what_arrives_done_leaves_the_queue_unless_another_study_waits_for_it(database, record, results):
    database.put(record)
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'queued'")
    import_archive(write_archive(replace(record, title="Other"), results), database, into="small")
    with database.reading() as connection:
        states = dict(connection.execute("SELECT key, state FROM runs"))
    assert {states[key] for key in results} == {"planned"}
    assert {states[key] for key in states.keys() - results} <= {"queued"}
    database.put(replace(record, name="waiting"))
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'queued'")
    import_archive(write_archive(replace(record, title="Other"), results), database, into="small")
    with database.reading() as connection:
        assert {row[0] for row in connection.execute("SELECT state FROM runs")} == {"queued"}


def test_an_archive_of_other_networks_completes_nothing(database, record, results, table_record):
    import_archive(write_archive(record, results), database)
    with pytest.raises(StudyError, match="none of the runs"):
        import_archive(write_archive(table_record, {}), database, into="small")


def test_names_of_bundled_studies_are_not_taken(database, table_record):
    content = write_archive(replace(table_record, name="scenes"), {})
    assert import_archive(content, database, reserved=("scenes",)) == "scenes-2"


def test_another_study_of_the_same_name_gets_a_number(database, record, results, table_record):
    other = without(record.specification, "oracle")
    database.put(replace(record, specification=other))
    content = write_archive(record, results)
    assert import_archive(content, database) == "small-2"
    assert import_archive(content, database) == "small-2"  # the same once more
    assert database.study("small-2").oracle is not None
    assert database.study("small").oracle is None
    assert import_archive(write_archive(replace(table_record, name="small"), {}), database) == "small-3"


def test_a_run_that_failed_or_diverged_can_be_exported(record, results):
    key = next(iter(results))
    failed = results[key].model_copy(
        update={
            "state": RunState.FAILED,
            "sentence": "Diverged.",
            "curve": (CurvePoint(step=50, losses={"a": float("inf")}),),
        }
    )
    found = open_archive(write_archive(record, {key: failed})).results[key]
    assert (found.state, found.sentence) == (RunState.FAILED, "Diverged.")
    assert np.isnan(found.curve[0].losses["a"])


def test_scores_confusion_and_preprocessing_survive_the_archive(record, results):
    scores = SampleScores.of("loss", np.array([0.5] * 999 + [np.nan]))
    pictures = Preprocessing(size=(32, 32), channels=3, mean=(0.5,) * 3, std=(0.25,) * 3, range=255.0)
    whole = {}
    for key, result in results.items():
        samples = {split: dict.fromkeys(tasks, scores) for split, tasks in result.metrics.items()}
        whole[key] = result.model_copy(update={"samples": samples, "preprocessing": pictures})
    content = write_archive(record, whole)
    assert open_archive(content).results == whole
    lazy = open_archive(content, lazy=True).results
    assert all(not result.samples and result.preprocessing == pictures for result in lazy.values())
