import numpy as np
import pytest

from core.errors import DataError, TableError
from core.estimators import read_table
from core.estimators.table_file import read_sheet, table_of

VALID = """branch,"(0, 1)-0","(0, 1)-1","(0, 2)-0","(0, 2)-1","(1, 2)-0","(1, 2)-1"
0,0,0,0,0,0,0
1,1,2,3,4,5,6
2,7,8,9,,11,12
"""


def read(text, name="two_task.csv"):
    return read_table(text.encode(), name)


def test_columns_are_read_by_header():
    table = read(VALID)
    assert table.tasks == ("0", "1", "2")
    assert table.values[:, :, 1].tolist() == [[0, 1, 3], [2, 0, 5], [4, 6, 0]]
    assert np.argwhere(table.holes).tolist() == [[2, 0, 2]]


def test_a_header_without_quotes_is_understood():
    assert np.array_equal(read(VALID.replace('"', "")).values, read(VALID).values, equal_nan=True)


def test_names_keep_the_order_their_pairs_imply():
    text = (
        "branch;(surface normals, depth)-1;(semantic, depth)-0;(surface normals, depth)-0;(semantic, depth)-1;"
        "(semantic, surface normals)-0;(semantic, surface normals)-1\n0;0;0;0;0;0;0\n1;1,5;2;3;4;5;6\n"
    )
    table = read(text)
    assert table.tasks == ("semantic", "surface normals", "depth")
    assert table.values[:, :, 1].tolist() == [[0, 5, 2], [6, 0, 3], [4, 1.5, 0]]


def test_an_empty_first_row_and_blank_lines_are_fine():
    text = 'branch,"(0, 1)-0","(0, 1)-1"\n\n0,,\n\n1,2,3\n,,\n'
    assert read(text).values[:, :, 1].tolist() == [[0, 2], [3, 0]]
    assert not read(text).holes.any()


def test_a_row_left_out_is_holes_and_branch_0_is_0_without_one():
    table = read(VALID.replace("\n2,7", "\n3,7").replace("0,0,0,0,0,0,0\n", ""))
    assert table.n_blocks == 3
    assert not table.values[:, :, 0].any()
    off = ~np.eye(3, dtype=bool)
    assert table.holes[:, :, 2][off].all()
    assert table.holes.sum() == off.sum() + 1
    assert table.values[0, 1].tolist()[1::2] == [1, 7]
    assert np.array_equal(read(VALID.replace("0,0,0,0,0,0,0\n", "")).values, read(VALID).values, equal_nan=True)


def test_the_falling_column_gets_the_exact_sentence():
    with pytest.raises(TableError) as fault:
        read('branch,"(1, 0)-0","(0, 1)-1"\n0,0,0\n1,1,1', "two_task.csv")
    assert str(fault.value) == ('Column "(1, 0)-0" of two_task.csv names its tasks in falling order. Write "(0, 1)-1".')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (VALID.replace('"(1, 2)-1"', '"(1, 2)-0"'), ["(1, 2)-0", "twice"]),
        (VALID.replace('"(1, 2)-1"', '"(1,2)-0"'), ["(1, 2)-0", "twice", "columns 6 and 7"]),
        (VALID.replace('"(1, 2)-1"', '"extra"'), ['"extra"', "neither"]),
        (VALID.replace('"(1, 2)-1"', '"(1, 1)-1"'), ["(1, 1)-1", "itself"]),
        (VALID.replace("1,2,3,4,5,6", "1,2,x3,4,5,6"), ["Row 3", '"(0, 2)-0"', "x3", "no number"]),
        (VALID.replace("1,2,3,4,5,6", "1,2,inf,4,5,6"), ["Row 3", '"(0, 2)-0"', "infinite"]),
        (VALID.replace("1,2,3,4,5,6", "1,2,-1e999,4,5,6"), ["Row 3", '"(0, 2)-0"', "infinite"]),
        (VALID.replace("1,2,3,4,5,6", "1,2,2e9,4,5,6"), ["Row 3", "billion"]),
        (VALID.replace("0,0,0,0,0,0,0", "0,0,0,0.5,0,0,0"), ["Row 2", '"(0, 2)-0"', "0.5", "single-task"]),
        (VALID.replace("\n2,7", "\n1,7"), ["Row 4", '"branch"', "row 3"]),
        (VALID.replace("\n2,7", "\n1.5,7"), ["Row 4", '"branch"', "1.5", "whole number"]),
        (VALID.replace("\n2,7", "\n-1,7"), ["Row 4", "-1"]),
        (VALID.replace("\n2,7", "\n999,7"), ["Row 4", "999", "200"]),
        (VALID.replace("\n2,7", "\n,7"), ["Row 4", '"branch"', "nothing"]),
        (VALID.replace("\n2,7,8,9,,11,12", "\n2,7,8"), ["Row 4", "3 cells", "7"]),
        ("branch\n0\n1\n", ["at least two tasks"]),
        ('branch,"(0, 1)-0","(0, 1)-1"\n0,0,0', ["no row above branch 0", "at least branch 1"]),
        ('branch,"(0, 40)-0","(0, 40)-1"\n0,0,0\n1,0,0', ["41 tasks"]),
        ('branch,"(0, 3)-0","(0, 3)-1"\n0,0,0\n1,0,0', ['"(0, 1)-0"', "missing"]),
        ('branch,"(a, b)-0","(b, a)-0"\n0,0,0\n1,0,0', ['"(b, a)-0"', "falling order", '"(a, b)-1"']),
        (
            'branch,"(a, b)-0","(a, b)-1","(b, c)-0","(b, c)-1","(c, a)-0","(c, a)-1"\n0,0,0,0,0,0,0\n1,0,0,0,0,0,0',
            ["circle"],
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, words):
    with pytest.raises(TableError) as fault:
        read(text)
    for word in ["two_task.csv", *words]:
        assert word in str(fault.value)


def test_forty_one_named_tasks_are_too_many():
    names = [f"t{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(41)]
    header = ",".join(f'"({names[0]}, {name})-0"' for name in names[1:])
    with pytest.raises(DataError, match="Found 41"):
        read(f"branch,{header}\n0\n1\n".replace("\n0\n1\n", "\n0" + ",0" * 40 + "\n1" + ",0" * 40))


@pytest.mark.parametrize(
    "form", ['"({}, {})-{}"', "{}+{}-{}", "{}|{}-{}", "({}|{})-{}", "{} & {} - {}", "\"('{}', '{}')–{}\""]
)
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("first", [0, 1])
def test_pairs_are_read_however_they_are_written_and_counted(form, base, first):
    pairs = [(first, first + 1), (first, first + 2), (first + 1, first + 2)]
    header = ",".join(form.format(a, b, which + base) for a, b in pairs for which in (0, 1))
    text = f"branch,{header}\n0,0,0,0,0,0,0\n1,1,2,3,4,5,6"
    table, remarks = table_of(read_sheet(text.encode(), "two_task.csv"))
    assert table.values[:, :, 1].tolist() == [[0, 1, 3], [2, 0, 5], [4, 6, 0]]
    assert table.tasks == (("0", "1", "2") if first == 0 else ("task 1", "task 2", "task 3"))
    assert sum("counted from 1" in remark for remark in remarks) == first
    assert sum("-2" in remark for remark in remarks) == base


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('branch,"(2, 3)-0","(2, 3)-1"\n0,0,0\n1,0,0', ["2, 3", "neither from 0 nor from 1"]),
        ('branch,"(0, 1)-0","(0, 1)-2"\n0,0,0\n1,0,0', ['"(0, 1)-2"', "-0 and -1"]),
        ('branch,"(1, 2)-1"\n0,0\n1,0', ['"(1, 2)-0"', "missing"]),
        ('branch,"(1, 2)-2"\n0,0\n1,0', ['"(1, 2)-1"', "missing"]),
        ("branch,a+b+c-0\n0,0\n1,0", ['"a+b+c-0"', "neither"]),
    ],
)
def test_what_is_counted_in_no_clear_way_is_refused(text, words):
    with pytest.raises(TableError) as fault:
        read(text)
    for word in words:
        assert word in str(fault.value)
