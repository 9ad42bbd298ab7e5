"""What a data set holds, found out without loading all of it: for the page that makes a study."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.data import planted, scenes
from core.data.catalogue import source_of
from core.data.dataset import SPLITS, Dataset
from core.data.fingerprint import check_unchanged
from core.data.gallery import gallery, gallery_of
from core.data.label_warnings import picture_warnings, source_warnings
from core.errors import DataError
from core.studies.dataset_specification import InFolder, PlantedSpecification, ScenesSpecification
from core.studies.several_specification import DatasetSpecification, SeveralSpecification
from core.studies.study import Gallery
from core.tasks import Task

# Specifications ask for at least so many pictures of a split.
_FEW = {"n_train": 8, "n_validation": 4}


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a data set holds.

    Args:
        title: Its title.
        tasks: Its possible tasks, with kinds and metrics.
        sizes: Split → number of pictures.
        labelled: Task name → split → number of pictures with a label.
        picture_size: Height and width in pixels.
        class_names: Task name → what its classes or labels are called, where known.
        examples: Some test pictures with their targets.
        warnings: A sentence for every doubt about the labels.
    """

    title: str
    tasks: tuple[Task, ...]
    sizes: Mapping[str, int]
    labelled: Mapping[str, Mapping[str, int]]
    picture_size: tuple[int, int]
    class_names: Mapping[str, tuple[str, ...]]
    examples: Gallery
    warnings: tuple[str, ...] = ()


def describe(specification: DatasetSpecification, *, n: int = 8) -> Preview:
    """Return tasks, sizes, labelled counts and ``n`` examples of a data set, decoding only these pictures.

    Everything that needs no decoding of pictures is checked: label files, arrays, missing
    files. Examples of ``scenes`` and ``planted`` are drawn for the preview and are none of the
    data set's own pictures.

    Args:
        specification: The data set; nothing is written anywhere.
        n: How many examples, at least one; fewer where the test split is smaller.

    Raises:
        DataError: The data are missing, unsound, outside the allowed folders, changed since the
            specification got its fingerprint, or a split has no label of a task.
    """
    if isinstance(specification, ScenesSpecification | PlantedSpecification):
        return _made_up(specification, n)
    if isinstance(specification, InFolder):
        check_unchanged(specification)
    if isinstance(specification, SeveralSpecification):
        raise DataError("Several data sets are no single one. Look at each of them.")
    source = source_of(specification)
    labelled = source.n_labelled()
    for task, counts in labelled.items():
        for split, count in counts.items():
            if count == 0:
                raise DataError(f'No picture of the {split} split has a label for "{task}". Label more.')
    samples = source.samples(source.rows["test"][: max(n, 1)])
    height, width = samples.pictures.shape[2:]
    return Preview(
        title=source.name,
        tasks=source.tasks,
        sizes={split: len(rows) for split, rows in source.rows.items()},
        labelled=labelled,
        picture_size=(height, width),
        class_names=source.class_names,
        examples=gallery_of(samples, source.tasks, source.class_names),
        warnings=(*source.remarks, *source_warnings(source), *picture_warnings(samples.pictures)),
    )


def _made_up(specification: ScenesSpecification | PlantedSpecification, n: int) -> Preview:
    few: Dataset
    changes = {**_FEW, "n_test": max(min(n, specification.n_test), 1)}
    if isinstance(specification, ScenesSpecification):
        few = scenes.make_scenes(specification.model_copy(update=changes))
    else:
        few = planted.make_planted(specification.model_copy(update=changes))
    sizes = {split: int(getattr(specification, f"n_{split}")) for split in SPLITS}
    return Preview(
        title=few.name,
        tasks=few.tasks,
        sizes=sizes,
        labelled={task.name: sizes for task in few.tasks},
        picture_size=few.size,
        class_names=few.class_names,
        examples=gallery(specification, n, data=few),
    )
