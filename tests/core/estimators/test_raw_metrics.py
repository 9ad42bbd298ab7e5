"""Metrics as they were measured: Δ is computed as studies compute it, seed by seed; what is wrong is one sentence."""

from itertools import combinations

import numpy as np
import pytest

from app.ui.paths import ASSETS
from core.errors import TableError
from core.estimators.results_file import read_results
from core.estimators.table_file import read_sheet, read_table, read_table_path, table_of
from core.estimators.workbook import write_workbook_rows
from core.studies.bundled import bundled_studies

HEADER = "task_a,task_b,branch_point,task,metric,direction,value,seed"
SINGLE = ["a,,,a,mIoU,higher,0.5,0", "a,,,a,error,lower,2,0", "b,,,b,accuracy,higher,0.8,0"]
PAIR = ["a,b,1,a,mIoU,higher,0.55,0", "a,b,1,a,error,lower,1.8,0", "a,b,1,b,accuracy,higher,0.72,0"]


def text(*rows, header=HEADER):
    return "\n".join([header, *rows]).encode()


def refused(data, name="m.csv"):
    with pytest.raises(TableError) as found:
        read_table(data, name)
    assert "\n" not in str(found.value)
    return str(found.value)


@pytest.mark.skipif("scenes" not in bundled_studies(), reason="the bundled study is not there yet")
def test_metrics_of_a_study_give_its_table():
    found = read_table_path(ASSETS / "samples" / "metrics.csv")
    known = read_table_path(ASSETS / "samples" / "table.csv")
    assert found.tasks == known.tasks
    assert np.allclose(found.samples, known.samples, atol=2e-3)


def test_gain_is_the_mean_over_metrics_with_their_directions():
    table = read_table(text(*SINGLE, *PAIR), "m.csv")
    assert table.tasks == ("a", "b")
    assert table.values[0, 1].tolist() == [0, 10]
    assert table.values[1, 0].tolist() == [0, -10]


def test_seeds_are_compared_with_their_own_single_tasks_and_kept():
    again = [row[:-1] + "1" for row in (*SINGLE, *PAIR)]
    again[0] = again[0].replace("0.5", "0.55")
    table, remarks = table_of(read_sheet(text(*SINGLE, *PAIR, *again), "m.csv"))
    assert table.samples[:, 0, 1, 1].tolist() == [10, 5]
    assert "those of the same seed" in remarks[0]
    # Without single-task networks of every seed: against the mean of those that there are.
    table, remarks = table_of(read_sheet(text(*SINGLE, again[0], *PAIR, *again[3:]), "m.csv"))
    assert table.samples[:, 0, 1, 1] == pytest.approx([(100 * 0.025 / 0.525 + 10) / 2] * 2)
    assert "the mean of their seeds" in remarks[0]


@pytest.mark.parametrize(
    ("header", "single", "pair"),
    [
        ("tasks,branch_point,task,metric,value", "{t},,{t}", "a+b,1,{t}"),
        ("pair,branch_point,task,metric,value", ",,{t}", '"(a, b)",1,{t}'),
        ("layout,task,metric,value", "{t} | {t},{t}", '"a,b | a;b",{t}'),
        ("layout,task,metric,value", ",{t}", '"[[[""a"",""b""]],[[""a""],[""b""]]]",{t}'),
        ("Tasks;Branch_point;Task;Metric;Value", "{t};0;{t}", '"a;b";1;{t}'),
    ],
)
def test_a_network_may_be_said_in_several_ways(header, single, pair):
    mark = ";" if ";" in header else ","
    rows = [f"{single.format(t=t)}{mark}accuracy{mark}0.8" for t in "ab"]
    rows += [f"{pair.format(t=t)}{mark}accuracy{mark}{value}" for t, value in (("a", 0.88), ("b", 0.72))]
    table = read_table(text(*rows, header=header), "m.csv")
    assert table.values[0, 1].tolist()[:2] == [0, pytest.approx(10)]
    assert table.values[1, 0].tolist()[:2] == [0, pytest.approx(-10)]
    assert table.samples is None


def test_a_network_that_shares_nothing_counts_as_two_single_ones():
    nothing = ["a,b,0,a,mIoU,higher,0.5,0", "a,b,0,a,error,lower,2,0", "a,b,0,b,accuracy,higher,0.8,0"]
    assert read_table(text(*nothing, *PAIR), "m.csv").values[0, 1, 1] == pytest.approx(10)


def test_workbooks_and_missing_cells_are_read():
    rows = [line.split(",") for line in (HEADER, *SINGLE, *PAIR)]
    cells = [rows[0], *([*row[:6], float(row[6]), int(row[7])] for row in rows[1:])]
    more = [["a", "b", 2, "a", "mIoU", "", "", 0], ["a", "b", 2, "a", "error", "", "", 0]]
    more.append(["a", "b", 2, "b", "accuracy", "", 0.84, 0])
    table = read_table(write_workbook_rows([*cells, *more]), "m.xlsx")
    assert np.isnan(table.values[0, 1, 2])
    assert table.values[1, 0, 2] == pytest.approx(5)


def test_metrics_that_may_be_zero_stay_out_of_the_gain():
    more = ["a,,,a,R²,higher,0.0,0", "a,b,1,a,R²,higher,0.3,0", "a,b,1,a,extra,higher,1,0"]
    table, remarks = table_of(read_sheet(text(*SINGLE, *PAIR, *more), "m.csv"))
    assert table.values[0, 1, 1] == pytest.approx(10)
    assert "Left out of Δ: R², extra" in remarks[1]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (PAIR, "no metric of the single-task network"),
        (SINGLE, "none of two tasks that share blocks"),
        ([*SINGLE, *PAIR[1:]], "lacks mIoU of a in the network of row"),
        ([*SINGLE, *PAIR, PAIR[0]], "Rows 5 and 8 of m.csv give the same value"),
        ([*SINGLE, SINGLE[0], *PAIR], "Rows 2 and 5 of m.csv give mIoU of a alone twice"),
        ([SINGLE[0].replace("0.5", "0"), *SINGLE[1:], *PAIR], "relative to almost zero"),
        ([*SINGLE, *PAIR[:2], PAIR[2].replace("higher", "lower")], "the opposite of another row"),
        ([*SINGLE, *PAIR[:2], PAIR[2].replace("higher", "sideways")], "which is no direction"),
        ([*SINGLE[:2], SINGLE[2].replace("0.8", "80 %"), *PAIR], "Write accuracy the same everywhere"),
        ([*SINGLE, *PAIR[:2], PAIR[2].replace("0.72", "good")], "no number"),
        ([*SINGLE, *PAIR[:2], "a,b,,b,accuracy,higher,0.72,0"], "does not say what they share"),
        ([*SINGLE, *PAIR[:2], "a,b,1,c,accuracy,higher,0.72,0"], "no task of its network"),
        ([*SINGLE, *PAIR[:2], "a,b,1,b,accuracy,higher,0.72,-1"], "no whole number from 0"),
        (
            [row.replace("mIoU", "wonder").replace("higher", "") for row in (*SINGLE, *PAIR)],
            'whether more or less "wonder"',
        ),
        ([], "has a header and no values"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(rows, expected):
    assert expected in refused(text(*rows))


def test_columns_that_are_not_known_and_layouts_that_are_none_are_refused():
    assert 'Column "note" of m.csv is not known' in refused(
        text("a,b,1,a,x,1,y", header="task_a,task_b,branch_point,task,metric,value,note")
    )
    assert 'Column "task" is missing' in refused(text("a,b,1,x,1", header="task_a,task_b,branch_point,metric,value"))
    for layout in ("[[", "a,b | a,b,c", "[1]", "a,b | [a", "{}", "[[5]]", "[5]"):
        sentence = refused(text(f'"{layout}",a,accuracy,1', header="layout,task,metric,value"))
        assert "layout" in sentence


def trained():
    """Three tasks alone, in pairs and in two layouts, with two seeds."""
    rows = []
    for seed in (0, 1):
        rows += [f"{t},,{t},accuracy,higher,0.5,{seed}" for t in "abc"]
        for one, other in combinations("abc", 2):
            rows += [
                f'{one}+{other},"{one},{other} | {one};{other}",{t},accuracy,higher,0.55,{seed}' for t in (one, other)
            ]
        for layout in ("a,b,c | a,b;c", "c;a;b | c;b;a"):
            rows += [
                f'a+b+c,"{layout}",{t},accuracy,higher,{0.5 + 0.01 * n + 0.1 * seed},{seed}'
                for n, t in enumerate("abc")
            ]
    return text(*rows, header="tasks,layout,task,metric,direction,value,seed")


def test_layouts_of_all_tasks_are_results_with_their_seeds():
    found = read_results(trained(), "m.csv", ["a", "b", "c"], 2)
    assert [layout.to_text() for layout in found.layouts] == ["0,1,2 | 0,1;2", "0;1;2 | 0;1;2"]
    assert found.deltas[:, 0].tolist() == [pytest.approx([0, 2, 4]), pytest.approx([20, 22, 24])]
    table, remarks = table_of(read_sheet(trained(), "m.csv"))
    assert table.n_blocks == 1
    assert "left out: 2." in remarks[-1]


@pytest.mark.parametrize(
    ("tasks", "n_blocks", "expected"),
    [
        (["a", "b", "d"], 2, 'has the task "c", which the table has not'),
        (["a", "b", "c"], 3, "has a layout of 2 blocks, the table 3"),
        (["a", "b", "c", "d"], 2, "no network of all 4 tasks"),
    ],
)
def test_results_of_other_tasks_or_blocks_are_refused(tasks, n_blocks, expected):
    with pytest.raises(TableError, match=expected):
        read_results(trained(), "m.csv", tasks, n_blocks)


def test_a_layout_without_one_of_its_tasks_is_refused():
    lines = trained().decode().splitlines()
    lines.remove(next(line for line in lines if "a,b;c" in line and ",c,accuracy" in line))
    with pytest.raises(TableError, match=r'no metrics of "c" in the layout 0,1,2 \| 0,1;2 of seed 0'):
        read_results("\n".join(lines).encode(), "m.csv", ["a", "b", "c"], 2)
