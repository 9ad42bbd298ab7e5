import pickle

import numpy as np
import pytest

from core.data.cifar import cifar_source
from core.errors import DataError
from core.studies.dataset_specification import ClassesSpecification


def asked(root, name="cifar10", **fields):
    return ClassesSpecification(
        name=name, path=str(root), **{"n_train": 40, "n_validation": 10, "n_test": 12, **fields}
    )


@pytest.mark.parametrize("protocol", [2, 4])
def test_ten_classes(write_known, protocol):
    root = write_known("cifar10", protocol=protocol)
    source = cifar_source(asked(root))
    data = source.dataset()
    assert [task.name for task in data.tasks] == ["class", "animal or vehicle", *(f"part {i}" for i in range(1, 6))]
    assert [len(s) for s in (data.train, data.validation, data.test)] == [40, 10, 12]
    animals = np.isin(data.train.targets["class"], [2, 3, 4, 5, 6, 7])
    assert np.array_equal(data.train.targets["animal or vehicle"] == 0, animals)
    assert (source.rows["test"] >= 100).all()
    batch = pickle.loads((root / "cifar-10-batches-py" / "test_batch").read_bytes())
    row = source.rows["test"][0] - 100
    assert np.array_equal(data.test.pictures[0].ravel(), batch["data"][row])
    assert data.test.targets["class"][0] == batch["labels"][row]


def test_a_hundred_classes_have_a_hierarchy(known_root):
    data = cifar_source(asked(known_root("cifar100"), "cifar100", n_train=200, n_validation=100, n_test=100)).dataset()
    assert [task.n_outputs for task in data.tasks] == [100, 20, 3, 20, 20, 20, 20, 20]
    fine, coarse, top = (data.train.targets[name] for name in ("class", "superclass", "kingdom"))
    assert np.array_equal(coarse, fine % 20)
    kingdoms = {
        data.class_names["superclass"][c]: data.class_names["kingdom"][k] for c, k in zip(coarse, top, strict=True)
    }
    assert kingdoms["flowers"] == "plants"
    assert kingdoms["people"] == "animals"
    assert kingdoms["vehicles_1"] == "things"


def test_the_inner_folder_may_be_named_and_pictures_enlarged(known_root):
    data = cifar_source(asked(known_root("cifar10") / "cifar-10-batches-py", size=48)).dataset()
    assert data.size == (48, 48)


def test_a_missing_batch_is_named(write_known):
    root = write_known("cifar10")
    (root / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(DataError, match=r"CIFAR-10 should have cifar-10-batches-py/data_batch_3 in .*cifar10, which"):
        cifar_source(asked(root))


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_batch_cut_short_gets_a_sentence(write_known, share):
    path = write_known("cifar10") / "cifar-10-batches-py" / "data_batch_2"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match="data_batch_2 is damaged or no CIFAR batch"):
        cifar_source(asked(path.parent.parent))


@pytest.mark.parametrize(
    "entries",
    [
        {"data": np.zeros((5, 3072), np.uint8), "labels": [1] * 4},
        {"data": np.zeros((5, 3071), np.uint8), "labels": [1] * 5},
        {"data": np.zeros((5, 3072), np.float32), "labels": [1] * 5},
        {"data": np.zeros((5, 3072), np.uint8), "labels": ["cat"] * 5},
        {"data": np.zeros((5, 3072), np.uint8), "labels": [10] * 5},
        {"data": np.zeros((5, 3072), np.uint8)},
        {"labels": [1] * 5},
        {},
    ],
)
def test_a_batch_of_something_else_gets_a_sentence(write_known, entries):
    path = write_known("cifar10") / "cifar-10-batches-py" / "data_batch_2"
    path.write_bytes(pickle.dumps(entries, protocol=2))
    with pytest.raises(DataError, match="Fetch it again"):
        cifar_source(asked(path.parent.parent))


def test_a_class_with_two_superclasses_gets_a_sentence(write_known):
    path = write_known("cifar100") / "cifar-100-python" / "train"
    entries = pickle.loads(path.read_bytes())
    entries["coarse_labels"][0] = (entries["coarse_labels"][0] + 1) % 20
    path.write_bytes(pickle.dumps(entries, protocol=2))
    with pytest.raises(DataError, match="a class has no superclass, or two"):
        cifar_source(asked(path.parent.parent, "cifar100"))


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_classes_are_split_in_a_random_order_by_seed(known_root, name):
    root, sizes = known_root(name), {"n_train": 200, "n_validation": 100, "n_test": 100}
    own, first, again, other = (
        cifar_source(asked(root, name, order=order, **sizes)).dataset() for order in (None, 1, 1, 2)
    )

    def split(data):
        return [data.class_names[f"part {number}"] for number in range(1, 6)]

    def joined(data):
        return [name for part in split(data) for name in part]

    # Every class is in one part, and only the order of the classes changes.
    assert sorted(joined(first)) == sorted(joined(own))
    assert joined(own) == list(own.class_names["class"])
    assert split(first) == split(again)
    assert len({str(split(data)) for data in (own, first, other)}) == 3
    # Labels follow: a picture is labelled in the part that holds its class, and in no other.
    names = first.class_names["class"]
    for number, classes in enumerate(split(first), start=1):
        target, truth = first.train.targets[f"part {number}"], first.train.targets["class"]
        for row, answer in zip(truth, target, strict=True):
            assert (names[row] in classes) == (answer >= 0)
            assert answer < 0 or classes[answer] == names[row]


def test_without_an_order_the_document_is_that_of_earlier_versions():
    plain = asked("/data")
    assert "order" not in plain.model_dump(mode="json")
    assert "order" not in plain.model_dump(mode="json", exclude={"path"})
    assert asked("/data", order=0).model_dump(mode="json")["order"] == 0
    assert ClassesSpecification.model_validate(plain.model_dump()) == plain
