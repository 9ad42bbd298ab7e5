"""NYUv2 as code for multi-task learning has it: a folder per split, a folder per task, an NPY file per sample."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.dense_set import PICTURE, DenseSet, drawn_rows, metres, numbered, paired, unit_normals
from core.data.folder import folder_of
from core.data.known_folder import resized
from core.data.npy_file import channels_last, read_npy
from core.errors import DataError
from core.studies.dataset_specification import DenseSpecification
from core.tasks import Kind, Task

TITLE: Final = "NYUv2"
# In the order of their numbers in the files.
CLASSES: Final = (
    "bed", "books", "ceiling", "chair", "floor", "furniture", "objects", "picture", "sofa", "table", "tv", "wall",
    "window",
)  # fmt: skip
_FOLDERS: Final = {PICTURE: "image", "segmentation": "label", "depth": "depth", "normals": "normal"}
_TASKS: Final = {
    "segmentation": Task.usual("segmentation", Kind.SEGMENTATION, len(CLASSES)),
    "depth": Task.usual("depth", Kind.DEPTH, 1),
    "normals": Task.usual("normals", Kind.NORMALS, 3),
}


def nyuv2_set(specification: DenseSpecification) -> DenseSet:
    """Return NYUv2's files: validation is drawn from the folder ``train``, and ``val`` is the test split.

    Each of ``train`` and ``val`` holds ``image`` (``[288, 384, 3]``, 0 to 1), ``label`` (0 to 12, −1 is missing),
    ``depth`` (metres, 0 is missing) and ``normal`` (0 is missing), with files ``0.npy``, ``1.npy`` and so on. Tasks
    whose folder is not there are left out.

    Raises:
        DataError: A folder or file is missing.

    Reference:
        Silberman et al. 2012; the form is that of Liu et al. 2019, End-To-End Multi-Task Learning with Attention.
    """
    root = folder_of(specification.path)
    present = [task for task, folder in _FOLDERS.items() if (root / "train" / folder).is_dir()]
    if PICTURE not in present or len(present) == 1:
        raise DataError(
            f"{TITLE} should have train/image and one of train/label, train/depth and train/normal in {root}. "
            "Let path be the folder that holds train and val."
        )
    files: dict[str, list[Path]] = {task: [] for task in present}
    counts = []
    for split in ("train", "val"):
        folders = {task: root / split / _FOLDERS[task] for task in present}
        if gone := next((folder for folder in folders.values() if not folder.is_dir()), None):
            raise DataError(f"{TITLE} should have the folder {gone}. Put it there.")
        names = sorted((path.stem for path in folders[PICTURE].glob("*.npy")), key=lambda stem: (len(stem), stem))
        found = paired(folders, names, lambda _, name: f"{name}.npy", TITLE)
        counts.append(len(names))
        for task in present:
            files[task] += found[task]
    tasks = tuple(_TASKS[task] for task in present[1:])
    return DenseSet(
        title=TITLE,
        tasks=tasks,
        files=files,
        rows=drawn_rows(specification, counts[0], None, counts[1], TITLE),
        maps={task.name: _MAPS[task.name] for task in tasks},
        pictures=_pictures,
        class_names={"segmentation": CLASSES} if "segmentation" in present else {},
    )


def _pictures(paths: Sequence[Path], size: int) -> NDArray[np.uint8]:
    return np.concatenate([_picture(path, size) for path in paths])


def _picture(path: Path, size: int) -> NDArray[np.uint8]:
    values = channels_last(read_npy(path), 3, path)
    if values.dtype.kind == "f":
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
            raise DataError(f"The picture {path.name} should have decimal numbers from 0 to 1, or bytes. Save it so.")
        values = np.rint(values * 255)
    elif values.dtype != np.uint8:
        raise DataError(f"The picture {path.name} is {values.dtype}; it should be float or uint8. Save it so.")
    return resized(values.astype(np.uint8).transpose(2, 0, 1)[None], size)


def _segmentation(path: Path) -> NDArray[np.uint8]:
    values = channels_last(read_npy(path), 1, path)[..., 0]
    if values.dtype.kind == "f" and not (values == np.floor(values)).all():
        raise DataError(f"The labels {path.name} should be whole numbers from −1 to {len(CLASSES) - 1}. Save them so.")
    if (wrong := values[(values != 255) & ((values < -1) | (values >= len(CLASSES)))]).size:
        raise DataError(
            f"The labels {path.name} hold {wrong.flat[0]:g}; classes are 0 to {len(CLASSES) - 1}, −1 is missing. "
            "Take the labels of 13 classes."
        )
    return numbered(values, range(len(CLASSES)))


_MAPS: Final[dict[str, Callable[[Path], NDArray[Any]]]] = {
    "segmentation": _segmentation,
    "depth": lambda path: metres(channels_last(read_npy(path), 1, path)[..., 0]),
    "normals": lambda path: unit_normals(channels_last(read_npy(path), 3, path)),
}
