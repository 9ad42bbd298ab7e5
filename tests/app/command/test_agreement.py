import numpy as np
import pytest
from scipy import stats

from app.ui.paths import ASSETS
from core.costs import layout_cost
from core.estimators import estimates, read_table_path, task_weights
from core.layouts.enumeration import enumerate_layouts


@pytest.fixture
def trained(tmp_path):
    rng = np.random.default_rng(3)
    layouts = list(enumerate_layouts(3, 4))
    real = rng.normal(size=(len(layouts), 3)).round(3)
    path = tmp_path / "results.csv"
    rows = [f'"{layout.to_text(("a", "b", "c"))}",{c},{a},{b}' for layout, (a, b, c) in zip(layouts, real, strict=True)]
    path.write_text("\n".join(["layout,c,0,b", *rows]))
    return path, layouts, real


@pytest.mark.parametrize("weights", ["svde", "uniform", "1,2,3"])
def test_figures_are_those_of_scipy(answer, table, trained, weights):
    path, layouts, real = trained
    found = answer("agreement", table, path, "--weights", weights)
    two = read_table_path(table)
    w = task_weights(two, weights).values
    # Rounded as the command does, or ties would differ in the last digit.
    predicted = np.array([estimates(two.values, layout) @ w for layout in layouts]).round(9)
    assert found["n"] == len(layouts)
    for key, function in (("spearman", stats.spearmanr), ("pearson", stats.pearsonr), ("kendall", stats.kendalltau)):
        assert found[key]["weighted"] == pytest.approx(function(predicted, (real @ w).round(9)).statistic, abs=1e-6)
        assert found[key]["mean"] == pytest.approx(function(predicted, real.mean(axis=1).round(9)).statistic, abs=1e-6)


def test_people_get_intervals(call, table, trained):
    found = call("agreement", table, trained[0])
    assert found.exit_code == 0
    assert "35 layouts" in found.stdout
    for row in ("spearman", "pearson", "kendall", "in strata"):
        (line,) = [each for each in found.stdout.splitlines() if each.startswith(row)]
        assert line.count("[") == 2


def test_ways_that_a_prediction_has_to_be_better_than_are_judged_alike(call, answer, table, trained):
    path, layouts, real = trained
    w = task_weights(read_table_path(table), "uniform").values
    for costs in ((1, 1, 1, 1), (1, 2, 4, 8)):
        given = [] if costs == (1, 1, 1, 1) else ["--costs", ",".join(map(str, costs))]
        found = answer("agreement", table, path, "--weights", "uniform", *given)
        ways = {way["name"].split(" (")[0]: way for way in found["baselines"]}
        assert list(ways) == ["predicted gain", "low cost", "random layout", "greedy cuts", "task grouping"]
        prices = np.array([layout_cost(layout, np.array(costs, dtype=float)) for layout in layouts])
        expected = stats.spearmanr(-prices, (real @ w).round(9)).statistic
        assert ways["low cost"]["spearman"]["weighted"] == pytest.approx(expected)
        assert ways["predicted gain"]["spearman"] == found["spearman"]
        assert ways["predicted gain"]["strata"] == found["strata"]
        assert ways["predicted gain"]["regret"] == found["regret"]
        # One seed and one split: no half to judge on.
        assert found["regret"]["low"] is None
    said = call("agreement", table, path).stdout
    assert "chosen and judged on the same results" in said
    assert "low cost (every block alike)" in said


@pytest.mark.parametrize("costs", ["1,2", "1,2,3,x", "1,2,3,-4", "", "1,2,3,4,5"])
def test_costs_that_do_not_fit_the_table_are_refused(refusal, table, trained, costs):
    refusal("agreement", table, trained[0], "--costs", costs)


def test_what_can_not_be_told_is_null(answer, table, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text('layout,a,b,c\n"0,1,2|0,1,2|0,1,2|0,1,2",1,2,3\n')
    found = answer("agreement", table, path)
    assert found["n"] == 1
    assert found["spearman"] == {"weighted": None, "mean": None}


@pytest.mark.parametrize(
    "text", ["", "layout,a,b\n", 'layout,a,b,c\n"0,1;2|0,1,2|0,1,2|0,1,2",1,2,3\n', "a,b,c\n1,2,3\n"]
)
def test_bad_results_are_one_sentence(refusal, table, tmp_path, text):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    assert "bad.csv" in refusal("agreement", table, path, "--json")


def test_one_layout_has_no_regret(call, table, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text('layout,a,b,c\n"0,1,2|0,1,2|0,1,2|0,1,2",1,2,3\n')
    found = call("agreement", table, path)
    assert "1 layout, predicted" in found.stdout
    assert "nothing can be ranked" in found.stdout
    assert "Regret:" not in found.stdout
    assert "Brackets" not in found.stdout


def test_the_sample_results_have_the_intervals_of_the_study_they_are_from(call):
    from core.costs import Unit
    from core.estimators.weights import WeightRule
    from core.families.layouts.predictions import budget_view
    from core.families.layouts.trained import TrainedView
    from core.studies.bundled import load_bundled
    from core.studies.measured import LayoutResults

    study = load_bundled("scenes")
    oracle = study.result(LayoutResults).oracle
    known = TrainedView(budget_view(study, WeightRule.SVDE, Unit.MACS), oracle).agreement.spearman.weighted
    found = call("agreement", ASSETS / "samples" / "table.csv", ASSETS / "samples" / "results.csv")
    row = next(line for line in found.stdout.splitlines() if line.startswith("spearman"))
    numbers = [float(word.strip("[],")) for word in row.split()[1:4]]
    assert numbers == pytest.approx([known.value, known.low, known.high], abs=0.006)
    assert f"over layouts and the {len(oracle.seeds)} seeds of the results" in found.stdout


def test_results_without_seeds_say_what_their_intervals_leave_out(call, table, trained):
    found = call("agreement", table, trained[0])
    assert "noise between seeds is left out" in found.stdout
