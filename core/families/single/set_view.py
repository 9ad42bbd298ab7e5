"""One of several data sets as a network of several takes it: its task alone, by its name in the study, at one size."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.dataset import DENSE, SPLITS, Dataset, Samples
from core.data.mapped_file import room_for
from core.data.stream import pieces
from core.errors import DataError
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification
from core.training.federated import resized

_CHUNK = 500


def set_view(data: Dataset, task: str, name: str, size: int) -> Dataset:
    """Return a data set with one of its tasks, which has another name, and pictures brought to a size.

    Args:
        data: The data set.
        task: Its task.
        name: What the task is called in the study.
        size: Height and width of the pictures.

    Raises:
        DataError: It has no such task, or one whose targets are of another size than the pictures would be.
    """
    found = data.task(task)
    if found.kind in DENSE and data.size != (size, size):
        height, width = data.size
        raise DataError(
            f'"{name}" has a target for each pixel of {height}×{width}, and its pictures would be brought to '
            f"{size}×{size}. Bring the data set itself to {size}×{size}, or write another size below [dataset]."
        )
    splits = {split: _samples(getattr(data, split), task, name, size) for split in SPLITS}
    classes = {name: data.class_names[task]} if task in data.class_names else {}
    return Dataset(data.name, (replace(found, name=name),), **splits, class_names=classes)


def sets_of(study: StudySpecification, loaded: Mapping[str, Dataset]) -> list[Dataset]:
    """Return the data set of each task of a study, as networks of its tasks take it.

    Args:
        study: Of one data set, or of several.
        loaded: Holds it, or each of them by the name of its task.

    Raises:
        DataError: As ``set_view``.
    """
    if not isinstance(study.dataset, SeveralSpecification):
        (data,) = loaded.values()
        return [data] * len(study.tasks)
    size = study.dataset.size
    return [set_view(loaded[each.name], each.task, each.name, size) for each in study.dataset.sets]


def _samples(samples: Samples, task: str, name: str, size: int) -> Samples:
    pictures = samples.pictures
    if pictures.shape[2:] != (size, size):
        found = room_for((len(pictures), 3, size, size))
        for rows in pieces(len(pictures), _CHUNK):
            found[rows] = _resized(pictures[rows], size)
        pictures = found
    return Samples(pictures, {name: samples.targets[task]})


def _resized(pictures: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    last = torch.from_numpy(np.array(pictures)).permute(0, 2, 3, 1).to(torch.float32)
    whole = resized(last, (size, size)).round().clamp(0, 255).to(torch.uint8)
    found: NDArray[np.uint8] = whole.permute(0, 3, 1, 2).numpy()
    return found
