import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.catalogue import files_of
from core.data.fingerprint import check_unchanged, fingerprint_of, with_fingerprint
from core.data.store import cache_name
from core.errors import DataError
from core.studies.dataset_specification import (
    ArraysSpecification,
    CelebaSpecification,
    ClassesSpecification,
    DigitsSpecification,
    FolderSpecification,
    ScenesSpecification,
    SvhnSpecification,
)

KNOWN = ("cifar10", "cifar100", "svhn", "stl10", "caltech101", "caltech256", "celeba")


def asked(name, root):
    kind = {"svhn": SvhnSpecification, "celeba": CelebaSpecification}.get(name, ClassesSpecification)
    return kind(name=name, path=str(root))


def own(folder):
    return FolderSpecification(name="folder", path=str(folder))


def test_data_sets_in_no_folder_stay_as_they_are():
    for specification in (ScenesSpecification(), DigitsSpecification(name="digits")):
        assert with_fingerprint(specification) is specification


def test_a_fingerprint_is_given_once_with_the_whole_path(picture_folder, monkeypatch):
    folder = picture_folder()
    found = with_fingerprint(own("own"), base=folder.parent)
    assert found.path == str(folder)
    assert len(found.fingerprint) == 64
    assert with_fingerprint(found) is found
    monkeypatch.chdir(folder.parent)
    assert with_fingerprint(own("own")) == found
    check_unchanged(found)


def test_another_place_has_the_same_fingerprint(picture_folder, tmp_path):
    folder = picture_folder()
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert fingerprint_of(own(folder)) == fingerprint_of(own(tmp_path / "elsewhere"))


def _another_label(folder):
    path = folder / "labels.csv"
    path.write_text(path.read_text().replace("owl", "auk"))


def _another_picture(folder):
    Image.new("L", (50, 50)).save(folder / "birds" / "03.png")


@pytest.mark.parametrize("change", [_another_label, _another_picture])
def test_a_changed_folder_is_refused(picture_folder, change):
    folder = picture_folder()
    before = with_fingerprint(own(folder))
    change(folder)
    with pytest.raises(DataError, match="have changed since the study was made"):
        check_unchanged(before)


def test_a_file_without_a_label_changes_nothing(picture_folder):
    folder = picture_folder()
    before = with_fingerprint(own(folder))
    (folder / "notes.txt").write_text("x")
    check_unchanged(before)


def test_an_npz_of_the_same_size_with_other_numbers_is_noticed(arrays_file):
    path = arrays_file()
    before = with_fingerprint(ArraysSpecification(name="arrays", path=str(path)))
    check_unchanged(before)
    with np.load(path.with_name("rooms.npz")) as archive:
        arrays = dict(archive)
    np.savez_compressed(path.with_name("rooms.npz"), **(arrays | {"room": arrays["room"][::-1]}))
    with pytest.raises(DataError, match="have changed"):
        check_unchanged(before)


@pytest.mark.parametrize("name", KNOWN)
def test_a_byte_in_any_file_of_a_known_set_counts(known_root, tmp_path, name):
    before = with_fingerprint(asked(name, known_root(name)))
    copy = tmp_path / "copy"
    shutil.copytree(known_root(name), copy)
    here = before.model_copy(update={"path": str(copy)})
    for path in files_of(here):
        content, times = path.read_bytes(), path.stat()
        # Of the same size and age: only the content tells.
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert fingerprint_of(here) != before.fingerprint, path
        path.write_bytes(content)
    check_unchanged(here)


def test_a_relabelled_copy_of_cifar_is_another_data_set(write_known, tmp_path):
    """The case that was found: labels drawn anew in batches of the same size."""
    root = write_known("cifar10")
    copy = tmp_path / "relabelled"
    shutil.copytree(root, copy)
    batch = copy / "cifar-10-batches-py" / "data_batch_1"
    entries = pickle.loads(batch.read_bytes())
    entries["labels"] = entries["labels"][::-1]
    batch.write_bytes(pickle.dumps(entries, protocol=2))
    assert batch.stat().st_size == (root / "cifar-10-batches-py" / "data_batch_1").stat().st_size
    one, other = (with_fingerprint(asked("cifar10", folder)) for folder in (root, copy))
    assert one.fingerprint != other.fingerprint
    assert cache_name(one) != cache_name(other)


def test_inverted_pictures_of_the_same_size_are_another_data_set(tmp_path):
    found = []
    for name, value in (("black", 0), ("white", 255)):
        (tmp_path / name).mkdir()
        for number in range(10):
            Image.new("L", (8, 8), value).save(tmp_path / name / f"{number}.bmp")
        rows = "".join(f"{number}.bmp,{number % 2},{number % 3}\n" for number in range(10))
        (tmp_path / name / "labels.csv").write_text(f"file,side,shape\n{rows}")
        found.append(fingerprint_of(own(tmp_path / name)))
    assert found[0] != found[1]


@pytest.mark.parametrize("kind", ["folder", "arrays"])
def test_own_data_written_again_are_the_same(picture_folder, arrays_file, kind):
    if kind == "folder":
        specification = own(picture_folder())
        files = list(Path(specification.path).rglob("*.*"))
    else:
        specification = ArraysSpecification(name="arrays", path=str(arrays_file()))
        files = list(Path(specification.path).parent.glob("rooms.*"))
    before = fingerprint_of(specification)
    for path in files:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    assert fingerprint_of(specification) == before


def test_a_study_of_an_earlier_version_is_not_continued_on_data_it_can_not_know(picture_folder):
    older = own(picture_folder()).model_copy(update={"fingerprint": "a" * 32})
    with pytest.raises(DataError, match=r"earlier version .* copy the study"):
        check_unchanged(older)


def test_progress_ends_at_the_number_of_files(picture_folder):
    seen = []
    with_fingerprint(own(picture_folder()), progress=lambda done, of: seen.append((done, of)))
    assert seen[-1][0] == seen[-1][1] > 10


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_set_is_told_by_its_files(known_root, tmp_path, name):
    found = with_fingerprint(asked(name, known_root(name)))
    copy = tmp_path / "copy"
    shutil.copytree(known_root(name), copy)
    assert fingerprint_of(asked(name, copy)) == found.fingerprint
    for path in copy.rglob("*"):
        path.touch()
    check_unchanged(found.model_copy(update={"path": str(copy)}))
    shutil.rmtree(copy)
    with pytest.raises(DataError, match="There is no folder"):
        check_unchanged(found.model_copy(update={"path": str(copy)}))
