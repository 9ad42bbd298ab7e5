from dataclasses import replace

import pytest

from core.errors import StudyError
from core.families.layouts.runs import expand as layout_trainings
from tests.core.studies.sections import without


def test_a_record_has_a_specification_or_a_table(record, table_record):
    assert (record.kind, table_record.kind) == ("measured", "table")
    with pytest.raises(StudyError, match="either a specification or a table"):
        replace(record, specification=None)
    with pytest.raises(StudyError, match="either a specification or a table"):
        replace(record, table=table_record.table)


def test_parts_that_disagree_are_refused(record):
    with pytest.raises(StudyError, match="describes a, b"):
        replace(record, tasks=record.tasks[:2])
    with pytest.raises(StudyError, match="its backbone has 1"):
        replace(record, backbone=record.backbone.merged([0]))


def test_provenance_counts_only_what_this_study_asks_for(record, results, specification):
    smaller = replace(record, specification=without(specification, "oracle"))
    provenance = smaller.study(results).provenance
    assert provenance.n_done == provenance.n_runs == len(layout_trainings(smaller.specification)) < len(results)
    assert provenance.versions == {"torch": "2"}
