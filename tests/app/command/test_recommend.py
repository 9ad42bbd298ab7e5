import numpy as np
import pytest

from core.costs import layout_cost
from core.estimators import estimates, fill_holes, read_table_path, task_weights
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts

COSTS = np.array([1.0, 2.0, 3.0, 4.0])


def ranked(path, weights="svde", budget=np.inf):
    """Give every layout within the budget by brute force, best first."""
    table = fill_holes(read_table_path(path)).table
    w = task_weights(table, weights).values
    rows = [
        (-round(float(estimates(table.values, layout) @ w), 9), layout_cost(layout, COSTS), layout.n_groups, layout)
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
        assert row.keys() == {"layout", "score", "estimates", "cost"}
        assert row["score"] == pytest.approx(-score)
        assert row["cost"] == pytest.approx(cost)
        assert row["estimates"] == pytest.approx(estimates(read_table_path(table).values, layout).tolist())


def test_holes_are_filled_and_told(answer, call, holey):
    found = answer("recommend", holey, "--costs", "1,2,3,4", "--top", 3)
    assert [Layout.of(row["layout"]) for row in found["layouts"]] == [row[3] for row in ranked(holey)[0][:3]]
    assert "Empty cells of the table: 1" in found["notes"][0]
    assert "Empty cells of the table: 1" in call("recommend", holey, "--costs", "1,2,3,4").stdout


def test_people_get_an_aligned_table(call, table):
    lines = call("recommend", table, "--costs", "1,2,3,4", "--top", 3).stdout.splitlines()
    assert lines[0].startswith("35 layouts of 3 tasks on 4 blocks. Weights: a 0.")
    header, *rows = lines[2:]
    assert header.split() == ["score", "cost", "Δ", "a", "Δ", "b", "Δ", "c", "layout"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3"]
    start = header.index("layout")
    assert all(row[start - 1] == " " and row[start] != " " for row in rows)
    assert "a" in rows[0][start:]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--costs", "1,2,3"], "3 block cost(s) were given, but the table has branch points 0 to 4"),
        (["--costs", "1,2,3,x"], "'x' is no number"),
        (["--costs", "1,2,3,nan"], "finite number from 0"),
        (["--costs", "1,2,3,-4"], "finite number from 0"),
        (["--costs", ""], "'' is no number"),
        (["--costs", "1,2,3,4", "--budget", "5"], "The cheapest layout costs 10"),
        (["--costs", "1,2,3,4", "--budget", "much"], "'much' is no budget"),
        (["--costs", "1,2,3,4", "--weights", "1,2"], "2 weight(s) were given for 3 tasks"),
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
