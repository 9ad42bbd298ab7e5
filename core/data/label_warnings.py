"""What labels and pictures leave to doubt though they can be trained on: sentences for whoever makes a study."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.catalogue import source_of
from core.data.dataset import SPLITS, Dataset
from core.data.missing import MISSING_CLASS, MISSING_PIXEL
from core.data.source import Source
from core.errors import CodeError, DataError
from core.studies.dataset_specification import (
    CelebaSpecification,
    FolderSpecification,
    PlantedSpecification,
    ScenesSpecification,
)
from core.studies.several_specification import DatasetSpecification, SeveralSpecification
from core.tasks import Kind, Task

Targets = Mapping[str, NDArray[np.generic]]

# How programs write that nothing is there.
_NOTHING: Final = frozenset({"nan", "na", "n/a", "none", "null", "#n/a", "<na>", "-", "–", "?"})
_BETWEEN: Final = re.compile(r"[,|/+]")
_DARK: Final = 24
_NAMED: Final = 5
_LONGEST: Final = 40
_CLASSES: Final = (Kind.CLASSIFICATION, Kind.ORDINAL, Kind.MULTI_LABEL, Kind.SEGMENTATION)


def dataset_warnings(dataset: Dataset, tasks: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for every doubt about the labels and the pictures of a data set.

    Args:
        dataset: The data set.
        tasks: Names of the tasks that are wanted of it.
    """
    targets = {split: getattr(dataset, split).targets for split in SPLITS}
    found = _warnings([dataset.task(name) for name in tasks], targets, dataset.class_names)
    return (*found, *picture_warnings(dataset.train.pictures))


def picture_warnings(pictures: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return a sentence where pictures are all but black or white throughout.

    Args:
        pictures: ``uint8 [n, 3, height, width]``.
    """
    darkest, brightest = int(pictures.min()), int(pictures.max())
    if brightest < _DARK:
        return (
            f"All images are nearly black (at most {brightest} of 255). Values of 10 or 12 bits in 16-bit files are "
            "read so: stretch them to the whole range.",
        )
    if darkest > 255 - _DARK:
        return (f"All images are nearly white (at least {darkest} of 255). Check how they were saved.",)
    return ()


def source_warnings(source: Source, tasks: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return a sentence for every doubt about the labels of a data set whose pictures are not read.

    Args:
        source: The data set.
        tasks: Names of the tasks that are wanted of it; all by default.
    """
    targets = {
        split: {name: found[rows] for name, found in source.labels.items()} for split, rows in source.rows.items()
    }
    wanted = [task for task in source.tasks if task.name in source.labels and (tasks is None or task.name in tasks)]
    return _warnings(wanted, targets, source.class_names)


def reading_remarks(specification: DatasetSpecification) -> tuple[str, ...]:
    """Return a sentence for everything that was taken for granted in reading a data set from its folder.

    Args:
        specification: Of the data; their labels are read again, no pictures.

    Raises:
        DataError: The labels can't be read.
    """
    if isinstance(specification, FolderSpecification | CelebaSpecification):
        return source_of(specification).remarks
    return ()


def known_warnings(specification: DatasetSpecification, tasks: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for every doubt about the labels of a study's data; none where they can't be read here.

    Only labels are read, no pictures. Data sets that are drawn leave no doubt.

    Args:
        specification: Of the data.
        tasks: Names of the study's tasks; of several data sets those of each set count.
    """
    if isinstance(specification, SeveralSpecification):
        each = (known_warnings(one.dataset, (one.task,)) for one in specification.sets)
        return tuple(dict.fromkeys(sentence for found in each for sentence in found))
    if isinstance(specification, ScenesSpecification | PlantedSpecification):
        return ()
    try:
        return source_warnings(source_of(specification), tasks)
    except (DataError, CodeError):
        return ()


def _warnings(
    tasks: Iterable[Task], targets: Mapping[str, Targets], class_names: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    found = []
    for task in tasks:
        if task.kind not in _CLASSES:
            continue
        names = class_names.get(task.name, ())
        counts = {split: class_counts(task, targets[split][task.name]) for split in SPLITS}
        unseen = [c for c in range(task.n_outputs) if not counts["train"][c] and any(counts[s][c] for s in SPLITS[1:])]
        if unseen:
            found.append(_unseen_sentence(task.name, unseen, names, counts))
        found += [
            f'Task "{task.name}" has a class called "{name}". Only an empty cell is a missing label: clear the cells '
            "if no label is meant."
            for name in names
            if name.casefold() in _NOTHING
        ]
        found += _spellings(task, names)
    return tuple(found)


def _spellings(task: Task, names: Sequence[str]) -> list[str]:
    """Return a sentence where classes may be one that is written in two ways, or several labels in one cell."""
    found, seen = [], dict[str, str]()
    for name in names:
        other = seen.setdefault(" ".join(unicodedata.normalize("NFKC", name).casefold().split()), name)
        if other is not name:
            found.append(
                f'Task "{task.name}" has the classes "{other[:_LONGEST]}" and "{name[:_LONGEST]}", which differ only '
                "in how they are written. Write them alike if they are one."
            )
            break
    known = {*names}
    for name in names if task.kind is Kind.CLASSIFICATION else ():
        parts = {part.strip() for part in _BETWEEN.split(name)}
        if (len(parts) > 1 and parts & known) or (name.startswith("[") and name.endswith("]")):
            found.append(
                f'Task "{task.name}" has a class called "{name[:_LONGEST]}". If it means several labels, part them '
                "with semicolons, such as a;b."
            )
            break
    return found


def class_counts(task: Task, target: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return how many samples have each class or label of a task, ``[n_outputs]``.

    Args:
        task: Classification, ordinal, multi-label or segmentation, where a class counts once per picture that shows it.
        target: As in ``Samples.targets``.
    """
    if task.kind is Kind.MULTI_LABEL:
        return np.asarray((target.astype(np.float32) > 0.5).sum(axis=0), dtype=np.int64)
    if task.kind.is_one_class:
        numbers = target.astype(np.int64)
        return np.bincount(numbers[numbers != MISSING_CLASS], minlength=task.n_outputs)[: task.n_outputs]
    counts = np.zeros(max(task.n_outputs, MISSING_PIXEL + 1), dtype=np.int64)
    for picture in target:
        counts[np.unique(picture).astype(np.int64)] += 1
    return counts[: task.n_outputs]


def _unseen_sentence(
    task: str, unseen: Sequence[int], names: Sequence[str], counts: Mapping[str, NDArray[np.int64]]
) -> str:
    shown = ", ".join(f'"{_name(c, names)}"' for c in unseen[:_NAMED])
    if len(unseen) > _NAMED:
        shown += f" and {len(unseen) - _NAMED} more"
    where = " and ".join(f"{n} {split}" for split in SPLITS[1:] if (n := sum(int(counts[split][c]) for c in unseen)))
    several = len(unseen) > 1
    them = "them" if several else "it"
    n = sum(int(counts[split][c]) for split in SPLITS[1:] for c in unseen)
    return (
        f'No training image shows {"classes" if several else "class"} {shown} of task "{task}", though {where} '
        f"{'image does' if n == 1 else 'images do'}: no network can learn {them}, and every "
        f"score counts {them} as wrong. Move some to training, or remove {them}."
    )


def _name(number: int, names: Sequence[str]) -> str:
    return names[number][:_LONGEST] if number < len(names) else str(number)
