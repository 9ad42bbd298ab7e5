import numpy as np
import pytest

from core.data.digits import digits_source, enlarged
from core.studies.dataset_specification import DigitsSpecification

DIGITS = DigitsSpecification(name="digits", size=16)


def test_the_digits_with_all_their_questions():
    data = digits_source(DIGITS).dataset()
    assert len(data.train) + len(data.validation) + len(data.test) == 1797
    assert data.size == (16, 16)
    classes = data.test.targets["class"]
    assert np.array_equal(data.test.targets["parity"], classes % 2)
    assert np.array_equal(data.test.targets["magnitude"], classes // 5)
    assert np.array_equal(data.test.targets["low digits"], np.where(classes < 5, classes, -1))
    assert data.n_labelled("test", "low digits") + data.n_labelled("test", "high digits") == len(data.test)
    counts = np.bincount(classes)
    assert counts.max() - counts.min() <= 3


def test_pictures_belong_to_their_labels():
    # Means of training pictures recognise most test pictures, which wrong labels would not allow.
    data = digits_source(DIGITS).dataset()
    train, test = (s.pictures[:, 0].reshape(len(s), -1).astype(float) for s in (data.train, data.test))
    means = np.stack([train[data.train.targets["class"] == digit].mean(axis=0) for digit in range(10)])
    nearest = ((test[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == data.test.targets["class"]).mean() > 0.8


def test_another_seed_splits_otherwise():
    one, other = (digits_source(DIGITS.model_copy(update={"seed": seed})).rows["test"] for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_enlarging_keeps_black_and_white():
    scans = np.stack([np.zeros((8, 8)), np.full((8, 8), 16.0)])
    found = enlarged(scans, 24)
    assert found.shape == (2, 3, 24, 24)
    assert (found[0] == 0).all()
    assert (found[1] == 255).all()


def test_fewer_training_pictures_keep_the_classes_and_the_other_splits():
    whole, few = (digits_source(DIGITS.model_copy(update={"n_train": n})) for n in (None, 50))
    assert set(few.rows["train"]) < set(whole.rows["train"])
    assert np.bincount(few.labels["class"][few.rows["train"]], minlength=10).min() >= 4
    for split in ("validation", "test"):
        assert np.array_equal(few.rows[split], whole.rows[split])
    many = digits_source(DIGITS.model_copy(update={"n_train": 2000}))
    assert set(many.rows["train"]) == set(whole.rows["train"])


def test_a_picture_has_its_own_noise_whichever_others_are_asked_for():
    source = digits_source(DIGITS.model_copy(update={"noise": 0.1}))
    rows = source.rows["test"]
    assert np.array_equal(source.pictures(rows)[5:8], source.pictures(rows[5:8]))
    clean = digits_source(DIGITS).pictures(rows).astype(float)
    middle = (clean > 80) & (clean < 175)
    assert (source.pictures(rows) - clean)[middle].std() / 255 == pytest.approx(0.1, rel=0.05)
