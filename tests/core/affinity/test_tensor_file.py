import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy_format

from core.affinity.array_file import MAX_BYTES
from core.affinity.tensor_file import losses_of, read_array, read_losses, read_tensor, tensor_of
from core.errors import AffinityError, BranchwiseError


def test_npy_npz_and_csv_hold_the_same(tmp_path):
    tensor = np.random.default_rng(0).random((2, 3, 3))
    tensor = (tensor + tensor.transpose(0, 2, 1)) / 2
    np.save(tmp_path / "a.npy", tensor)
    np.savez(tmp_path / "a.npz", tensor=tensor)
    rows = [f"{d},{a},{b},{float(tensor[d, a, b])!r}" for d in range(2) for a in range(3) for b in range(a, 3)]
    (tmp_path / "a.csv").write_text("depth,task_a,task_b,value\n" + "\n".join(rows))
    for name in ("a.npy", "a.npz", "a.csv"):
        np.testing.assert_array_equal(read_tensor(tmp_path / name)[0], tensor)


def test_losses_are_found_by_name(tmp_path):
    losses = np.random.default_rng(0).random((1, 2, 2, 3))
    np.savez(tmp_path / "l.npz", losses=losses, more=np.ones(2))
    np.testing.assert_array_equal(read_losses(tmp_path / "l.npz")[0], losses)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("x.npy", b"nothing", "no NPY or NPZ file"),
        ("x.npy", b"", "no NPY or NPZ file"),
        ("x.csv", b"a,b\n1,2\n", "columns depth, task_a, task_b, value"),
        ("x.csv", b"depth,task_a,task_b,value\n0,0,0,1\n0,0,x,1\n", "Row 3"),
        ("x.csv", b"depth,task_a,task_b,value\n0,0,0,inf\n", "Row 2"),
        ("x.csv", b"depth,task_a,task_b,value\n0,0,0,1\n0,0,0,2\n", "repeats"),
        ("x.csv", b"depth,task_a,task_b,value\n0,0,0,1\n0,1,1,1\n", "no value for depth 0, tasks 0 and 1"),
        ("x.csv", b"depth,task_a,task_b,value\n", "no row"),
        ("x.csv", b"\xff\xfea", "no CSV text"),
        ("x.xlsx", b"PK\3\4", "is a workbook"),
    ],
)
def test_damage_is_one_sentence(tmp_path, name, content, part):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AffinityError, match=part):
        read_tensor(tmp_path / name)


def test_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(AffinityError, match="no NPY"):
        read_tensor(tmp_path / "x.npy")


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def tensor(n_depths=2, n_tasks=3):
    values = np.random.default_rng(0).random((n_depths, n_tasks, n_tasks))
    return values + values.transpose(0, 2, 1) + np.eye(n_tasks)


def losses(n_depths=2, n_tasks=3, n_samples=4):
    return np.random.default_rng(0).random((n_depths, n_tasks, n_tasks, n_samples))


def changed(values, place, value):
    values[place] = value
    return values


def test_names_come_with_the_array_or_are_offered_or_counted():
    named = read_array(npz(affinity=tensor(), tasks=np.array(["a", "b", "c"])), "x.npz")
    assert (named.names_or(("x", "y", "z")), named.kind) == (("a", "b", "c"), "affinity")
    bare = read_array(npy(tensor()), "x.npy")
    assert bare.names_or(("x", "y", "z")) == ("x", "y", "z")
    assert bare.names_or(("x", "y")) == ("task 0", "task 1", "task 2")


def test_a_csv_may_name_its_tasks_and_carry_more_columns():
    found = read_array(
        b"task_b,depth,task_a,order,affinity\nnear,0,near,1,0.5\nfar,0,near,1,0.25\nfar,0,far,1,1\n", "x.csv"
    )
    assert found.tasks == ("near", "far")
    assert tensor_of(found, "affinity").tolist() == [[[0.5, 0.25], [0.25, 1.0]]]


def test_holes_stay_holes_and_one_triangle_is_enough():
    values = tensor()
    values[1, 0, 2] = values[1, 2, 0] = np.nan
    found = tensor_of(read_array(npy(values), "x.npy"), "affinity")
    assert np.argwhere(np.isnan(found)).tolist() == [[1, 0, 2], [1, 2, 0]]
    for empty in (np.tril_indices(3, -1), np.triu_indices(3, 1)):
        half = values.copy()
        half[:, *empty] = np.nan
        np.testing.assert_array_equal(tensor_of(read_array(npy(half), "x.npy"), "affinity"), found)
    csv = tensor_of(read_array(b"depth,task_a,task_b,value\n0,0,0,1\n0,1,1,1\n", "x.csv"), "affinity")
    assert np.isnan(csv[0, 0, 1])


ROWS = "depth,task_a,task_b,value\n0,a,a,1\n0,b,b,1\n0,c,c,1\n0,a,b,.5\n0,b,a,.5\n0,a,c,.3\n{}0,b,c,.2\n0,c,b,.2\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.npy", npy(changed(tensor(), (0, 2, 0), np.nan))),
        ("x.npz", npz(affinity=changed(tensor(), (0, 2, 0), np.nan))),
        ("x.csv", b"a,b,c\n1,.5,.3\n.5,1,.2\n,.2,1\n"),
        ("x.csv", b",a,b,c\na,1,.5,.3\nb,.5,1,.2\nc,NaN,.2,1\n"),
        ("x.csv", ROWS.format("").encode()),
        ("x.csv", ROWS.format("0,c,a,\n").encode()),
    ],
)
@pytest.mark.parametrize("kind", ["affinity", "distance"])
def test_a_number_in_one_direction_only_is_named(name, data, kind):
    with pytest.raises(AffinityError, match="no number at depth 0, tasks 2 and 0, but"):
        tensor_of(read_array(data, name), kind)


def test_a_pair_that_lost_either_direction_is_no_triangle():
    values = changed(changed(tensor(), (0, 0, 1), np.nan), (0, 2, 0), np.nan)
    values[0, 1, 2] = np.nan
    values[1] = np.nan
    with pytest.raises(AffinityError, match="no number at depth 0, tasks 0 and 1"):
        tensor_of(read_array(npy(values), "x.npy"), "affinity")


def test_a_file_without_a_diagonal_holds_normalised_affinities(tmp_path):
    text = "depth,task_a,task_b,value\n0,a,b,0.7\n1,a,b,0.4\n"
    found = tensor_of(read_array(text.encode(), "x.csv"), "affinity")
    assert found.tolist() == [[[1.0, 0.7], [0.7, 1.0]], [[1.0, 0.4], [0.4, 1.0]]]
    (tmp_path / "x.csv").write_text(text)
    np.testing.assert_array_equal(read_tensor(tmp_path / "x.csv")[0], found)
    assert np.diagonal(read_tensor(tmp_path / "x.csv", "distance")[0], axis1=1, axis2=2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("value", [1.2, -0.1])
def test_without_a_diagonal_nothing_can_normalise_other_affinities(value):
    values = np.array([[[np.nan, value], [value, np.nan]]])
    with pytest.raises(AffinityError, match=r"normalised, 0 to 1\. Found .* at depth 0, tasks 0 and 1\. Add each task"):
        tensor_of(read_array(npy(values), "x.npy"), "affinity")


def test_one_missing_cell_of_the_diagonal_stays_a_hole():
    values = np.array([[[np.nan, 0.7, 0.2], [0.7, 1.0, 0.1], [0.2, 0.1, 1.0]]])
    assert np.isnan(tensor_of(read_array(npy(values), "x.npy"), "affinity")[0, 0, 0])


def test_distances_are_zero_from_a_task_to_itself_even_where_the_file_says_nothing():
    values = np.array([[[np.nan, 0.4], [0.4, 0.0]]])
    assert tensor_of(read_array(npy(values), "x.npy"), "distance").tolist() == [[[0.0, 0.4], [0.4, 0.0]]]


def test_a_source_that_is_missing_and_samples_without_a_label_are_kept_as_such():
    values = losses()
    values[0, 1, 2] = np.nan
    values[:, 0, :, 3] = np.nan
    found = losses_of(read_array(npz(losses=values), "x.npz"), ("a", "b", "c"))
    assert np.argwhere(~found.measured[0]).tolist() == [[0, 1, 2]]
    assert found.labelled(0, 0, 0).tolist() == [True, True, True, False]
    assert found.tasks == ("a", "b", "c")


BAD_TENSORS = [
    ("x.npy", npy(changed(tensor(), (1, 0, 2), 9.0)), "not symmetric at depth 1, tasks 0 and 2: 9 and"),
    ("x.npy", npy(changed(tensor(), (1, 0, 2), np.inf)), "infinite at depth 1, tasks 0 and 2"),
    ("x.npy", npy(changed(tensor(), (1, 2, 2), 0.0)), "0 at depth 1 for task 2 with itself"),
    ("x.npy", npy(changed(tensor(), (0, 1, 1), -1.0)), "-1 at depth 0 for task 1 with itself"),
    ("x.npy", npy(np.full((2, 3, 3), np.nan)), "no number at all"),
    ("x.npy", npy(np.ones((3, 4))), r"Found \[3, 4\]"),
    ("x.npy", npy(np.ones(3)), r"Found \[3\]"),
    ("x.npy", npy(np.ones((2, 3, 4))), r"Found \[2, 3, 4\]\.$"),
    ("x.npy", npy(np.ones((0, 3, 3))), r"Found \[0, 3, 3\]"),
    ("x.npy", npy(np.ones((3, 3, 5))), "Depth comes first: move the last axis"),
    ("x.npy", npy(np.ones((3, 5, 3))), "Depth comes first: move the middle axis"),
    ("x.npy", npy(tensor(3).transpose(1, 2, 0)), "Depth comes first: move the last axis"),
    ("x.npy", npy(tensor(3).transpose(1, 0, 2)), "Depth comes first: move the middle axis"),
    ("x.npy", npy(np.ones((2, 1, 1))), "1 task. Branchwise compares 2 to 40; one task"),
    ("x.npy", npy(np.ones((2, 41, 41))), "41 tasks. Branchwise compares 2 to 40"),
    ("x.npy", npy(np.ones((201, 2, 2))), "201 depths"),
    ("x.npy", npy(np.ones((2, 2, 2), dtype=complex)), "complex128 values"),
    ("x.npy", npy(np.full((2, 2, 2), "a")), "<U1 values"),
    ("x.npy", npy(tensor())[:-9], "no NPY or NPZ file"),
    ("x.npz", npz(affinity=tensor())[:-30], "no NPY or NPZ file"),
    ("x.npz", npz(one=tensor(), two=tensor()), "holds one, two"),
    ("x.npz", npz(), "holds nothing"),
    ("x.npz", npz(affinity=tensor(), tasks=np.array(["a", "b"])), "names 2 tasks, but its array has 3"),
    ("x.npz", npz(affinity=tensor(), tasks=np.array(["a", "b", "a"])), '"a" is used twice'),
    ("x.npz", npz(affinity=tensor(), tasks=np.array(["a", "b", "<b>"])), "use as a mark"),
    ("x.npz", npz(affinity=tensor(), tasks=np.arange(3)), "should be a list of names"),
    ("x.csv", b"", "columns depth, task_a, task_b, value. Found none"),
    ("x.csv", b"depth,task_a,task_b,value\n0,0\n", "Row 2"),
    ("x.csv", b"depth,task_a,task_b,value\n0,0,0,1\n-1,0,0,1\n", "Row 3 .* index"),
    ("x.csv", b"depth,task_a,task_b,value\n0,0,0,1\n0,0,999999999,1\n", "Row 3 .* index"),
    ("x.csv", b"depth,task_a,task_b,value\n0,a,a,1\n0,a,b,much\n", "Row 3"),
    ("x.csv", b"depth,task_a,task_b,value\n0,0,0,1\n0,1,1,1\n0,0,1,.5\n0,1,0,.4\n", "not symmetric at depth 0"),
]


@pytest.mark.parametrize(("name", "data", "part"), BAD_TENSORS)
def test_a_bad_tensor_is_one_sentence_that_names_the_place(name, data, part):
    with pytest.raises(BranchwiseError, match=part) as caught:
        tensor_of(read_array(data, name), "affinity")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (np.array([[[0.0, -0.1], [-0.1, 0.0]]]), "below 0 at depth 0, tasks 0 and 1"),
        (np.array([[[1.0, 0.1], [0.1, 1.0]]]), "1 at depth 0 from task 0 to itself"),
    ],
)
def test_a_bad_distance_is_one_sentence(values, part):
    with pytest.raises(AffinityError, match=part):
        tensor_of(read_array(npy(values), "x.npy"), "distance")


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (changed(losses(), (1, 0, 2, 3), np.nan), "depth 1, target 0, source 2, sample 3, though"),
        (changed(losses(), (1, 0, 2, 3), np.inf), "depth 1, target 0, source 2, sample 3 is infinite"),
        (np.full((1, 2, 2, 3), np.nan), "no number at all"),
        (np.ones((3, 3, 2, 5)), "Depth comes first"),
        (np.ones((5, 2, 3, 3)), "Samples come last"),
        (np.ones((2, 3, 4, 5)), r"Found \[2, 3, 4, 5\]\.$"),
        (np.ones((2, 3, 3, 0)), "should have shape"),
        (np.ones((2, 1, 1, 5)), "1 task"),
        (np.ones((1, 41, 41, 1)), "41 tasks"),
    ],
)
def test_bad_losses_are_one_sentence_that_names_the_place(values, part):
    with pytest.raises(AffinityError, match=part):
        losses_of(read_array(npz(losses=values), "x.npz"))


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_unread():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("losses.npy", "w") as member:
        for _ in range(MAX_BYTES // 10**6 + 1):
            member.write(bytes(10**6))
    assert len(file.getvalue()) < 10**6
    with pytest.raises(AffinityError, match="larger than 200 MB"):
        read_array(file.getvalue(), "x.npz")


def test_an_array_is_chosen_and_never_guessed(tmp_path):
    values, apart = tensor(), np.ones((2, 3, 3)) - np.eye(3)
    for names in (("affinity", "distance"), ("similarity", "distances")):
        held = npz(**{names[0]: values, names[1]: apart, "tasks": np.array(["a", "b", "c"])})
        with pytest.raises(AffinityError, match=f'"{names[0]}" and "{names[1]}".*--kind'):
            read_array(held, "x.npz")
        (tmp_path / "x.npz").write_bytes(held)
        for kind, right in (("affinity", values), ("distance", apart)):
            np.testing.assert_array_equal(read_tensor(tmp_path / "x.npz", kind)[0], right)
    with pytest.raises(AffinityError, match="both be meant"):
        read_array(npz(affinity=values, similarity=values), "x.npz", "affinity")


def test_losses_beside_a_tensor_are_taken_where_losses_are_wanted(tmp_path):
    (tmp_path / "x.npz").write_bytes(npz(losses=losses(), affinity=tensor()))
    assert read_array((tmp_path / "x.npz").read_bytes(), "x.npz").holds_losses
    np.testing.assert_array_equal(read_tensor(tmp_path / "x.npz")[0], tensor())


@pytest.mark.parametrize("shape", [(1, 5000, 5000), (5000, 5000), (1000, 3, 3), (2, 3, 3, 10**9), (3, 5000, 5000, 2)])
def test_what_a_header_promises_is_checked_before_anything_is_read(tmp_path, shape):
    path = tmp_path / "x.npy"
    with path.open("wb") as file:
        npy_format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
        file.truncate(150_000_000)
    tracemalloc.start()
    try:
        for read in (read_tensor, read_losses):
            with pytest.raises(AffinityError, match=r"5000 tasks|1000 depths|numbers"):
                read(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
