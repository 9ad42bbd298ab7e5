import zipfile

import numpy as np
import pytest
from PIL import Image

from core.data import mapped_file
from core.data.dataset import SPLITS, Samples
from core.data.fingerprint import with_fingerprint
from core.data.mapped_file import is_mapped, mapped_arrays, room_for
from core.data.store import cache_name, load, make
from core.data.stream import Stream, pieces, rows_per_part, write_stream
from core.errors import DataError, JobError
from core.studies.dataset_specification import (
    ArraysSpecification,
    FolderSpecification,
    PlantedSpecification,
    ScenesSpecification,
)
from core.tasks import Kind, Task
from tests.core.data.test_store import same

SCENES = ScenesSpecification(n_train=130, n_validation=5, n_test=4, size=16)
PLANTED = PlantedSpecification(name="planted", n_train=10, n_validation=4, n_test=4, size=16, tree="0,1 | 0;1")


@pytest.fixture
def no_memory(monkeypatch):
    """Every data set is larger than the memory, and every array is mapped."""
    monkeypatch.setenv("BRANCHWISE_MEMORY", "0.000000001")
    monkeypatch.setattr(mapped_file, "SMALL", 0)


@pytest.mark.parametrize("specification", [SCENES, PLANTED])
@pytest.mark.usefixtures("no_memory")
def test_what_is_larger_than_the_memory_is_mapped_and_the_same(tmp_path, specification):
    found = load(specification, folder=tmp_path)
    assert is_mapped(found.train.pictures)
    assert same(found, make(specification))
    assert [path.name for path in tmp_path.iterdir()] == [cache_name(specification)]
    again = load(specification, folder=tmp_path)
    assert again.class_names == found.class_names
    with pytest.raises(ValueError, match="read-only"):
        again.train.pictures[0] = 0


@pytest.mark.usefixtures("no_memory")
def test_own_pictures_larger_than_the_memory(picture_folder, tmp_path):
    asked = with_fingerprint(FolderSpecification(name="folder", path=str(picture_folder()), size=16))
    found = load(asked, folder=tmp_path / "cache")
    assert is_mapped(found.train.pictures)
    assert same(found, make(asked))


def test_files_are_the_same_however_they_were_written(tmp_path, monkeypatch):
    whole = load(SCENES, folder=tmp_path)
    monkeypatch.setenv("BRANCHWISE_MEMORY", "0.000000001")
    monkeypatch.setattr(mapped_file, "SMALL", 0)
    mapped = load(SCENES, folder=tmp_path)
    assert is_mapped(mapped.train.pictures)
    assert same(whole, mapped)


def test_the_disk_is_asked_before_anything_is_written(tmp_path, monkeypatch, no_memory):  # noqa: ARG001
    monkeypatch.setenv("BRANCHWISE_QUOTA", "0.00001")
    with pytest.raises(JobError, match="BRANCHWISE_QUOTA"):
        load(SCENES, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def samples(n, value=1, size=4):
    return Samples(
        np.full((n, 3, size, size), value, dtype=np.uint8), {"map": np.full((n, 1, size, size), value, dtype="f2")}
    )


def stream(parts, n=3):
    tasks = (Task.usual("map", Kind.REGRESSION_MAP, 1),)
    return Stream("made", tasks, dict.fromkeys(SPLITS, n), lambda _: iter(parts))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([samples(2)], "3 samples, and 2 came"),
        ([samples(2), samples(1, size=5)], "size"),
        ([samples(2), Samples(samples(1).pictures, {"map": np.zeros((1, 2, 4, 4), "f2")})], '"map"'),
    ],
)
def test_pieces_that_do_not_fit_leave_no_file(tmp_path, parts, words):
    with pytest.raises(DataError, match=words):
        write_stream(tmp_path / "made.npz", stream(parts), {})
    assert not list(tmp_path.iterdir())


def test_what_a_stream_says_of_its_size(tmp_path):
    made = stream([samples(2), samples(1)])
    assert made.memory_bytes() == 4 * 3 * 3 * (3 + 1) * 16
    assert made.disk_bytes() == 3 * 3 * (3 + 2) * 16
    write_stream(tmp_path / "made.npz", made, {"more": np.arange(3)})
    found = mapped_arrays(tmp_path / "made.npz")
    assert found["more"].tolist() == [0, 1, 2]
    assert found["test.target.map"].shape == (3, 1, 4, 4)


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.999])
def test_a_file_that_is_cut_off_is_damaged(tmp_path, cut):
    path = tmp_path / "made.npz"
    write_stream(path, stream([samples(3)]), {})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    with pytest.raises((ValueError, zipfile.BadZipFile)):
        mapped_arrays(path)


def test_a_compressed_file_is_not_mapped(tmp_path):
    np.savez_compressed(tmp_path / "made.npz", a=np.zeros(9))
    with pytest.raises(ValueError, match="compressed"):
        mapped_arrays(tmp_path / "made.npz")


@pytest.mark.parametrize("gigabytes", ["1", "0.000000001"])
def test_room_is_made_in_memory_or_in_a_file_without_a_name(monkeypatch, gigabytes):
    monkeypatch.setenv("BRANCHWISE_MEMORY", gigabytes)
    found = room_for((5, 3, 4, 4))
    found[2] = 7
    assert is_mapped(found) is (gigabytes != "1")
    assert int(found[2].sum()) == 7 * 48


@pytest.mark.parametrize("n", [0, 1, 5, 512])
def test_pieces_cover_all_rows_once(n):
    rows = np.arange(n)
    assert np.concatenate([rows[:0], *(rows[part] for part in pieces(n, 3))]).tolist() == rows.tolist()
    assert 1 <= rows_per_part(n) <= 256


def test_own_arrays_are_copied_only_where_they_are_too_large(arrays_file, tmp_path, monkeypatch):
    asked = with_fingerprint(ArraysSpecification(name="arrays", path=str(arrays_file())))
    cache = tmp_path / "cache"
    whole = load(asked, folder=cache)
    assert not is_mapped(whole.train.pictures)
    assert not cache.exists()
    monkeypatch.setenv("BRANCHWISE_MEMORY", "0.000000001")
    monkeypatch.setattr(mapped_file, "SMALL", 0)
    mapped = load(asked, folder=cache)
    assert is_mapped(mapped.train.pictures)
    assert is_mapped(mapped.train.targets["depth"])
    assert same(whole, mapped)
    assert [path.name for path in cache.iterdir()] == [cache_name(asked)]


@pytest.mark.usefixtures("no_memory")
def test_numbers_to_predict_keep_mean_and_spread(tmp_path):
    (tmp_path / "pictures").mkdir()
    rng = np.random.default_rng(0)
    lines = ["file,age"]
    for number in range(12):
        Image.fromarray(rng.integers(0, 256, (16, 16, 3)).astype(np.uint8)).save(
            tmp_path / "pictures" / f"{number}.png"
        )
        lines.append(f"{number}.png,{number + 0.5}")
    (tmp_path / "pictures" / "labels.csv").write_text("\n".join(lines))
    asked = with_fingerprint(FolderSpecification(name="folder", path=str(tmp_path / "pictures"), size=16))
    mapped = load(asked, folder=tmp_path / "cache")
    assert mapped.tasks == make(asked).tasks
    assert mapped.task("age").std
    assert same(mapped, make(asked))
