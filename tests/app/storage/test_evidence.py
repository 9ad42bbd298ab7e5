import shutil

import pytest
import streamlit as st

from app.storage.evidence import own_switchings
from core.families.switching.runs import SwitchingRun
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database


@pytest.mark.parametrize("payload", [None, {}, {"switching": 5}, {"switching": {"cut": 1}}, {"similarity": {}}])
def test_a_damaged_measurement_of_switching_is_passed_over(studies_home, tmp_path, monkeypatch, payload):
    home = shutil.copytree(studies_home, tmp_path / "home")
    monkeypatch.setenv("BRANCHWISE_HOME", str(home))
    st.cache_resource.clear()
    run = SwitchingRun(backbone="x", builder="x()", size=(32, 32), params=(1, 2), cut=1, n_branches=2, asked=1)
    environment = Environment(device="cpu", machine="m", threads=1, versions={})
    result = RunResult(state=RunState.DONE, environment=environment, payload=payload)
    with Database.at_home().writing() as connection:
        study = connection.execute("SELECT id, name FROM studies").fetchone()
        connection.execute(
            "INSERT INTO runs (key, kind, label, specification, state, result) VALUES (?, ?, ?, ?, 'done', ?)",
            (run.key, run.kind, run.label.to_json(), run.model_dump_json(), result.model_dump_json()),
        )
        connection.execute("INSERT INTO study_runs VALUES (?, 5000000, ?)", (study["id"], run.key))
    assert own_switchings(study["name"]) == ()
