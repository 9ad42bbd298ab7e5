"""CIFAR-10 and CIFAR-100, as torchvision leaves them on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.cifar_pickle import read_batch
from core.data.known_folder import known_folder, resized
from core.data.questions import Question, class_order, grouped, parts, whole
from core.data.source import Source
from core.data.splits import drawn_from
from core.errors import DataError
from core.studies.dataset_specification import ClassesSpecification

_SHAPE: Final = (3, 32, 32)
PLANTS: Final = "flowers,fruit_and_vegetables,trees"
THINGS: Final = (
    "food_containers,household_electrical_devices,household_furniture,large_man-made_outdoor_things,"
    "large_natural_outdoor_scenes,vehicles_1,vehicles_2"
)
ANIMALS: Final = (
    "aquatic_mammals,fish,insects,large_carnivores,large_omnivores_and_herbivores,medium_mammals,"
    "non-insect_invertebrates,people,reptiles,small_mammals"
)
_TEN: Final = {"animal": "bird,cat,deer,dog,frog,horse", "vehicle": "airplane,automobile,ship,truck"}


@dataclass(frozen=True, slots=True)
class _Form:
    title: str
    inner: str
    train: tuple[str, ...]
    test: str
    meta: str
    labels: str
    names: str

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.train, self.test, self.meta)


_FORMS: Final = {
    "cifar10": _Form(
        "CIFAR-10",
        "cifar-10-batches-py",
        tuple(f"data_batch_{number}" for number in range(1, 6)),
        "test_batch",
        "batches.meta",
        "labels",
        "label_names",
    ),
    "cifar100": _Form("CIFAR-100", "cifar-100-python", ("train",), "test", "meta", "fine_labels", "fine_label_names"),
}


def cifar_files(specification: ClassesSpecification) -> list[Path]:
    """Return the files the data set is read from.

    Raises:
        DataError: One is missing.
    """
    form = _FORMS[specification.name]
    folder = known_folder(specification.path, form.inner, form.files, form.title)
    return [folder / file for file in form.files]


def cifar_source(specification: ClassesSpecification) -> Source:
    """Return CIFAR with its class and coarser questions.

    CIFAR-10: ``class`` and ``animal or vehicle``. CIFAR-100: ``class``, ``superclass`` (20) and
    ``kingdom`` (animals, plants, things), each a refinement of the next. Both: the classes split
    into ``parts`` tasks, ``part 1`` and so on, each labelled on its own classes only.

    Args:
        specification: The folder, at most how many pictures of each split, picture size, seed.

    Raises:
        DataError: A file is missing, damaged or holds something else.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, Table 4, for the three kingdoms above
        CIFAR-100's superclasses. The table lists "small mammals", a superclass, among the reptiles, where CIFAR-100
        has the class "lizard"; levels are read from the data, so the slip has no effect here.
    """
    form = _FORMS[specification.name]
    *train, test, meta = cifar_files(specification)
    batches = [_batch(path, form.labels) for path in (*train, test)]
    pictures, classes = (np.concatenate([batch[part] for batch in batches]) for part in (0, 1))
    names = _names(meta, form.names)
    if classes.min() < 0 or classes.max() >= len(names):
        raise DataError(f"{form.title} has class numbers that {meta.name} has no name for. Fetch it again.")
    questions = _questions(specification, names, train[0])
    n_train = len(pictures) - len(batches[-1][0])
    rng = np.random.default_rng(specification.seed)
    sizes = (specification.n_train, specification.n_validation, specification.n_test)
    return Source(
        name=form.title,
        tasks=tuple(question.task for question in questions),
        labels={question.name: question.target(classes) for question in questions},
        rows=drawn_from(classes[:n_train], classes[n_train:], sizes, rng),
        pictures=lambda rows: resized(pictures[rows], specification.size),
        class_names={question.name: question.answers for question in questions},
    )


def _questions(specification: ClassesSpecification, names: tuple[str, ...], train: Path) -> tuple[Question, ...]:
    own = parts(names, specification.parts, class_order(len(names), specification.order))
    if specification.name == "cifar10":
        known = sorted(",".join(_TEN.values()).split(",")) == sorted(names)
        return (whole("class", names), *([grouped("animal or vehicle", names, _TEN)] if known else []), *own)
    entries = read_batch(train)
    coarse = _names(train.parent / "meta", "coarse_label_names")
    fine, above = _whole(entries, "fine_labels", train), _whole(entries, "coarse_labels", train)
    parent = np.full(len(names), -1)
    parent[fine] = above
    if len(fine) != len(above) or (parent[fine] != above).any() or parent.min() < 0 or parent.max() >= len(coarse):
        raise DataError(f"In {train.name} a class has no superclass, or two. Fetch CIFAR-100 again.")
    superclass = Question("superclass", coarse, tuple(parent.tolist()))
    kingdoms = {"animals": ANIMALS, "plants": PLANTS, "things": THINGS}
    if sorted(",".join(kingdoms.values()).split(",")) != sorted(coarse):
        return (whole("class", names), superclass, *own)
    top = grouped("kingdom", coarse, kingdoms)
    kingdom = Question(top.name, top.answers, tuple(top.of_class[number] for number in superclass.of_class))
    return (whole("class", names), superclass, kingdom, *own)


def _batch(path: Path, labels: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    entries = read_batch(path)
    data, classes = entries.get("data"), _whole(entries, labels, path)
    n = len(classes)
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.shape != (n, int(np.prod(_SHAPE))) or n == 0:
        raise DataError(f"{path.name} is no whole CIFAR batch: pictures and labels don't match. Fetch it again.")
    return data.reshape(n, *_SHAPE), classes


def _whole(entries: dict[str, Any], key: str, path: Path) -> NDArray[np.int64]:
    found = entries.get(key)
    if not isinstance(found, list) or not all(isinstance(number, int) and 0 <= number < 1000 for number in found):
        raise DataError(f'{path.name} has no list of class numbers "{key}", so it is no CIFAR batch. Fetch it again.')
    return np.array(found, dtype=np.int64)


def _names(path: Path, key: str) -> tuple[str, ...]:
    found = read_batch(path).get(key)
    if not isinstance(found, list) or not found or not all(isinstance(name, str) for name in found):
        raise DataError(f'{path.name} has no list of names "{key}". Fetch it again.')
    return tuple(name[:80] for name in found)
