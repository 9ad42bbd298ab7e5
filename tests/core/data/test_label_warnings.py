from dataclasses import replace

import numpy as np
import pytest

from core.data.dataset import SPLITS, Dataset, Samples
from core.data.folder import folder_source
from core.data.label_warnings import class_counts, dataset_warnings, known_warnings, picture_warnings, source_warnings
from core.studies.dataset_specification import FolderSpecification, PlantedSpecification, ScenesSpecification
from core.studies.several_specification import SetSpecification, SeveralSpecification
from core.tasks import Kind, Task

NAMES = ("red", "green", "blue")


def dataset(kind, train, validation, test):
    task = Task.usual("colour", kind, 3)
    splits = {
        split: Samples(np.full((len(target), 3, 4, 4), 99, dtype=np.uint8), {"colour": target})
        for split, target in zip(SPLITS, (train, validation, test), strict=True)
    }
    return Dataset("own", (task,), **splits, class_names={"colour": NAMES})


def classes(*numbers):
    return np.array(numbers)


def flags(*rows):
    return np.array(rows, dtype=np.float32)


def areas(*numbers):
    return np.stack([np.full((4, 4), number, dtype=np.uint8) for number in numbers])


@pytest.mark.parametrize(
    ("kind", "train", "other", "both"),
    [
        (Kind.CLASSIFICATION, classes(0, 1, -1), classes(2, 0), classes(0, 1)),
        (Kind.MULTI_LABEL, flags([1, 0, 0], [0, 1, np.nan]), flags([0, 0, 1], [1, 0, 0]), flags([1, 1, 0])),
        (Kind.SEGMENTATION, areas(0, 1, 255), areas(2, 0), areas(1, 0)),
    ],
)
def test_a_class_that_training_never_shows_is_named(kind, train, other, both):
    for data, split in (
        (dataset(kind, train, other, both), "1 validation"),
        (dataset(kind, train, both, other), "1 test"),
    ):
        (sentence,) = dataset_warnings(data, ["colour"])
        assert '"blue"' in sentence
        assert '"colour"' in sentence
        assert split in sentence
    assert dataset_warnings(dataset(kind, train, both, both), ["colour"]) == ()


def test_only_the_tasks_that_are_wanted_are_looked_at():
    assert dataset_warnings(dataset(Kind.CLASSIFICATION, classes(0, 1), classes(2), classes(0)), []) == ()


def test_classes_are_counted_without_missing_labels():
    colour = Task.usual("colour", Kind.CLASSIFICATION, 3)
    assert class_counts(colour, classes(0, 2, 2, -1)).tolist() == [1, 0, 2]
    area = Task.usual("area", Kind.SEGMENTATION, 3)
    assert class_counts(area, areas(0, 255, 2)).tolist() == [1, 0, 1]


def test_a_folder_is_warned_of_before_its_pictures_are_read(tmp_path):
    splits = ["train"] * 20 + ["validation"] * 10 + ["test"] * 10
    rows = "".join(
        f"{n}.png,{'rare' if n in (20, 21) else 'ab'[n % 2]},{n % 2},{split}\n" for n, split in enumerate(splits)
    )
    (tmp_path / "labels.csv").write_text(f"file,colour,side,split\n{rows}")
    for n in range(40):
        (tmp_path / f"{n}.png").write_bytes(b"")
    folder = FolderSpecification(name="folder", path=str(tmp_path))
    (sentence,) = source_warnings(folder_source(folder))
    assert '"rare"' in sentence
    assert "2 validation" in sentence
    assert known_warnings(folder, ("colour", "side")) == (sentence,)
    assert known_warnings(folder, ("side",)) == ()
    one, other = (
        SetSpecification(name=name, task=task, dataset=folder) for name, task in (("x", "colour"), ("y", "side"))
    )
    assert known_warnings(SeveralSpecification(name="several", sets=(one, other)), ("x", "y")) == (sentence,)


def test_what_can_not_be_read_or_is_drawn_is_not_warned_of(tmp_path):
    gone = FolderSpecification(name="folder", path=str(tmp_path / "gone"))
    for specification in (gone, ScenesSpecification(), PlantedSpecification(name="planted")):
        assert known_warnings(specification, ("depth",)) == ()


@pytest.mark.parametrize("word", ["None", "NA", "null", "?"])
def test_a_class_called_nothing_is_a_class_and_said_to_be_one(tmp_path, word):
    rows = "".join(f"{n}.png,{('a', 'b', word)[n % 3]},{n % 2}\n" for n in range(30))
    (tmp_path / "labels.csv").write_text(f"file,colour,side\n{rows}")
    for n in range(30):
        (tmp_path / f"{n}.png").write_bytes(b"")
    source = folder_source(FolderSpecification(name="folder", path=str(tmp_path)))
    assert word in source.class_names["colour"]
    assert (source.labels["colour"] >= 0).all()
    (sentence,) = source_warnings(source)
    assert f'"{word}"' in sentence


@pytest.mark.parametrize(("low", "high", "words"), [(0, 15, "nearly black"), (250, 255, "nearly white"), (0, 60, "")])
def test_pictures_that_are_all_black_or_white_are_warned_of(low, high, words):
    pictures = np.full((2, 3, 4, 4), low, dtype=np.uint8)
    pictures[0, 0, 0, 0] = high
    found = picture_warnings(pictures)
    assert bool(found) == bool(words)
    assert all(words in sentence for sentence in found)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("True", "true", "x"), '"True" and "true", which differ only in how they are written'),
        (("e\u0301", "x", "\u00e9"), "which differ only in how they are written"),
        (("a", "b", "a|b"), 'a class called "a|b". If it means several labels'),
        (("a", "a, b", "c"), 'a class called "a, b". If it means several labels'),
        (("[0]", "[0, 1]", "[]"), 'a class called "[0]". If it means several labels'),
    ],
)
def test_spellings_that_became_classes_are_said(names, sentence):
    found = dataset(Kind.CLASSIFICATION, classes(0, 1, 2), classes(0, 1), classes(1, 2))
    assert not dataset_warnings(found, ["colour"])
    assert sentence in dataset_warnings(replace(found, class_names={"colour": names}), ["colour"])[0]
