"""Folders whose names are labels, and names of files that are nearly right."""

import pytest

from core.data.class_folders import read_class_folders
from core.data.fingerprint import fingerprint_of
from core.data.folder import folder_facts, folder_source
from core.data.picture_names import FolderFiles
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.tasks import Kind


def tree(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_folders_are_classes(tmp_path):
    files, columns, splits = read_class_folders(tree(tmp_path, ["cat/1.jpg", "dog/1.JPG", "dog/2.png", "notes.txt"]))
    assert files == ("cat/1.jpg", "dog/1.JPG", "dog/2.png")
    assert (columns, splits) == ({"class": ("cat", "dog", "dog")}, None)


@pytest.mark.parametrize("pattern", ["{split}/{label}/{n}.png", "{label}/{split}/{n}.png"])
@pytest.mark.parametrize("words", [("train", "val", "test"), ("Training", "dev", "Testing")])
def test_folders_of_splits_are_splits(tmp_path, pattern, words):
    names = [pattern.format(split=word, label=label, n=0) for word in words for label in ("cat", "dog")]
    files, columns, splits = read_class_folders(tree(tmp_path, names))
    meant = dict(zip(words, ("train", "validation", "test"), strict=True))
    for file, label, split in zip(files, columns["class"], splits, strict=True):
        assert label in file.split("/")
        assert split == next(meant[part] for part in file.split("/") if part in meant)


def test_two_levels_are_domains_and_classes(tmp_path):
    _, columns, _ = read_class_folders(tree(tmp_path, [f"{d}/{c}/1.png" for d in ("photo", "sketch") for c in "ab"]))
    assert columns == {"domain": ("photo", "photo", "sketch", "sketch"), "class": ("a", "b", "a", "b")}


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["1.png", "cat/2.png"], "do not lie in folders of classes"),
        (["a.txt"], "has no labels.csv"),
        (["cat/1.png", "dog/small/2.png"], "different depths"),
        (["a/b/c/1.png", "a/b/d/1.png"], "lies in 3 folders"),
    ],
)
def test_other_folders_get_a_sentence(tmp_path, names, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        read_class_folders(tree(tmp_path, names))
    assert "\n" not in str(caught.value)


def test_a_folder_of_classes_is_a_data_set_of_one_task_with_a_fingerprint(tmp_path):
    tree(tmp_path, [f"{label}/{n}.png" for label in ("cat", "dog") for n in range(10)])
    specification = FolderSpecification(name="folder", path=str(tmp_path))
    (task,) = folder_source(specification).tasks
    assert (task.name, task.kind, task.n_outputs) == ("class", Kind.CLASSIFICATION, 2)
    before = fingerprint_of(specification)
    (tmp_path / "cat/0.png").rename(tmp_path / "dog/10.png")
    assert fingerprint_of(specification) != before


@pytest.mark.parametrize("name", ["1.png", "1", "sub\\3.jpg", "sub/3", "2.PNG", "3.jpg", "3"])
def test_files_are_found_without_their_ending_and_in_the_folder_inside(tmp_path, name):
    tree(tmp_path, ["1.png", "2.png", "sub/3.jpg"])
    found = FolderFiles(tmp_path).find(name)
    assert found is not None
    assert found.stem == name.replace("\\", "/").rpartition("/")[2].partition(".")[0]


@pytest.mark.parametrize("name", ["1", "4.png", "x.png", "1.gif"])
def test_files_that_are_not_there_or_more_than_one_are_not_guessed(tmp_path, name):
    tree(tmp_path, ["1.png", "1.jpg", "one/4.png", "two/4.png"])
    assert FolderFiles(tmp_path).find(name) is None


@pytest.mark.parametrize(
    ("names", "sentence", "kind"),
    [
        (("fine", "odd;x"), 'The folder "odd;x" has a semicolon in its name.*Rename it', Kind.MULTI_LABEL),
        (("1.5", "2.5"), 'Folders are called by numbers such as "1.5"', Kind.CLASSIFICATION),
    ],
)
def test_folders_are_never_silently_anything_but_classes(tmp_path, names, sentence, kind):
    folder = tree(tmp_path, [f"{name}/{n}.png" for name in names for n in range(12)])
    with pytest.raises(DataError, match=sentence):
        folder_source(FolderSpecification(name="folder", path=str(folder), size=16))
    said = FolderSpecification(name="folder", path=str(folder), size=16, kinds={"class": kind.value})
    assert folder_facts(said)[0].kind == kind
    assert "dataset.kinds" in folder_facts(said.model_copy(update={"kinds": ()}))[0].question
