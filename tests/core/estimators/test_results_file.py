import numpy as np
import pytest

from core.errors import TableError
from core.estimators import read_results, read_results_path
from core.layouts import Layout

TASKS = ["depth", "surface normals", "edges"]


def read(text, tasks=TASKS, n_blocks=2):
    return read_results(text.encode(), "results.csv", tasks, n_blocks)


def test_both_layout_forms_and_both_kinds_of_header():
    text = (
        'note,layout,surface normals,2,depth\nx,"[[[0,1,2]],[[0,1],[2]]]",1,2,3\n'
        'y,"0,1;2 | 0;1;2",4,5,6\nz,"depth,edges,surface normals|2;1;0",7,8,9\n'
    )
    found = read(text)
    assert found.layouts == tuple(map(Layout.parse, ["0,1,2 | 0,1;2", "0,1;2 | 0;1;2", "0,1,2 | 0;1;2"]))
    assert found.means.tolist() == [[3, 1, 2], [6, 4, 5], [9, 7, 8]]


def test_seeds_are_gathered_per_layout():
    found = read('layout,0,1,seed\n"0,1",1,2,1\n0;1,3,4,0\n0;1,5,6,1\n"0,1",7,8,0\n', ["a", "b"], 1)
    assert found.deltas.shape == (2, 2, 2)
    by_layout = dict(zip(map(str, found.layouts), np.moveaxis(found.deltas, 0, 1).tolist(), strict=True))
    assert by_layout == {"0,1": [[7, 8], [1, 2]], "0;1": [[3, 4], [5, 6]]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("layout,depth,edges\n", ['"surface normals"', "missing"]),
        ("depth,surface normals,edges\n1,2,3\n", ['"layout"', "missing"]),
        ("layout,0,1,2\n", ["no rows"]),
        ('layout,0,1,2\n"0,1 | 0,1,2",1,2,3\n', ["Row 2", '"layout"']),
        ('layout,0,1,2\n"0,1,2",1,2,3\n', ["Row 2", "1 blocks", "the table 2"]),
        ('layout,0,1,2\n"0;1,2|0,1,2",1,2,3\n', ["Row 2", "re-joined"]),
        ('layout,0,1,2\n"0;1,2|0;1,9",1,2,3\n', ["Row 2"]),
        ('layout,0,1,2\n"0;1,2|0;1,2",1,x,3\n', ["Row 2", '"1"', "x"]),
        ('layout,0,1,2\n"0;1,2|0;1,2",1,,3\n', ["Row 2", '"1"', "nothing"]),
        ('layout,0,1,2\n"0;1,2|0;1,2",1,inf,3\n', ["Row 2", '"1"', "infinite"]),
        ('layout,0,1,2\n"0;1,2|0;1,2",1,2,3\n"1,2;0|1,2;0",1,2,3\n', ["Row 3", "row 2"]),
        ("layout,0,1,2\n0;1,2|0;1,2,1,2,3\n", ["Row 2", "quote"]),
        ('layout,0,1,2,seed\n0;1;2|0;1;2,1,2,3,0\n"0;1,2|0;1,2",1,2,3,1\n', ["same seeds"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, words):
    with pytest.raises(TableError) as fault:
        read(text)
    for word in ["results.csv", *words]:
        assert word in str(fault.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TableError, match=r"absent\.csv"):
        read_results_path(tmp_path / "absent.csv", TASKS, 2)


def test_tasks_called_like_columns_are_headed_by_their_index():
    tasks = ["layout", "Seed"]
    found = read('layout,seed,0,1\n"0,1",1,2.5,-1\n"0,1",2,3.5,-3\n', tasks, 1)
    assert found.means.tolist() == [[3.0, -2.0]]
    assert len(found.deltas) == 2
    with pytest.raises(TableError, match=r'task "layout" is called like the column layout of results\.csv.*index, 0'):
        read('layout,seed\n"0,1",1\n', tasks, 1)
