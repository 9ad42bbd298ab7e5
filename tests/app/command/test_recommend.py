import json

import numpy as np
import openpyxl
import pytest

from app.ui.paths import ASSETS
from core.backbones import Backbone, Block
from core.costs import Unit, layout_cost
from core.estimators import TwoTaskTable, estimates, fill_holes, read_table_path, task_weights, write_table
from core.estimators.basis import without_holes
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import budget_view
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.measured import LayoutResults
from core.studies.study import Study

COSTS = np.array([1.0, 2.0, 3.0, 4.0])


def ranked(path, weights="svde", budget=np.inf, estimator=Estimator.PAPER):
    """Give every layout within the budget by brute force, best first."""
    w = task_weights(fill_holes(read_table_path(path)).table, weights).values
    table = without_holes(read_table_path(path), estimator).table
    rows = [
        (
            -round(float(estimates(table.values, layout, estimator) @ w), 9),
            layout_cost(layout, COSTS),
            layout.n_groups,
            layout,
        )
        for layout in enumerate_layouts(3, 4)
    ]
    return [row for row in sorted(rows) if row[1] <= budget * (1 + 1e-9)], w


@pytest.mark.parametrize("weights", ["svde", "uniform", "paper", "1,2,3", "0,0,1"])
@pytest.mark.parametrize(("budget", "limit"), [(None, np.inf), ("2x", 20), ("60%", 18), ("17", 17), ("1x", 10)])
def test_the_answer_is_that_of_brute_force(answer, table, weights, budget, limit):
    words = [] if budget is None else ["--budget", budget]
    found = answer("recommend", table, "--costs", "1,2,3,4", "--weights", weights, "--top", 7, *words)
    expected, w = ranked(table, weights, limit)
    assert found["weights"] == pytest.approx(w.tolist())
    assert found["count"] == "35"
    assert found["tasks"] == ["a", "b", "c"]
    assert found["exact"] is True
    assert [Layout.of(row["layout"]) for row in found["layouts"]] == [row[3] for row in expected[:7]]
    for row, (score, cost, _, layout) in zip(found["layouts"], expected, strict=False):
        assert row.keys() == {"layout", "score", "estimates", "cost", "interval", "estimate_intervals"}
        assert row["score"] == pytest.approx(-score)
        assert row["cost"] == pytest.approx(cost)
        assert row["estimates"] == pytest.approx(estimates(read_table_path(table).values, layout).tolist())


@pytest.mark.parametrize("estimator", [Estimator.BLOCKWISE, Estimator.BAYES])
def test_with_other_estimators_it_is_that_of_brute_force_too(answer, table, estimator):
    found = answer("recommend", table, "--costs", "1,2,3,4", "--estimator", estimator, "--budget", "60%", "--top", 7)
    expected, _ = ranked(table, budget=18, estimator=estimator)
    assert found["estimator"] == found["basis"]["estimator"] == estimator
    assert [Layout.of(row["layout"]) for row in found["layouts"]] == [row[3] for row in expected[:7]]
    assert [row["score"] for row in found["layouts"]] == pytest.approx([-row[0] for row in expected[:7]])
    best = Layout.of(found["layouts"][0]["layout"])
    values = without_holes(read_table_path(table), estimator).values
    assert found["layouts"][0]["estimates"] == pytest.approx(estimates(values, best, estimator).tolist())


def test_one_value_per_cell_has_intervals_with_bayes(answer, table):
    found = answer("recommend", table, "--costs", "1,2,3,4", "--estimator", "bayes")
    assert "posterior" in found["basis"]["interval"]
    for row in found["layouts"]:
        low, high = row["interval"]
        assert low < row["score"] < high


def test_intervals_are_those_of_the_pages(answer, call, tmp_path):
    samples = np.random.default_rng(0).normal(size=(3, 3, 3, 5))
    samples[..., 0] = 0
    samples[:, np.arange(3), np.arange(3)] = 0
    table = TwoTaskTable.from_samples(("a", "b", "c"), samples)
    path = tmp_path / "seeds.csv"
    path.write_bytes(write_table(table, "tidy"))
    study = Study(
        "s", "S", "", table.tasks, Backbone("net", tuple(Block(str(c), int(c), 1) for c in COSTS)),
        results={"table": LayoutResults(read_table_path(path))},
    )  # fmt: skip
    view = budget_view(study, WeightRule.SVDE, Unit.PARAMETERS)
    found = answer("recommend", path, "--costs", "1,2,3,4")
    for row in (*found["layouts"], *answer("front", path, "--costs", "1,2,3,4")["front"]):
        known = view.figures(Layout.of(row["layout"]))
        assert row["interval"] == pytest.approx([known.score_low, known.score_high])
        assert row["interval"][0] < row["score"] < row["interval"][1]
        assert row["estimate_intervals"] == pytest.approx(np.stack([known.low, known.high], axis=1))
    assert found["basis"]["seeds"] == 3
    assert (found["basis"]["weighting"], found["basis"]["level"]) == ("svde", 0.9)
    assert " to " in call("recommend", path, "--costs", "1,2,3,4").stdout


def test_one_value_per_cell_has_no_interval_and_says_why(answer, table):
    for found in (answer(command, table, "--costs", "1,2,3,4") for command in ("recommend", "front")):
        assert all(row["interval"] is None for row in found.get("layouts", found.get("front")))
        assert found["basis"]["seeds"] is None
        assert found["basis"]["interval"] == "No interval: one value per cell."


def test_pairs_without_any_result_are_named(answer, table):
    lines = [line if line[0] in "b0" else line.rsplit(",", 2)[0] + ",," for line in table.read_text().splitlines()]
    table.write_text("\n".join(lines))
    assert "b with c, c with b. The mean" in answer("recommend", table, "--costs", "1,2,3,4")["notes"][1]


def test_holes_are_filled_and_told(answer, call, holey):
    found = answer("recommend", holey, "--costs", "1,2,3,4", "--top", 3)
    assert [Layout.of(row["layout"]) for row in found["layouts"]] == [row[3] for row in ranked(holey)[0][:3]]
    assert "Cells of the table without a number: 1" in found["notes"][0]
    assert "Cells of the table without a number: 1" in call("recommend", holey, "--costs", "1,2,3,4").stdout


@pytest.fixture
def workbook(tmp_path, table):
    """A workbook with a hidden first sheet, the table and a copy of other numbers."""
    rows = [line.split(",") for line in table.read_text().replace('"', "").splitlines()]
    header = ["branch", "(a, b)-0", "(a, b)-1", "(a, c)-0", "(a, c)-1", "(b, c)-0", "(b, c)-1"]
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "raw", "hidden"
    for title, sign in (("table", 1), ("negative", -1)):
        sheet = book.create_sheet(title)
        sheet.append(header)
        for row in rows[1:]:
            sheet.append([int(row[0]), *(sign * float(cell) for cell in row[1:])])
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def test_the_sheet_that_was_read_is_said_and_another_can_be_chosen(answer, call, refusal, table, workbook):
    plain, found = (answer("recommend", path, "--costs", "1,2,3,4") for path in (table, workbook))
    assert found["layouts"] == plain["layouts"]
    assert 'the sheet "table"' in found["notes"][0]
    assert "--sheet" in call("recommend", workbook, "--costs", "1,2,3,4").stdout
    other = answer("recommend", workbook, "--costs", "1,2,3,4", "--sheet", "Negative")
    assert other["layouts"] != plain["layouts"]
    assert other["notes"] == []
    assert answer("front", workbook, "--costs", "1,2,3,4", "--sheet", "negative")["front"]
    assert 'no sheet "x"' in refusal("front", workbook, "--costs", "1,2,3,4", "--sheet", "x")
    assert "is empty" in refusal("recommend", workbook, "--costs", "1,2,3,4", "--sheet", "raw")


@pytest.mark.parametrize("cell", ["", "NaN", "n/a", "-"])
def test_a_table_without_numbers_gives_no_recommendation(refusal, tmp_path, cell):
    rows = "".join(f"{point},{','.join(['0' if point == 0 else cell] * 2)}\n" for point in range(3))
    (tmp_path / "empty.csv").write_text(f"branch,(a, b)-0,(a, b)-1\n{rows}")
    for command in ("recommend", "front"):
        assert "no number above branch 0" in refusal(command, tmp_path / "empty.csv", "--costs", "1,2")


def test_a_task_without_numbers_is_named(refusal, tmp_path):
    (tmp_path / "half.csv").write_text("branch,(a, b)-0,(a, b)-1\n0,0,0\n1,2,\n")
    assert 'for the task "b"' in refusal("recommend", tmp_path / "half.csv", "--costs", "1")


def test_people_get_an_aligned_table(call, table):
    lines = call("recommend", table, "--costs", "1,2,3,4", "--top", 3, "--budget", "60%").stdout.splitlines()
    assert lines[0].startswith("35 layouts of 3 tasks on 4 blocks. Weights: a 0.")
    assert lines[-2:] == ["", "No interval: one value per cell."]
    assert lines[-4:-2] == ["", "* Recommended: the best score within the budget; nothing is known of its noise."]
    # Three networks of 10 cost 30.
    assert lines[1].endswith("which cost 30. Budget: 18 (60 %).")
    header, *rows = lines[3:-4]
    assert [float(row.split()[5]) for row in rows] == pytest.approx(
        [float(row.split()[4]) / 0.3 for row in rows], abs=0.05
    )
    assert header.split() == ["score", "90", "%", "interval", "cost", "share", "Δ", "a", "Δ", "b", "Δ", "c", "layout"]
    assert [row.split()[0] for row in rows] == ["*1", "2", "3"]
    start = header.index("layout")
    assert all(row[start - 1] == " " and row[start] != " " for row in rows)
    assert "a" in rows[0][start:]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--costs", "1,2,3"], "Block costs should be 4, one per block: the table has branch points 0 to 4. Found 3."),
        (["--costs", "1,2,3,x"], "'x' is no number"),
        (["--costs", "1,2,3,nan"], "finite number from 0"),
        (["--costs", "1,2,3,-4"], "finite number from 0"),
        (["--costs", ""], "'' is no number"),
        (["--costs", "1,2,3,4", "--budget", "5"], "The cheapest layout costs 10"),
        (["--costs", "1,2,3,4", "--budget", "much"], "'much' is no budget"),
        (["--costs", "1,2,3,4", "--weights", "1,2"], "Weights should be 3, one per task. Found 2."),
        (["--costs", "1,2,3,4", "--weights", "fair"], "fair"),
        (["--costs", "1,2,3,4", "--weights", "0,0,0"], "All weights are zero"),
        (["--costs", "1,2,3,4", "--top", "0"], "is not in the range"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_bad_option_is_one_sentence(refusal, table, words, part, form):
    assert part in refusal("recommend", table, *words, *form)


@pytest.mark.parametrize("content", [b"", b"branch\n0\n", b"\xff\xfe\x00", b"PK\x03\x04 no workbook", b"a,b\n1,2\n"])
def test_a_bad_table_is_one_sentence(refusal, tmp_path, content):
    for name in ("bad.csv", "bad.xlsx"):
        (tmp_path / name).write_bytes(content)
        assert name in refusal("recommend", tmp_path / name, "--costs", "1,2,3,4", "--json")


THIN = """branch,"(a, b)-0","(a, b)-1","(a, c)-0","(a, c)-1","(b, c)-0","(b, c)-1"
0,0,0,0,0,0,0
1,,,,,,
2,,,,,,
3,1,1,1,1,1,1
4,,,,,,
5,,,,,,
"""


def test_what_rests_on_interpolation_is_said_before_it_is_recommended(answer, call, table, tmp_path):
    thin = tmp_path / "thin.csv"
    thin.write_text(THIN)
    costs = ("--costs", "1,1,1,1,1")
    found = answer("recommend", thin, *costs, "--budget", "1x")
    holes, few, alone = found["warnings"]
    assert "24 of its 30 cells" in holes
    assert "2 of 10 measured" in few
    assert "interpolation alone" in alone
    for command, first in (("recommend", holes), ("front", few)):
        assert call(command, thin, *costs).stdout.splitlines()[0] == f"Warning: {first}"
    assert answer("front", thin, *costs)["warnings"]
    assert answer("recommend", table, "--costs", "1,2,3,4")["warnings"] == []


@pytest.mark.parametrize("costs", ["1e308,1e308,1,1", "1e-320,1,1,1", "1e-320,1e-320,1e-320,1e-320", "1e31,1,1,1"])
@pytest.mark.parametrize("command", ["recommend", "front"])
def test_costs_that_no_sum_can_hold_are_refused(refusal, table, command, costs):
    assert "from 0 to 1e+30" in refusal(command, table, "--costs", costs)


@pytest.mark.parametrize("costs", ["1e30,1e-30,0,1", "1e30,1e30,1e30,1e30", "1e-30,1e-30,0,0"])
def test_costs_within_the_limits_are_searched(answer, table, costs):
    assert answer("recommend", table, "--costs", costs, "--budget", "2x")["layouts"]
    assert answer("front", table, "--costs", costs)["front"]


@pytest.mark.parametrize(
    "words",
    [
        ("--costs", "1_0,2,3,4"),
        ("--costs", "1,2,3,4", "--budget", "1_0"),
        ("--costs", "1,2,3,4", "--weights", "1_0,1,1"),
        ("--costs", "1,2,3,4", "--top", "1_0"),
    ],
)
def test_python_spellings_of_numbers_are_refused(refusal, table, words):
    assert "1_0" in refusal("recommend", table, *words)


def test_what_pages_recommend_is_marked_and_explained(answer, call, tmp_path):
    cheaper = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        samples = rng.normal(scale=2, size=(1, 3, 3, 5)) + rng.normal(size=(3, 3, 3, 5))
        samples[..., 0] = 0
        samples[:, np.arange(3), np.arange(3)] = 0
        table = TwoTaskTable.from_samples(("a", "b", "c"), samples)
        path = tmp_path / f"{seed}.csv"
        path.write_bytes(write_table(table, "tidy"))
        study = Study(
            "s", "S", "", table.tasks, Backbone("net", tuple(Block(str(c), int(c), 1) for c in COSTS)),
            results={"table": LayoutResults(read_table_path(path))},
        )  # fmt: skip
        view = budget_view(study, WeightRule.UNIFORM, Unit.PARAMETERS)
        words = ["recommend", path, "--costs", "1,2,3,4", "--weights", "uniform", "--budget", "70%", "--top", 2]
        found, text = answer(*words), call(*words).stdout
        advice = view.recommended(0.7)
        assert Layout.of(found["recommended"]["layout"]) == view.front[advice.place].layout
        assert "Student" in found["basis"]["interval"]
        marked = [line for line in text.splitlines() if line.lstrip().startswith("*") and "Recommended" not in line]
        assert len(marked) == 1
        assert marked[0].endswith(view.front[advice.place].layout.to_text(table.tasks))
        assert ("can't tell them apart" in found["recommended"]["reason"]) == advice.is_cheaper
        cheaper += advice.is_cheaper
    assert cheaper > 0


def test_what_a_workbook_hides_is_said_on_standard_error(call, tmp_path):
    book = openpyxl.Workbook()
    for row in (["branch", "(1, 2)-0", "(1, 2)-1"], [0, 0, 0], [1, 1, 2]):
        book.active.append(row)
    book.active.column_dimensions["C"].hidden = True
    book.save(tmp_path / "t.xlsx")
    found = call("recommend", tmp_path / "t.xlsx", "--costs", "1")
    assert "column C" in found.stderr
    assert "counted from 1" in found.stderr
    document = json.loads(call("recommend", tmp_path / "t.xlsx", "--costs", "1", "--json").stdout)
    assert "column C" in document["notes"][0]
    assert document["tasks"] == ["task 1", "task 2"]


def test_only_a_table_with_filled_cells_is_said_to_have_some(call, tmp_path):
    text = (ASSETS / "samples" / "table.csv").read_text()
    costs = ("--costs", "232,1184,3520,13952,18560")
    assert "filled cells" not in call("recommend", ASSETS / "samples" / "table.csv", *costs).stdout
    first, *rows = text.splitlines()
    holey = tmp_path / "holey.csv"
    kept = [row for row in rows if not row.startswith("segmentation,normals,2,")]
    assert len(kept) < len(rows)
    holey.write_text("\n".join([first, *kept]))
    assert "filled cells widen them" in call("recommend", holey, *costs).stdout
