import numpy as np
import pytest

from core.errors import TableError
from core.estimators import read_table, write_table
from core.estimators.table_file import read_sheet, table_of

HEADER = "task_a,task_b,branch_point,task,value"


def read(*rows, header=HEADER):
    return read_table("\n".join([header, *rows]).encode(), "tidy.csv")


def test_rows_left_out_are_holes():
    table = read("depth,normals,2,normals,-1.5", "depth,normals,1,depth,2")
    assert table.tasks == ("depth", "normals")
    assert table.values[0, 1].tolist()[:2] == [0.0, 2.0]
    assert table.values[1, 0, 2] == -1.5
    assert np.argwhere(table.holes).tolist() == [[0, 1, 2], [1, 0, 1]]


def test_a_pair_may_be_written_either_way_round():
    table = read("b,a,1,a,1", "a,b,1,b,2", "b,c,1,c,3")
    assert table.tasks == ("b", "a", "c")
    assert table.values[1, 0, 1] == 1
    assert table.values[0, 1, 1] == 2


def test_seeds_become_samples_with_their_mean_and_error():
    table = read("0,1,1,0,1,7", "0,1,1,0,3,5", "0,1,1,1,4,5", header=HEADER + ",seed")
    assert table.values[0, 1, 1] == 2
    assert table.stderr[0, 1, 1] == 1
    assert table.samples[:, 0, 1, 1].tolist() == [3, 1]
    assert table.values[1, 0, 1] == 4
    assert np.isnan(table.samples[1, 1, 0, 1])


def test_standard_errors_are_kept():
    table = read("0,1,1,0,1,.25", "0,1,1,1,1,", header=HEADER + ",stderr")
    assert table.stderr[0, 1, 1] == 0.25
    assert np.isnan(table.stderr[1, 0, 1])
    assert table.stderr[0, 1, 0] == 0


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        (["0,1,1,0"], "task_a,task_b,branch_point,value", ['"task"', "missing"]),
        (["0,1,1,0,1,1"], HEADER + ",std_err", ['"std_err"', "not known"]),
        (["0,1,1,0,1,1,1"], HEADER + ",stderr,seed", ["both stderr and seed"]),
        (["0,1,1,0,1", "1,0,1,0,2"], HEADER, ["Rows 2 and 3", "Δ of 0 with 1 at branch point 1"]),
        (["0,1,1,2,1"], HEADER, ["Row 2", '"task"', "neither 0 nor 1"]),
        (["0,0,1,0,1"], HEADER, ["Row 2", '"task_b"', "two different tasks"]),
        (["0,1,x,0,1"], HEADER, ["Row 2", '"branch_point"', "x"]),
        (["0,1,0,0,1"], HEADER, ["Row 2", '"value"', "single-task"]),
        (["0,1,0,0,0"], HEADER, ["no branch point above 0"]),
        (["0,1,1,0,1,-1"], HEADER + ",stderr", ["Row 2", '"stderr"', "never negative"]),
        (["0,1,1,0,1,1.5"], HEADER + ",seed", ["Row 2", '"seed"', "1.5"]),
        (["0,,1,0,1"], HEADER, ["Row 2", '"task_b"', "nothing"]),
        (["0,41,1,0,1"], HEADER, ["42 tasks"]),
        ([], HEADER, ["no rows"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(rows, header, words):
    with pytest.raises(TableError) as fault:
        read(*rows, header=header)
    for word in ["tidy.csv", *words]:
        assert word in str(fault.value)


def test_a_few_rows_can_not_ask_for_a_huge_table():
    rows = [f"{a},39,200,{a},1,{seed}" for seed in range(30) for a in range(39)]
    with pytest.raises(TableError, match=r"40 tasks, 200 blocks and 30 seeds"):
        read(*rows, header=HEADER + ",seed")


ONE = ["1,2,1,1,5", "1,2,1,2,6", "1,3,1,1,7", "1,3,1,3,8", "2,3,1,2,9", "2,3,1,3,10"]


def remarks_of(*rows, header=HEADER):
    return table_of(read_sheet("\n".join([header, *rows]).encode(), "tidy.csv")).remarks


def test_tasks_counted_from_1_are_told_apart_and_said():
    table = read(*ONE)
    assert table.tasks == ("task 1", "task 2", "task 3")
    assert table.values[:, :, 1].tolist() == [[0, 5, 7], [6, 0, 9], [8, 10, 0]]
    (remark,) = remarks_of(*ONE)
    assert "counted from 1" in remark
    assert read_table(write_table(table, "tidy"), "t.csv").tasks == table.tasks


def test_tasks_counted_from_0_need_no_remark():
    assert remarks_of("0,1,1,0,1") == ()
    assert read("0,2,1,0,1").tasks == ("0", "1", "2")


@pytest.mark.parametrize("pairs", [[("2", "3")], [("1", "3")], [("1", "2"), ("2", "4")], [("7", "9")]])
def test_numbers_that_start_nowhere_are_refused(pairs):
    with pytest.raises(TableError, match="neither from 0 nor from 1"):
        read(*[f"{a},{b},1,{a},1" for a, b in pairs])


@pytest.mark.parametrize("pair", ["{}+{}", "{}|{}", '"({}, {})"', '"{},{}"', "{};{}", "{} & {}"])
@pytest.mark.parametrize("tasks", [("0", "1"), ("1", "2"), ("depth", "normals")])
def test_a_pair_may_stand_in_one_column(pair, tasks):
    a, b = tasks
    table = read(f"{pair.format(a, b)},1,{a},4", f"{pair.format(a, b)},1,{b},5", header="pair,branch_point,task,value")
    assert table.values[:, :, 1].tolist() == [[0, 4], [5, 0]]


@pytest.mark.parametrize("pair", ["a", "a+b+c", "a+a", "+b", ""])
def test_what_is_no_pair_is_named(pair):
    with pytest.raises(TableError, match='Row 2, column "pair"'):
        read(f"{pair},1,a,4", header="pair,branch_point,task,value")


def test_a_column_that_is_the_same_in_every_row_is_left_out_and_another_is_not():
    text = "task_a,task_b,branch_point,task,value,lr\na,b,1,a,1,0.1\na,b,1,b,2,{}\n"
    found = table_of(read_sheet(text.format("0.1").encode(), "t.csv"))
    assert found.table.values[0, 1, 1] == 1
    assert 'Column "lr"' in found.remarks[0]
    with pytest.raises(TableError, match=r'Column "lr" of t\.csv is not known'):
        table_of(read_sheet(text.format("0.2").encode(), "t.csv"))


def test_a_seed_of_its_own_for_every_row_is_refused_where_the_most_are_passed():
    rows = "".join(f"0,1,1,{row % 2},1.5,{row}\n" for row in range(1_200))
    with pytest.raises(TableError, match=r"Row 1002 "):
        read_table(f"task_a,task_b,branch_point,task,value,seed\n{rows}".encode(), "t.csv")
