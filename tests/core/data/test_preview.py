import numpy as np
import pytest

from core.data.folder import folder_source
from core.data.preview import describe
from core.data.store import make
from core.errors import DataError
from core.studies.dataset_specification import (
    ArraysSpecification,
    CelebaSpecification,
    ClassesSpecification,
    DigitsSpecification,
    FolderSpecification,
    PlantedSpecification,
    ScenesSpecification,
    SvhnSpecification,
)

SPLITS = ("train", "validation", "test")


def check(specification, *, own_pictures):
    """A preview says what the whole data set would."""
    found, whole = describe(specification, n=3), make(specification)
    assert found.title == whole.name
    assert found.tasks == whole.tasks
    assert found.picture_size == whole.size
    assert found.class_names == whole.class_names
    assert found.sizes == {split: len(getattr(whole, split)) for split in SPLITS}
    assert found.labelled == {t.name: {s: whole.n_labelled(s, t.name) for s in SPLITS} for t in whole.tasks}
    assert found.examples.inputs.shape == (3, *whole.size, 3)
    assert {*found.examples.targets, *found.examples.labels} == {task.name for task in whole.tasks}
    if own_pictures:
        assert np.array_equal(found.examples.inputs, whole.test.pictures[:3].transpose(0, 2, 3, 1))


@pytest.mark.parametrize(
    "specification",
    [
        ScenesSpecification(n_train=20, n_validation=9, n_test=8, size=16),
        PlantedSpecification(name="planted", n_train=20, n_validation=9, n_test=8, size=16),
    ],
)
def test_made_up_sets(specification):
    check(specification, own_pictures=False)


def test_sets_that_are_read(picture_folder, arrays_file):
    check(DigitsSpecification(name="digits", size=16), own_pictures=True)
    check(FolderSpecification(name="folder", path=str(picture_folder()), size=16), own_pictures=True)
    check(ArraysSpecification(name="arrays", path=str(arrays_file())), own_pictures=True)


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "stl10", "caltech101", "caltech256", "svhn", "celeba"])
def test_known_sets(known_root, name):
    kind = {"svhn": SvhnSpecification, "celeba": CelebaSpecification}.get(name, ClassesSpecification)
    check(
        kind(name=name, path=str(known_root(name)), n_train=100, n_validation=100, n_test=100, size=16),
        own_pictures=True,
    )


def test_a_preview_decodes_only_its_examples(picture_folder):
    folder = picture_folder()
    asked = FolderSpecification(name="folder", path=str(folder), size=16)
    rows = folder_source(asked).rows
    for row in {*range(30)} - {*rows["test"][:2].tolist()}:
        (folder / "birds" / f"{row:02d}.png").write_bytes(b"hello")
    with pytest.raises(DataError, match="is no picture"):
        make(asked)
    assert len(describe(asked, n=2).examples.inputs) == 2
    with pytest.raises(DataError, match="is no picture"):
        describe(asked, n=3)


def test_a_split_without_a_label_is_told_beforehand(picture_folder):
    picture_folder()
    splits = ["train"] * 10 + ["validation"] * 5 + ["test"] * 5
    rows = [f"birds/{i:02d}.png,{i % 2},{'' if s == 'validation' else i % 2},{s}" for i, s in enumerate(splits)]
    folder = picture_folder("\n".join(["file,a,b,split", *rows]))
    with pytest.raises(DataError, match='No picture of the validation split has a label for "b"'):
        describe(FolderSpecification(name="folder", path=str(folder)))
