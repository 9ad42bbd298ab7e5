from dataclasses import replace

import numpy as np
import pytest
from core.studies.similarity import store_similarity

from core.affinity import Similarity
from core.errors import AffinityError
from core.families.layouts.request import TableRequest
from core.families.recombined.runs import similarity_run
from core.studies.documents import similarity_document


def changed(record, **changes):
    return replace(record, specification=record.specification.model_copy(update=changes))


def stored(database, specification, similarity):
    asked = similarity_run(specification)
    with database.writing() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO runs (key, kind, specification) VALUES (?, 'similarity', ?)",
            (asked.key, asked.model_dump_json()),
        )
        connection.execute(
            "INSERT OR IGNORE INTO study_runs SELECT id, 999999, ? FROM studies WHERE name = 'small'", (asked.key,)
        )
        store_similarity(connection, asked.key, similarity_document(similarity), database.clock())


def test_it_is_kept_with_the_study_and_makes_it_new(database, record, results, similarity, clock):
    database.put(record, results)
    assert database.record("small").similarity is None
    clock.now += 5
    stored(database, record.specification, similarity)
    for found in (database.record("small").similarity, database.study("small").similarity):
        np.testing.assert_array_equal(found.values, similarity.values)
        assert (found.seed, found.n_pictures) == (0, 200)
    assert database.studies()[0].updated.timestamp() == clock.now


def test_storing_the_study_again_keeps_it_while_the_single_runs_are_the_same(database, record, similarity):
    database.put(record)
    stored(database, record.specification, similarity)
    database.put(changed(record, title="New", oracle=None, table=TableRequest(seeds=(0, 5))))
    assert database.record("small").similarity is not None
    database.put(changed(record, table=TableRequest(seeds=(5, 0))))
    assert database.record("small").similarity is None
    database.put(record)
    assert database.record("small").similarity is None


def test_one_that_comes_with_the_study_replaces_the_stored_one(database, record, similarity):
    database.put(record)
    stored(database, record.specification, similarity)
    other = Similarity(similarity.values**2, 0, 100)
    database.put(replace(record, similarity=other))
    np.testing.assert_array_equal(database.record("small").similarity.values, other.values)


def test_what_was_measured_for_another_question_is_not_stored(database, record, similarity):
    database.put(record)
    stored(database, changed(record, table=TableRequest(seeds=(9,))).specification, similarity)
    assert database.record("small").similarity is None
    database.delete("small")
    stored(database, record.specification, similarity)
    assert database.studies() == ()


def test_a_table_study_of_the_same_name_drops_it(database, record, table_record, similarity):
    database.put(record)
    stored(database, record.specification, similarity)
    database.put(replace(table_record, name="small"))
    assert database.record("small").similarity is None
    stored(database, record.specification, similarity)
    assert database.record("small").similarity is None


def test_a_table_study_may_have_one(database, table_record, similarity):
    database.put(replace(table_record, similarity=similarity))
    np.testing.assert_array_equal(database.study("own").similarity.values, similarity.values)


def test_one_of_other_tasks_or_blocks_is_refused(record, results):
    with pytest.raises(AffinityError, match=r"shape \[2, 3, 3\]"):
        replace(record, similarity=Similarity(np.ones((3, 3, 3)), 0, 10))
    with pytest.raises(AffinityError, match=r"shape \[2, 3, 3\]"):
        replace(record.study(results), similarity=Similarity(np.ones((2, 2, 2)), 0, 10))
