import subprocess
import sys

import numpy as np
import pytest

from core.data.gallery import NO_LABEL, PALETTE, captions, coloured, gallery
from core.data.scenes import SOLIDS, TASKS, make_scenes
from core.studies.dataset_specification import ArraysSpecification, ScenesSpecification
from core.tasks import Kind

TINY = ScenesSpecification(n_train=8, n_validation=4, n_test=5, size=16)


def test_a_gallery_has_one_picture_per_example_and_task():
    data = make_scenes(TINY)
    found = gallery(TINY, 3, data=data)
    assert np.array_equal(found.inputs, data.test.pictures[:3].transpose(0, 2, 3, 1))
    assert list(found.targets) == [task.name for task in TASKS if task.kind.is_map]
    assert list(found.labels) == ["largest"]
    assert set(found.labels["largest"]) <= set(SOLIDS)
    assert {(p.shape, p.dtype.name) for p in found.targets.values()} == {((3, 16, 16, 3), "uint8")}


def test_segmentation_has_one_colour_per_class():
    classes = np.arange(5).reshape(1, 1, 5)
    assert np.array_equal(coloured(Kind.SEGMENTATION, classes)[0, 0], PALETTE[:5])


def test_nearer_is_lighter():
    depth = np.linspace(1, 9, 50).reshape(1, 1, 1, 50)
    light = coloured(Kind.DEPTH, depth).astype(int).sum(axis=-1)[0, 0]
    assert (np.diff(light) < 0).all()


def test_flat_depth_has_a_colour_too():
    assert len(np.unique(coloured(Kind.DEPTH, np.full((1, 1, 4, 4), 2.0)).reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize(
    ("normal", "colour"), [((0, 0, -1), (128, 128, 255)), ((1, 0, 0), (255, 128, 128)), ((0, 1, 0), (128, 255, 128))]
)
def test_normals_have_the_usual_colours(normal, colour):
    target = np.array(normal, dtype=np.float16).reshape(1, 3, 1, 1)
    assert tuple(coloured(Kind.NORMALS, target)[0, 0, 0]) == colour


@pytest.mark.parametrize(
    ("kind", "target", "where"),
    [
        (Kind.SEGMENTATION, np.array([[[0, 255]]], dtype=np.uint8), 1),
        (Kind.DEPTH, np.array([2.0, np.nan]).reshape(1, 1, 1, 2), 1),
        (Kind.REGRESSION_MAP, np.array([0.5, np.nan], dtype=np.float16).reshape(1, 1, 1, 2), 1),
        (Kind.NORMALS, np.array([0.0, np.nan, 0, np.nan, -1, np.nan]).reshape(1, 3, 1, 2), 1),
        (Kind.DEPTH, np.full((1, 1, 1, 2), np.nan), slice(None)),
    ],
)
def test_pixels_without_a_label_are_black(kind, target, where):
    picture = coloured(kind, target)
    assert (picture[0, 0, where] == 0).all()
    if where == 1:
        assert picture[0, 0, 0].any()


def test_captions_name_classes_labels_and_what_is_missing():
    assert captions(Kind.CLASSIFICATION, np.array([1, -1, 0]), ("cat", "dog")) == ("dog", NO_LABEL, "cat")
    assert captions(Kind.CLASSIFICATION, np.array([7])) == ("7",)
    flags = np.array([[1, 1, 0], [0, 0, 0], [np.nan] * 3, [np.nan, 1, np.nan]], dtype=np.float32)
    assert captions(Kind.MULTI_LABEL, flags, ("a", "b", "c")) == ("a, b", "none", NO_LABEL, "b")
    assert captions(Kind.MULTI_LABEL, np.ones((1, 3), np.uint8)) == ("0, 1, 2",)


def test_a_gallery_of_arrays_has_pictures_and_words(arrays_file):
    asked = ArraysSpecification(name="arrays", path=str(arrays_file()))
    found = gallery(asked, 4)
    assert list(found.targets) == ["floor plan", "normals", "depth", "flow"]
    assert {name: len(texts) for name, texts in found.labels.items()} == {"room": 4, "marks": 4}
    assert set(found.labels["room"]) <= {"kitchen", "bath", "hall", NO_LABEL}


def test_a_gallery_needs_no_torch():
    code = "import sys, core.data.gallery, core.data.preview; sys.exit(bool({'torch', 'torchvision'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
