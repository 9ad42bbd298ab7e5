from dataclasses import replace

import numpy as np
import pytest

from core.affinity import Similarity
from core.errors import BranchwiseError
from core.studies.specification import BackboneSpecification


def similarity_of(values: object) -> Similarity:
    return Similarity(np.asarray(values), seed=0, n_pictures=10)


@pytest.mark.parametrize("changes", [{}, {"title": "Another title"}])
def test_an_imported_similarity_stays_when_the_study_is_stored_again(database, record, similarity, changes):
    database.put(replace(record, similarity=similarity))
    again = replace(record, specification=record.specification.model_copy(update=changes))
    database.put(again)
    np.testing.assert_allclose(database.study("small").similarity.values, similarity.values, atol=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"backbone": BackboneSpecification(blocks=2, width=4)},
        {"tasks": ("b", "a", "c")},
    ],
)
def test_an_imported_similarity_goes_when_other_networks_are_trained(database, record, similarity, changes):
    database.put(replace(record, similarity=similarity))
    tasks = {task.name: task for task in record.tasks}
    specification = record.specification.model_copy(update=changes)
    names = specification.tasks
    database.put(
        replace(record, specification=specification, task_names=names, tasks=tuple(tasks[name] for name in names))
    )
    assert database.study("small").similarity is None


def test_a_table_study_keeps_the_similarity_it_came_with(database, table_record):
    n_tasks, n_blocks = len(table_record.task_names), table_record.backbone.n_blocks
    given = similarity_of(np.broadcast_to(np.eye(n_tasks), (n_blocks, n_tasks, n_tasks)))
    database.put(replace(table_record, similarity=given))
    np.testing.assert_array_equal(database.study("own").similarity.values, given.values)


@pytest.mark.parametrize("shape", [(1, 3, 3), (2, 2, 2)])
def test_a_similarity_of_other_tasks_or_blocks_is_refused(database, record, shape):
    with pytest.raises(BranchwiseError, match="similarity"):
        database.put(replace(record, similarity=similarity_of(np.broadcast_to(np.eye(shape[1]), shape))))
    assert database.studies() == ()
