import numpy as np

from app.affinity.pictures import readable
from core.data.store import load
from core.studies.dataset_specification import DigitsSpecification, ScenesSpecification


def test_noisy_images_are_shown_without_their_noise_and_are_the_same_images(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    noisy = DigitsSpecification(name="digits", noise=0.6, n_train=100)
    clean, noise = readable(noisy)
    assert noise == 0.6
    seen, shown = load(noisy).validation, load(clean).validation
    for task, answers in seen.targets.items():
        np.testing.assert_array_equal(answers, shown.targets[task])
    assert not np.array_equal(seen.pictures, shown.pictures)
    # A picture full of ink stays one: without noise the same digits stand at the same places.
    ink = [np.asarray(each.pictures, dtype=float).reshape(len(each.pictures), -1) for each in (seen, shown)]
    assert np.corrcoef(ink[0].mean(axis=1), ink[1].mean(axis=1))[0, 1] > 0.5


def test_images_that_can_be_read_stay_as_they_are():
    scenes = ScenesSpecification(name="scenes")
    assert readable(scenes) == (scenes, 0.0)
