import numpy as np
import pytest
from pydantic import ValidationError

from core.data import store
from core.data.catalogue import source_of
from core.data.photographs import ANSWERS, PATCH, colours, photographs_source, read_photographs
from core.data.preview import describe
from core.studies.dataset_specification import PhotographsSpecification

ASKED = PhotographsSpecification(name="photographs", n_train=600, n_validation=200, n_test=200)


@pytest.fixture(scope="module")
def source():
    return photographs_source(ASKED)


@pytest.fixture(scope="module")
def data(source):
    return source.dataset()


def test_every_split_has_as_many_patches_as_asked_and_every_answer(data):
    assert [len(data.train), len(data.validation), len(data.test)] == [600, 200, 200]
    assert data.size == (32, 32)
    assert {task.name for task in data.tasks} == set(ANSWERS)
    for samples in (data.train, data.validation, data.test):
        for name, answers in ANSWERS.items():
            assert set(samples.targets[name].tolist()) == set(range(len(answers))), name
        assert (np.bincount(samples.targets["photograph"]) == len(samples) // 2).all()


def found_again(photographs, patch, turns):
    """Give every place (photograph, top, left) at which a patch stands, turned back."""
    upright = np.rot90(patch.transpose(1, 2, 0), -turns)
    corner = (photographs == upright[0, 0]).all(axis=3)[:, : -PATCH + 1, : -PATCH + 1]
    return [
        (p, y, x)
        for p, y, x in np.argwhere(corner)
        if np.array_equal(photographs[p, y : y + PATCH, x : x + PATCH], upright)
    ]


def test_patches_are_real_and_no_pixel_is_in_two_splits(data):
    photographs = read_photographs()
    used = {}
    for split in ("train", "validation", "test"):
        samples = getattr(data, split)
        used[split] = np.zeros(photographs.shape[:3], dtype=bool)
        for row in range(0, len(samples), 4):
            turns = int(samples.targets["orientation"][row])
            places = found_again(photographs, samples.pictures[row], turns)
            assert places
            p, y, x = places[0]
            assert p == samples.targets["photograph"][row]
            assert int((y + PATCH / 2) * 3 // photographs.shape[1]) == samples.targets["height"][row]
            used[split][p, y : y + PATCH, x : x + PATCH] = True
    assert not (used["train"] & used["validation"]).any()
    assert not (used["train"] & used["test"]).any()
    assert not (used["validation"] & used["test"]).any()


def test_no_patch_is_flat(data):
    grey = data.train.pictures.astype(float).mean(axis=1)
    assert grey.std(axis=(1, 2)).min() >= 7.9


def test_colours_are_what_people_call_them():
    named = {
        "grey": [(128, 128, 128), (250, 250, 250), (0, 0, 0), (200, 190, 185)],
        "red to orange": [(255, 0, 0), (230, 110, 60), (255, 0, 40)],
        "yellow": [(220, 200, 40), (120, 110, 30)],
        "green to blue": [(0, 200, 0), (20, 90, 60), (0, 0, 255), (120, 170, 230), (150, 0, 200)],
    }
    for name, found in named.items():
        patches = np.array(found, dtype=np.uint8)[:, None, None].repeat(2, 1).repeat(2, 2)
        assert [ANSWERS["colour"][number] for number in colours(patches)] == [name] * len(found)


def test_the_same_seed_draws_the_same_and_another_does_not(data):
    again = source_of(ASKED).dataset()
    assert np.array_equal(again.test.pictures, data.test.pictures)
    other = photographs_source(ASKED.model_copy(update={"seed": 1})).dataset()
    assert not np.array_equal(other.test.pictures, data.test.pictures)


def test_other_sizes_and_noise_leave_the_questions(data):
    source = photographs_source(ASKED.model_copy(update={"size": 24, "noise": 0.1}))
    rows = source.rows["test"]
    found = source.pictures(rows[5:8])
    assert found.shape == (3, 3, 24, 24)
    assert np.array_equal(found, source.pictures(rows)[5:8])
    for name in ANSWERS:
        assert np.array_equal(source.labels[name][rows], data.test.targets[name])


def test_it_is_kept_and_described_like_other_sets(tmp_path, data):
    kept = store.load(ASKED, folder=tmp_path)
    assert np.array_equal(store.load(ASKED, folder=tmp_path).train.pictures, kept.train.pictures)
    assert np.array_equal(kept.validation.pictures, data.validation.pictures)
    found = describe(ASKED)
    assert [task.name for task in found.tasks] == list(ANSWERS)


@pytest.mark.parametrize("change", [{"n_train": 0}, {"size": 3}, {"noise": 2}, {"path": "/etc"}])
def test_a_bad_value_is_refused(change):
    with pytest.raises(ValidationError):
        PhotographsSpecification(**{"name": "photographs", **change})
