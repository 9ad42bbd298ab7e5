import io

import numpy as np
import pytest

from core.affinity.tensor_file import read_array, read_tensor, tensor_of
from core.errors import AffinityError

MATRIX = np.array([[[1.0, 0.5, 0.25], [0.5, 1.0, 0.75], [0.25, 0.75, 1.0]]])
NAMES = ("seg", "depth", "edge")
LABELLED = ",seg,depth,edge\nseg,1,0.5,0.25\ndepth,0.5,1,0.75\nedge,0.25,0.75,1\n"
FORMS = {
    "labelled": LABELLED,
    "corner": LABELLED.replace(",seg", "task,seg", 1),
    "turned rows": ",seg,depth,edge\nedge,0.25,0.75,1\nseg,1,0.5,0.25\ndepth,0.5,1,0.75\n",
    "header only": "seg,depth,edge\n1,0.5,0.25\n0.5,1,0.75\n0.25,0.75,1\n",
    "semicolons": LABELLED.replace(",", ";").replace(".", ","),
    "tabs": LABELLED.replace(",", "\t"),
    "byte order mark": "\ufeff" + LABELLED.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_one_matrix_with_names_is_one_depth(form):
    found = read_array(FORMS[form].encode(), "a.csv")
    assert np.array_equal(found.values, MATRIX)
    assert found.tasks == NAMES


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_one_matrix_without_names_is_one_depth(delimiter):
    text = "\n".join(delimiter.join(map(str, row)) for row in MATRIX[0])
    found = read_array(text.encode(), "a.txt")
    assert np.array_equal(found.values, MATRIX)
    assert found.tasks == ()
    found = read_array(b"1;0,5\n0,5;1\n", "a.csv")
    assert found.values.tolist() == [[[1, 0.5], [0.5, 1]]]


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_one_matrix_as_an_array_is_one_depth(tmp_path, dtype):
    buffer = io.BytesIO()
    np.save(buffer, MATRIX[0].astype(dtype))
    assert np.array_equal(read_array(buffer.getvalue(), "a.npy").values, MATRIX.astype(dtype))
    np.savez(tmp_path / "a.npz", affinity=MATRIX[0], tasks=np.array(NAMES))
    assert np.array_equal(read_tensor(tmp_path / "a.npz")[0], MATRIX)


def test_a_diagonal_that_was_left_out_stays_out():
    found = read_array(LABELLED.replace("seg,1,", "seg,,").encode(), "a.csv")
    assert np.isnan(tensor_of(found, "affinity")[0, 0, 0])
    assert np.isnan(read_array(LABELLED.replace("0.75", "NaN").encode(), "a.csv").values[0, 1, 2])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LABELLED.replace("\nedge", "\nseg"), 'Row 2 of a.csv is called "seg"'),
        (LABELLED.replace("\nedge", "\nnormals"), 'Row 4 of a.csv is called "normals"'),
        (LABELLED.replace("0.75,1\n", "much,1\n"), "Row 4 of a.csv holds 'much'"),
        (LABELLED.replace("0.75,1\n", "inf,1\n"), "no finite number"),
        (LABELLED.replace("0.75,1\n", "0.75\n"), "as many rows"),
        ("1,2,3\n4,5,6\n", "as many rows"),
        ("seg,depth\n1,2\n", "as many rows"),
        ("1\n", "as many rows"),
        ("", "Found none"),
        ("depth,task_a,task_b,value\n1,a,b,0.5\n2,a,b,0.5\n", "counts from depth 1. Count depths from 0"),
        ("depth,task_a,task_b,value\n0,1,1,1\n0,1,2,0.5\n0,2,2,1\n", "counts from task 1. Count tasks from 0"),
        ('depth,task_a,task_b,value\n0,0,1,"1,234"\n', "may be 1.234 or 1234"),
    ],
)
def test_what_is_no_matrix_is_one_sentence_that_names_the_row(text, words):
    with pytest.raises(AffinityError) as fault:
        read_array(text.encode(), "a.csv")
    assert words in str(fault.value)


def test_a_row_per_value_may_have_semicolons_and_decimal_commas():
    found = read_array(b"depth;task_a;task_b;value\n0;a;a;1\n0;a;b;0,5\n0;b;b;1\n", "a.csv")
    assert found.values.tolist() == [[[1, 0.5], [0.5, 1]]]


@pytest.mark.parametrize("names", [("0", "1", "2"), ("1", "2", "3"), ("2019", "2020", "2021"), ("0.1", "0.2", "0.4")])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_names_that_are_numbers_make_no_task_of_their_own(names, mark):
    rows = [["", *names], [names[0], "1", ".5", ".2"], [names[1], ".5", "1", ".3"], [names[2], ".2", ".3", "1"]]
    found = read_array("\n".join(map(mark.join, rows)).encode(), "a.csv")
    assert found.tasks == names
    assert found.values.tolist() == [[[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]]


def test_a_matrix_without_names_and_without_a_diagonal_stays_one():
    found = read_array(b",0.5,0.3\n0.5,,0.2\n0.3,0.2,\n", "a.csv")
    assert (found.tasks, found.values.shape) == ((), (1, 3, 3))
    with pytest.raises(AffinityError, match="names of the tasks or their numbers"):
        read_array(b",0,1\n0,,0.2\n1,0.2,\n", "a.csv")
