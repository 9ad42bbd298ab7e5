import os
import shutil

import numpy as np
import pytest
from PIL import Image

from core.data.fingerprint import check_unchanged, fingerprint_of, with_fingerprint
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
    assert len(found.fingerprint) == 32
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
def test_a_known_set_is_told_by_its_files(known_root, tmp_path, name):
    found = with_fingerprint(asked(name, known_root(name)))
    copy = tmp_path / "copy"
    shutil.copytree(known_root(name), copy)
    assert fingerprint_of(asked(name, copy)) == found.fingerprint
    largest = max(
        (path for path in copy.rglob("*") if path.suffix in ("", ".mat", ".bin", ".jpg") and path.is_file()),
        key=os.path.getsize,
    )
    largest.write_bytes(largest.read_bytes() + b"x")
    with pytest.raises(DataError, match="have changed"):
        check_unchanged(found.model_copy(update={"path": str(copy)}))
    shutil.rmtree(copy)
    with pytest.raises(DataError, match="There is no folder"):
        check_unchanged(found.model_copy(update={"path": str(copy)}))
