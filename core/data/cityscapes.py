"""Cityscapes: street scenes with 19 classes, depth from disparity, and the way from each pixel to its instance."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.dense_set import PICTURE, DenseSet, drawn_rows, flat, metres, numbered
from core.data.folder import folder_of
from core.errors import DataError
from core.studies.dataset_specification import DenseSpecification
from core.tasks import Kind, Task

TITLE: Final = "Cityscapes"
# Number in the files ("id") of each class that is evaluated, in the order of its training number.
LABEL_IDS: Final = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)
CLASSES: Final = (
    "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain",
    "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
)  # fmt: skip
# The cameras' distance in metres times their focal length in pixels; every car of the data set has about these.
FOCAL_BASELINE: Final = 0.209313 * 2262.52
# From here on a number names an instance: 1000 times its class, plus a count.
_FIRST_INSTANCE: Final = 1000
_FOLDERS: Final = {PICTURE: "leftImg8bit", "segmentation": "gtFine", "depth": "disparity", "instances": "gtFine"}
_ENDS: Final = {
    PICTURE: "leftImg8bit",
    "segmentation": "gtFine_labelIds",
    "depth": "disparity",
    "instances": "gtFine_instanceIds",
}
_TASKS: Final = {
    "segmentation": Task.usual("segmentation", Kind.SEGMENTATION, len(CLASSES)),
    "depth": Task.usual("depth", Kind.DEPTH, 1),
    "instances": Task.usual("instances", Kind.REGRESSION_MAP, 2),
}


def cityscapes_set(specification: DenseSpecification) -> DenseSet:
    """Return Cityscapes' files: validation is drawn from ``train``, and ``val`` is the test split.

    The labels of ``test`` are not published. ``path`` holds ``leftImg8bit``, ``gtFine`` and ``disparity`` as they are
    unpacked; tasks whose folder is not there are left out. ``instances`` is the way from a pixel to the centre of its
    instance, across and down, as a share of the picture's sides; NaN outside of instances.

    Raises:
        DataError: A folder or file is missing.

    Reference:
        Cordts et al. 2016; Kendall et al. 2018, Multi-Task Learning Using Uncertainty, for instances.
    """
    root = folder_of(specification.path)
    present = [task for task, folder in _FOLDERS.items() if (root / folder / "train").is_dir()]
    if PICTURE not in present or len(present) == 1:
        raise DataError(
            f"{TITLE} should have leftImg8bit/train and gtFine/train or disparity/train in {root}. Let path be the "
            "folder that holds leftImg8bit."
        )
    files: dict[str, list[Path]] = {task: [] for task in present}
    counts = []
    for split in ("train", "val"):
        before = len(files[PICTURE])
        for picture in sorted((root / _FOLDERS[PICTURE] / split).glob("*/*_leftImg8bit.png")):
            stem, city = picture.name.removesuffix("_leftImg8bit.png"), picture.parent.name
            for task in present:
                path = root / _FOLDERS[task] / split / city / f"{stem}_{_ENDS[task]}.png"
                if not path.is_file():
                    raise DataError(
                        f"{TITLE} should have {path.relative_to(root)} in {root}, which is missing. Unpack all of "
                        f"{_FOLDERS[task]}."
                    )
                files[task].append(path)
        counts.append(len(files[PICTURE]) - before)
    tasks = tuple(_TASKS[task] for task in present[1:])
    return DenseSet(
        title=TITLE,
        tasks=tasks,
        files=files,
        rows=drawn_rows(specification, counts[0], None, counts[1], TITLE),
        maps={task.name: _MAPS[task.name] for task in tasks},
        class_names={"segmentation": CLASSES} if "segmentation" in present else {},
    )


def depth_of(disparity: NDArray[Any]) -> NDArray[np.float32]:
    """Return depth in metres, ``[1, height, width]``; NaN where there is none.

    Args:
        disparity: Numbers of the file: 0 is missing, p is a disparity of (p − 1) / 256 pixels.
    """
    pixels = (disparity.astype(np.float32) - 1) / 256
    with np.errstate(divide="ignore"):
        return metres(np.where(pixels > 0, np.float32(FOCAL_BASELINE) / pixels, np.nan))


def ways_to_centres(instances: NDArray[Any]) -> NDArray[np.float32]:
    """Return the way from each pixel to the centre of its instance, ``[2, height, width]``, across and down.

    Args:
        instances: Numbers of the file; those below 1000 are of no instance.
    """
    height, width = instances.shape
    names, own = np.unique(instances, return_inverse=True)
    own = own.reshape(-1)
    down, across = (axis.reshape(-1).astype(np.float64) for axis in np.indices((height, width)))
    counts = np.maximum(np.bincount(own, minlength=len(names)), 1)
    ways = [
        ((np.bincount(own, axis, minlength=len(names)) / counts)[own] - axis) / side
        for axis, side in ((across, width), (down, height))
    ]
    inside = (names >= _FIRST_INSTANCE)[own]
    found = np.where(inside, np.stack(ways), np.nan).reshape(2, height, width)
    return found.astype(np.float32)


_MAPS: Final[dict[str, Callable[[Path], NDArray[Any]]]] = {
    "segmentation": lambda path: numbered(flat(path), LABEL_IDS),
    "depth": lambda path: depth_of(flat(path, sixteen=True)),
    "instances": lambda path: ways_to_centres(flat(path, sixteen=True)),
}
