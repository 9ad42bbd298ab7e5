import numpy as np
import pytest

from core.data.scenes import TASKS, cache_name
from core.data.store import load, read
from core.errors import DataError
from core.studies.specification import DatasetSpecification

TINY = DatasetSpecification(n_train=10, n_validation=4, n_test=4, size=16)


def same(one, other):
    return np.array_equal(one.train.pictures, other.train.pictures) and all(
        np.array_equal(one.test.targets[task.name], other.test.targets[task.name]) for task in TASKS
    )


def test_the_second_load_reads_the_file(tmp_path):
    first = load(TINY, folder=tmp_path)
    path = tmp_path / cache_name(TINY)
    assert [path] == list(tmp_path.iterdir())
    before = path.stat().st_mtime_ns
    assert same(load(TINY, folder=tmp_path), first)
    assert path.stat().st_mtime_ns == before


def test_a_damaged_file_is_made_anew(tmp_path):
    first = load(TINY, folder=tmp_path)
    path = tmp_path / cache_name(TINY)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="damaged"):
        read(path, "scenes", TASKS)
    assert same(load(TINY, folder=tmp_path), first)
    assert same(read(path, "scenes", TASKS), first)


def test_no_pickled_object_is_ever_read(tmp_path):
    path = tmp_path / "evil.npz"
    with path.open("wb") as file:
        np.savez(file, **{"train.pictures": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(DataError, match="damaged or no data set"):
        read(path, "scenes", TASKS)
