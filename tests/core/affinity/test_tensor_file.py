import numpy as np
import pytest

from core.affinity.tensor_file import read_losses, read_tensor
from core.errors import AffinityError


def test_npy_npz_and_csv_hold_the_same(tmp_path):
    tensor = np.random.default_rng(0).random((2, 3, 3))
    tensor = (tensor + tensor.transpose(0, 2, 1)) / 2
    np.save(tmp_path / "a.npy", tensor)
    np.savez(tmp_path / "a.npz", tensor=tensor)
    rows = [f"{d},{a},{b},{float(tensor[d, a, b])!r}" for d in range(2) for a in range(3) for b in range(a, 3)]
    (tmp_path / "a.csv").write_text("depth,task_a,task_b,value\n" + "\n".join(rows))
    for name in ("a.npy", "a.npz", "a.csv"):
        np.testing.assert_array_equal(read_tensor(tmp_path / name), tensor)


def test_losses_are_found_by_name(tmp_path):
    losses = np.random.default_rng(0).random((1, 2, 2, 3))
    np.savez(tmp_path / "l.npz", losses=losses, more=np.ones(2))
    np.testing.assert_array_equal(read_losses(tmp_path / "l.npz"), losses)


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
        ("x.csv", b"\xff\xfe", "no CSV text"),
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
