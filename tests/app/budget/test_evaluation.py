import shutil
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.affinity import Similarity
from core.studies.database import Database
from core.studies.home import DATABASE_FILE


def page():
    from app.budget.evaluation import show_evaluation
    from app.ui import cached
    from core.costs import Unit

    show_evaluation(cached.scene("trained", "uniform", Unit.PARAMETERS, False), 0.6)


def shown(home, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(home))
    at = AppTest.from_function(page, default_timeout=120).run()
    assert not at.exception, at.exception
    return at


def table_of(at):
    return next(frame.value for frame in at.dataframe if "measured gain Δ" in frame.value.columns).set_index("")


@pytest.fixture
def measured(studies_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(studies_home, home)
    database = Database(home / DATABASE_FILE)
    values = np.full((3, 3, 3), 0.5)
    values[:, range(3), range(3)] = 1.0
    values[:, 0, 1] = values[:, 1, 0] = 0.9
    database.put(replace(database.record("trained"), similarity=Similarity(values, 0, 200)))
    return home


def test_all_rivals_are_judged_where_the_similarity_is_known(measured, monkeypatch):
    at = shown(measured, monkeypatch)
    table = table_of(at)
    assert list(table.index) == [
        "Predicted gain",
        "Low cost (parameters)",
        "Low cost (MACs)",
        "Low cost (latency)",
        "Random layout",
        "Greedy cuts",
        "Affinity",
        "What-to-Share",
        "Task grouping",
    ]
    known = table.drop("Affinity")
    assert (known["Spearman"] != "–").all()
    assert (known["regret, points"] != "–").all()
    assert (known["selects within 60 %"].drop("Random layout") != "–").all()
    assert table.loc[["Predicted gain", "What-to-Share", "Task grouping"], "layouts"].tolist() == [22, 22, 5]
    # What is correlated twice is the same number twice.
    correlations = next(frame.value for frame in at.dataframe if "weighted" in frame.value.columns).set_index("")
    assert correlations.loc["Spearman", "weighted"] == table.loc["Predicted gain", "Spearman"]
    assert correlations.loc["– within cost strata", "weighted"] == table.loc["Predicted gain", "within cost strata"]
    assert "selects within 60 %" in table.columns
    assert not any("not measured yet" in caption.value for caption in at.caption)


def test_an_unmeasured_similarity_is_said_and_leaves_its_row_empty(studies_home, monkeypatch):
    at = shown(studies_home, monkeypatch)
    table = table_of(at)
    assert (table.loc["What-to-Share"].drop("layouts") == "–").all()
    assert (table.loc["Task grouping", ["Spearman", "regret, points", "measured gain Δ"]] != "–").all()
    assert any("not measured yet: run the study again" in caption.value for caption in at.caption)


def only_one():
    from app.budget.evaluation import show_evaluation
    from app.plane.scene import Scene
    from app.ui import cached
    from core.costs import Unit
    from core.families.layouts.predictions import budget_view
    from core.families.layouts.trained import TrainedView
    from core.studies.measured import Oracle

    study = cached.study("trained")
    oracle = study.oracle
    oracle = Oracle(oracle.layouts[:1], oracle.seeds, oracle.validation[:, :1], oracle.test[:, :1])
    view = budget_view(study, "uniform", Unit.PARAMETERS)
    show_evaluation(Scene(view, TrainedView(view, oracle)), 0.6)


def test_of_one_trained_layout_neither_rank_nor_regret_is_told(studies_home, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(studies_home))
    at = AppTest.from_function(only_one, default_timeout=120).run()
    assert not at.exception, at.exception
    said = " ".join(caption.value for caption in at.caption)
    assert "One layout is trained, so nothing can be ranked" in said
    assert "Regret" not in said
    assert not at.dataframe


def test_one_sentence_says_which_split_chose_the_best_layout(studies_home, monkeypatch):
    said = " ".join(caption.value for caption in shown(studies_home, monkeypatch).caption)
    assert said.count("chosen on the validation split of half of the seeds") == 1
    assert "chosen and reported" not in said
