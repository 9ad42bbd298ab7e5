"""A study without measurements recommends nothing and says which runs come first."""

from dataclasses import replace

import pytest

from core.studies.database import DATABASE_FILE, Database


@pytest.fixture
def unmeasured(studies_home, tmp_path):
    """A folder with a study that asks for the same runs with other training settings, so that none is done."""
    record = Database(studies_home / DATABASE_FILE).record("trained")
    asked = record.specification
    training = asked.training.model_copy(update={"epochs": asked.training.epochs + 1})
    fresh = replace(
        record, name="fresh", specification=asked.model_copy(update={"name": "fresh", "training": training})
    )
    Database(tmp_path / DATABASE_FILE).put(fresh)
    return tmp_path


def test_overview_recommends_nothing_and_leads_to_the_first_runs(visit, unmeasured):
    at = visit("overview", unmeasured, study="fresh")
    assert any("no measurements" in each.value for each in at.markdown)
    assert any("run" in each.value and "seed" in each.value for each in at.markdown)
    assert not at.metric
    assert [each.label for each in at.button if "two-task table" in each.label]


def test_budget_leads_to_the_first_runs_and_draws_nothing(visit, unmeasured):
    at = visit("budget", unmeasured, study="fresh")
    assert any("no measurements" in each.value for each in at.markdown)
    assert [each.label for each in at.button if "two-task table" in each.label]
    assert not at.dataframe
    assert not at.metric
    assert not any("%" in each.value for each in (*at.markdown, *at.caption))


def test_a_study_of_other_networks_is_not_said_to_have_no_measurements(visit):
    at = visit("budget", study="paths")
    assert any("only networks of other kinds are measured" in each.value for each in at.markdown)
    assert not any("no measurements" in each.value for each in at.markdown)
    assert [each.label for each in at.button if "two-task table" in each.label]
