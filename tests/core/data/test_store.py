import numpy as np
import pytest

from core.data.dataset import SPLITS
from core.data.fingerprint import with_fingerprint
from core.data.scenes import TASKS
from core.data.store import cache_name, load, make, read, write
from core.errors import DataError
from core.studies.dataset_specification import (
    ArraysSpecification,
    DigitsSpecification,
    FolderSpecification,
    PlantedSpecification,
    ScenesSpecification,
)

TINY = ScenesSpecification(n_train=10, n_validation=4, n_test=4, size=16)
PLANTED = PlantedSpecification(name="planted", n_train=10, n_validation=4, n_test=4, size=16, tree="0,1 | 0;1")


def same(one, other):
    return one.tasks == other.tasks and all(
        np.array_equal(getattr(one, split).pictures, getattr(other, split).pictures)
        and all(
            np.array_equal(
                getattr(one, split).targets[task.name],
                getattr(other, split).targets[task.name],
                equal_nan=getattr(one, split).targets[task.name].dtype.kind == "f",
            )
            for task in one.tasks
        )
        for split in SPLITS
    )


def test_the_file_of_scenes_has_a_name_of_its_content():
    assert cache_name(ScenesSpecification()) == "scenes-27b850f7e2a23cdd5afc.npz"


@pytest.mark.parametrize("specification", [TINY, PLANTED, DigitsSpecification(name="digits", size=16)])
def test_the_second_load_reads_the_file(tmp_path, specification):
    first = load(specification, folder=tmp_path)
    path = tmp_path / cache_name(specification)
    assert [path] == list(tmp_path.iterdir())
    before = path.stat().st_mtime_ns
    again = load(specification, folder=tmp_path)
    assert same(again, first)
    assert again.class_names == first.class_names
    assert again.name == first.name
    assert path.stat().st_mtime_ns == before


def test_own_pictures_are_kept_under_their_fingerprint(picture_folder, tmp_path):
    asked = with_fingerprint(FolderSpecification(name="folder", path=str(picture_folder()), size=16))
    cache = tmp_path / "cache"
    first = load(asked, folder=cache)
    again = load(asked.model_copy(update={"fingerprint": ""}), folder=cache)
    assert [path.name for path in cache.iterdir()] == [cache_name(asked)]
    assert same(first, again)
    assert again.class_names["marks"] == ("blue", "red")
    assert cache_name(asked.model_copy(update={"path": "/elsewhere"})) == cache_name(asked)
    assert cache_name(asked.model_copy(update={"size": 32})) != cache_name(asked)


def test_changed_pictures_are_refused_even_where_the_old_ones_are_kept(picture_folder, tmp_path):
    folder = picture_folder()
    asked = with_fingerprint(FolderSpecification(name="folder", path=str(folder), size=16))
    load(asked, folder=tmp_path / "cache")
    (folder / "birds" / "00.png").unlink()
    with pytest.raises(DataError, match="not in"):
        load(asked, folder=tmp_path / "cache")


def test_arrays_are_not_copied(arrays_file, tmp_path):
    asked = ArraysSpecification(name="arrays", path=str(arrays_file()))
    assert same(load(asked, folder=tmp_path / "cache"), make(asked))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("specification", [TINY, PLANTED])
def test_a_damaged_file_is_made_anew(tmp_path, specification):
    first = load(specification, folder=tmp_path)
    path = tmp_path / cache_name(specification)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="damaged"):
        read(path, "x", first.tasks)
    assert same(load(specification, folder=tmp_path), first)
    assert same(read(path, "x"), first)


def test_a_file_of_scenes_from_before_there_were_other_sets_is_read(tmp_path):
    path = tmp_path / cache_name(TINY)
    dataset = make(TINY)
    write(path, dataset)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive if name != "manifest"}
    np.savez(path, **arrays)
    before = path.stat().st_mtime_ns
    assert same(load(TINY, folder=tmp_path), dataset)
    assert path.stat().st_mtime_ns == before


def test_no_pickled_object_is_ever_read(tmp_path):
    path = tmp_path / "evil.npz"
    with path.open("wb") as file:
        np.savez(file, **{"train.pictures": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(DataError, match="damaged or no data set"):
        read(path, "scenes", TASKS)
