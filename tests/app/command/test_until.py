"""What Auto chose of a study stays when its study file is run again."""

from dataclasses import replace

import pytest

from app.command.until import with_chosen
from core.backbones import Backbone, Block
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import CellSubmission, LayoutSubmission
from core.jobs.auto import Auto
from core.layouts import Layout
from core.studies.advice import Goal
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task

CHOSEN = Layout.parse("0,1,2 | 0;1;2")


@pytest.fixture
def record():
    specification = StudySpecification(
        name="small",
        tasks=("a", "b", "c"),
        backbone=BackboneSpecification(blocks=2),
        table=TableRequest(seeds=(0,)),
        oracle=OracleRequest(seeds=(7,), layouts=("0,1,2|0,1;2",)),
    )
    backbone = Backbone("net", (Block("stem", 10, 10**6), Block("body", 30, 2 * 10**6)), (3, 16, 16))
    tasks = tuple(Task(name, Kind.DEPTH, (Metric("error", False),), 1) for name in "abc")
    return StudyRecord("small", ("a", "b", "c"), backbone, specification, tasks)


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "studies.sqlite")


@pytest.fixture
def grown(record):
    """The record with one more seed of the table and one more layout, as Auto leaves it."""
    more = LayoutSubmission((CHOSEN,), (7,)).extend(record.specification)
    return replace(record, specification=CellSubmission((0, 1, 2), 1).extend(more))


def test_what_auto_chose_stays_also_when_it_was_started_again_since(database, record, grown):
    database.put(grown)
    # Nobody asked Auto: the file decides.
    assert with_chosen(database, record) is record
    for tolerance in (0.1, 0.2):
        Auto(database).start(grown, Goal(tolerance=tolerance))
        kept = with_chosen(database, record).specification
        assert kept.requested(TableRequest).seeds == (0, 1)
        assert CHOSEN in [Layout.parse(text) for text in kept.requested(OracleRequest).layouts]
    # A file that has it all already is stored as it is.
    assert with_chosen(database, grown) is grown


def test_a_file_that_judges_by_a_seed_of_autos_table_decides(database, record, grown):
    database.put(grown)
    Auto(database).start(grown, Goal())
    judged = record.specification.with_request(OracleRequest(seeds=(1,), layouts=("0,1,2|0,1;2",)))
    changed = replace(record, specification=judged)
    assert with_chosen(database, changed) is changed
