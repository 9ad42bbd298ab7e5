"""The data set: sizes, seeds, ranges, and targets with a known answer."""

import numpy as np
import pytest

from core.data.raycast import Rendering
from core.data.scenes import CLASSES, TASKS, cache_name, edges, keypoints, largest, make_scenes, targets
from core.studies.dataset_specification import ScenesSpecification

TINY = ScenesSpecification(n_train=30, n_validation=12, n_test=12, size=16, seed=3)


@pytest.fixture(scope="module")
def tiny():
    return make_scenes(TINY)


def test_sizes_types_and_ranges(tiny):
    assert [len(tiny.train), len(tiny.validation), len(tiny.test)] == [30, 12, 12]
    assert tiny.size == (16, 16)
    targets = tiny.train.targets
    assert targets["segmentation"].shape == (30, 16, 16)
    assert targets["segmentation"].max() < len(CLASSES)
    assert targets["normals"].shape == (30, 3, 16, 16)
    for name in ("depth", "edges", "keypoints"):
        assert targets[name].shape == (30, 1, 16, 16)
    assert targets["depth"].min() > 0.3
    for name in ("edges", "keypoints"):
        assert 0 <= targets[name].min() < targets[name].max() <= 1


def test_the_same_specification_draws_the_same_pictures(tiny):
    again = make_scenes(TINY)
    assert np.array_equal(again.train.pictures, tiny.train.pictures)
    assert all(np.array_equal(again.test.targets[task.name], tiny.test.targets[task.name]) for task in TASKS)


def test_splits_and_seeds_differ(tiny):
    other = make_scenes(TINY.model_copy(update={"seed": 4}))
    assert not np.array_equal(other.train.pictures, tiny.train.pictures)
    assert not np.array_equal(tiny.validation.pictures, tiny.test.pictures)
    assert not np.array_equal(tiny.train.pictures[:12], tiny.validation.pictures)


def test_a_longer_training_split_leaves_the_test_pictures_alone(tiny):
    longer = make_scenes(TINY.model_copy(update={"n_train": 50}))
    assert np.array_equal(longer.test.pictures, tiny.test.pictures)


def test_noise_changes_the_pictures_and_no_target(tiny):
    clean = make_scenes(TINY.model_copy(update={"noise": 0.0}))
    assert all(np.array_equal(clean.train.targets[task.name], tiny.train.targets[task.name]) for task in TASKS)
    difference = tiny.train.pictures.astype(float) - clean.train.pictures.astype(float)
    middle = (clean.train.pictures > 60) & (clean.train.pictures < 200)
    assert difference[middle].std() / 255 == pytest.approx(TINY.noise, rel=0.05)


def test_another_specification_has_another_file_name():
    names = {cache_name(TINY.model_copy(update=change)) for change in ({}, {"seed": 4}, {"noise": 0.0}, {"size": 24})}
    assert len(names) == 4


def test_edges_of_a_straight_step_lie_along_it():
    grey = np.zeros((1, 20, 20), dtype=np.float32)
    grey[:, :, 10:] = 0.5
    found = edges(grey)[0]
    assert np.array_equal(found.argmax(axis=1) // 2, np.full(20, 9 // 2))
    assert np.all(found[:, :6] == 0)
    np.testing.assert_allclose(found, np.tile(found[:1], (20, 1)), atol=1e-6)


def test_keypoints_mark_the_corner_and_not_the_edge():
    grey = np.zeros((1, 40, 40), dtype=np.float32)
    grey[:, 20:, 20:] = 0.3
    found = keypoints(grey)[0]
    assert np.abs(np.array(np.unravel_index(found.argmax(), found.shape)) - 20).max() <= 2
    assert found[36, 19:21].max() < 1e-6
    assert found[:8, :8].max() < 1e-6


def test_no_target_is_answered_best_by_zero_everywhere():
    found = make_scenes(ScenesSpecification(n_train=8, n_validation=40, n_test=8)).validation.targets
    for name in ("depth", "edges", "keypoints"):
        assert np.median(found[name]) > 0.01


@pytest.mark.parametrize("measure", [edges, keypoints])
def test_no_picture_leaks_into_its_neighbour(measure):
    rng = np.random.default_rng(0)
    pictures = rng.uniform(0, 1, (3, 16, 16)).astype(np.float32)
    np.testing.assert_allclose(measure(pictures)[1], measure(pictures[1:2])[0], atol=1e-6)


@pytest.mark.parametrize("measure", [edges, keypoints])
def test_turning_a_picture_turns_its_answer(measure):
    picture = np.random.default_rng(1).uniform(0, 0.2, (1, 16, 16)).astype(np.float32)
    turned = np.rot90(picture, axes=(1, 2))
    np.testing.assert_allclose(measure(turned), np.rot90(measure(picture), axes=(1, 2)), atol=1e-5)


def test_targets_are_those_of_the_rendering():
    shape = (2, 8, 8)
    rng = np.random.default_rng(2)
    rendering = Rendering(
        picture=rng.uniform(0, 1, (2, 3, 8, 8)).astype(np.float32),
        classes=rng.integers(0, 5, shape).astype(np.uint8),
        normals=np.zeros((2, 3, 8, 8), dtype=np.float32),
        depth=np.full((2, 1, 8, 8), 2.5, dtype=np.float32),
    )
    found = targets(rendering)
    assert set(found) == {task.name for task in TASKS}
    assert np.array_equal(found["segmentation"], rendering.classes)
    assert np.array_equal(found["largest"], largest(rendering.classes))
    assert np.all(found["depth"] == 2.5)


def test_the_largest_solid_is_the_one_with_most_pixels():
    # Wall and floor fill most of a picture and are no solids.
    classes = np.zeros((3, 4, 4), dtype=np.uint8)
    classes[0, 0, :2], classes[0, 1, 0] = 3, 2
    classes[1, :2], classes[1, 2] = 1, 4
    classes[2, 3, 3] = 2
    assert largest(classes).tolist() == [1, 2, 0]
