import subprocess
import sys

import numpy as np
import pytest

from core.data.gallery import PALETTE, coloured, gallery
from core.data.scenes import TASKS, make_scenes
from core.studies.specification import DatasetSpecification
from core.tasks import Kind

TINY = DatasetSpecification(n_train=8, n_validation=4, n_test=5, size=16)


def test_a_gallery_has_one_picture_per_example_and_task():
    data = make_scenes(TINY)
    found = gallery(TINY, 3, data=data)
    assert np.array_equal(found.inputs, data.test.pictures[:3].transpose(0, 2, 3, 1))
    assert list(found.targets) == [task.name for task in TASKS]
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


def test_a_gallery_needs_no_torch():
    code = "import sys, core.data.gallery; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
